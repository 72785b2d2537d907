import { type EncodedText, encodedTexts } from './encoded-texts.ts';
import { findSecrets, maxWrapping, mayHoldSecret } from './find-secrets.ts';
import { unpackingBudget } from './packed-bytes.ts';
import type { PersonalDataKind } from './personal-data.ts';
import type { Range } from './ranges.ts';
import { traitsOf } from './traits.ts';
import { unescapedReadings } from './unescaped-readings.ts';

/** Reads texts for one value, and each of them once, however often it is asked about: a value is masked several times over before nothing more is found. */
export class TextReader {
  readonly #personalData: readonly PersonalDataKind[];
  readonly #mayHold = new Map<string, boolean>();
  readonly #secrets = new Map<string, readonly Range[]>();
  readonly #secretsBesideProof = new Map<string, readonly Range[]>();
  readonly #encoded = new Map<string, readonly EncodedText[]>();
  readonly #budget = unpackingBudget();

  constructor(personalData: readonly PersonalDataKind[]) {
    this.#personalData = personalData;
  }

  mayHoldSecret(text: string): boolean {
    const known = this.#mayHold.get(text);
    if (known !== undefined) return known;
    const mayHold = mayHoldSecret(text, traitsOf(text), this.#personalData.length > 0);
    this.#mayHold.set(text, mayHold);
    return mayHold;
  }

  /** Where secrets stand in a text. `isProof` says that random bytes are expected there. */
  secretsIn(text: string, isProof: boolean): readonly Range[] {
    const read = isProof ? this.#secretsBesideProof : this.#secrets;
    const known = read.get(text);
    if (known !== undefined) return known;
    const ranges = findSecrets(text, { personalData: this.#personalData, isProof });
    read.set(text, ranges);
    return ranges;
  }

  /** Texts that stand in a text in an encoding, also where its escapes must be undone first. */
  encodedIn(text: string): readonly EncodedText[] {
    const known = this.#encoded.get(text);
    if (known !== undefined) return known;
    const encoded = this.#findEncoded(text, 0);
    this.#encoded.set(text, encoded);
    return encoded;
  }

  #findEncoded(text: string, depth: number): readonly EncodedText[] {
    const traits = traitsOf(text);
    const direct = encodedTexts(text, traits, this.#budget);
    const readings = depth >= maxWrapping ? [] : unescapedReadings(text, traits);
    if (readings.length === 0) return direct;
    const found = [...direct];
    for (const reading of readings) {
      for (const { range, text: inner } of this.#findEncoded(reading.text, depth + 1))
        found.push({ range: reading.toSource(range), text: inner });
    }
    return found;
  }
}
