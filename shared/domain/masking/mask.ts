import type { JsonValue } from '../json.ts';
import type { FoundSecrets, Masked, MaskedCall } from './masked.ts';
import { Masking } from './masking.ts';
import type { PersonalDataKind } from './personal-data.ts';
import { numbersIn } from './placeholders.ts';
import { TextReader } from './text-reader.ts';
import { WorkBudget } from './work-budget.ts';

export type MaskOptions = {
  /** Absent for what stands outside a call, as a justification. */
  readonly call?: MaskedCall;
  readonly personalData?: readonly PersonalDataKind[];
  /** Which texts a further detector wants to look at; absent, none does. Linear in the text. */
  readonly isCandidate?: (text: string) => boolean;
};

/** `texts` are the candidates that were not handed out before; `isSettled` says that the same step again would change nothing. */
export type MaskingStep = { readonly masked: Masked; readonly texts: readonly string[]; readonly isSettled: boolean };

/**
 * Replaces every value that is, or may be, a secret. Structure stays; names do unless they hold a secret themselves; equal secrets get equal
 * placeholders within one result, and masking again changes nothing. Pure; linear in the size of the value. What holds no secret is not copied.
 */
export function maskSecrets(value: JsonValue, options: MaskOptions = {}): Masked {
  const step = prepareMasking(value, options);
  const first = step(nothingFound);
  return first.isSettled ? first.masked : step(nothingFound).masked;
}

/**
 * The same in steps, for detectors that read texts: each step takes what they found so far, and hands out further candidates. Those that nobody will look
 * at, since there are too many or since it is the last step, are hidden.
 */
export function prepareMasking(value: JsonValue, options: MaskOptions = {}): (found: FoundSecrets, isLast?: boolean) => MaskingStep {
  const { call, personalData = [], isCandidate = () => false } = options;
  const budget = new WorkBudget();
  const reader = new TextReader(personalData, budget);
  const work = { budget, reader, isCandidate, taken: numbersIn(value), met: new Map<string, boolean>(), known: new Set<string>() };
  let left = maxCandidates;
  return (found, isLast = false) => {
    // Once too much was read, nothing new is: what was found goes, and no further step would change that.
    const isFinal = isLast || budget.isSpent;
    const masking = new Masking(work, found, isFinal ? 0 : left);
    const masked = masking.run(value, call);
    left -= masking.candidates.length;
    // A secret that was told by its place is one wherever else it stands.
    const repeats = masking.repeats();
    for (const text of repeats) work.known.add(text);
    return { masked, texts: masking.candidates, isSettled: isFinal || repeats.length === 0 };
  };
}

/** How many texts of one value may begin as a secret of anybody's. */
const maxCandidates = 2_000;

const nothingFound: FoundSecrets = new Map();
