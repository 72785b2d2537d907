import { type EncodedText, encodedTexts } from './encoded-texts.ts';
import { findSecrets, maxWrapping, mayHoldSecret } from './find-secrets.ts';
import { unpackingBudget } from './packed-bytes.ts';
import type { PersonalDataKind } from './personal-data.ts';
import type { Range } from './ranges.ts';
import { traitsOf } from './traits.ts';
import { unescapedReadings } from './unescaped-readings.ts';
import type { WorkBudget } from './work-budget.ts';

/** Reads texts for one value, and long ones once, however often it is asked about them: a value is masked several times over before nothing more is found. */
export class TextReader {
  readonly #personalData: readonly PersonalDataKind[];
  readonly #work: WorkBudget;
  readonly #secrets = new Map<string, readonly Range[]>();
  readonly #secretsBesideProof = new Map<string, readonly Range[]>();
  readonly #encoded = new Map<string, readonly EncodedText[]>();
  readonly #budget = unpackingBudget();

  constructor(personalData: readonly PersonalDataKind[], work: WorkBudget) {
    this.#personalData = personalData;
    this.#work = work;
  }

  mayHoldSecret(text: string): boolean {
    return mayHoldSecret(text, traitsOf(text), this.#personalData.length > 0);
  }

  /** Where secrets stand in a text. `isProof` says that random bytes are expected there. */
  secretsIn(text: string, isProof: boolean): readonly Range[] {
    return remembered(isProof ? this.#secretsBesideProof : this.#secrets, text, () =>
      findSecrets(text, { personalData: this.#personalData, isProof }, this.#work),
    );
  }

  /** Texts that stand in a text in an encoding, also where its escapes must be undone first. */
  encodedIn(text: string): readonly EncodedText[] {
    return remembered(this.#encoded, text, () => this.#findEncoded(text, 0, new Set()));
  }

  #findEncoded(text: string, depth: number, seen: Set<string>): readonly EncodedText[] {
    const traits = traitsOf(text);
    const direct = encodedTexts(text, traits, this.#budget, this.#work);
    const readings = depth >= maxWrapping ? [] : unescapedReadings(text, traits);
    if (readings.length === 0) return direct;
    const found = [...direct];
    for (const reading of readings) {
      if (seen.has(reading.text)) continue;
      seen.add(reading.text);
      for (const { range, text: inner } of this.#findEncoded(reading.text, depth + 1, seen))
        found.push({ range: reading.toSource(range), text: inner });
    }
    return found;
  }
}

/** Remembering a short text costs as much as reading it again. */
const shortestRemembered = 500;

function remembered<Result>(known: Map<string, Result>, text: string, read: () => Result): Result {
  if (text.length < shortestRemembered) return read();
  const before = known.get(text);
  if (before !== undefined) return before;
  const result = read();
  known.set(text, result);
  return result;
}
