import { findAssignedSecrets } from './assigned-secrets.ts';
import { findCommandSecrets } from './command-secrets.ts';
import { mayHoldSpacedBytes } from './encoded-texts.ts';
import { findPersonalRanges, type PersonalDataKind } from './personal-data.ts';
import { everything, mergeRanges, type Range } from './ranges.ts';
import { findBareKeys, findShapes } from './secret-patterns.ts';
import { traits, traitsOf } from './traits.ts';
import { unescapedReadings } from './unescaped-readings.ts';
import type { WorkBudget } from './work-budget.ts';

/** No writer wraps deeper; what does is hidden as a whole rather than unwrapped for ever. */
export const maxWrapping = 6;

/**
 * Where secrets stand in a text as it is and with its escapes undone, in order, without overlap. `isProof` says that random bytes are expected there.
 * Linear in the length of the text.
 */
export function findSecrets(
  text: string,
  options: { readonly personalData: readonly PersonalDataKind[]; readonly isProof: boolean },
  work: WorkBudget,
  seen: Set<string> = new Set(),
  depth = 0,
): readonly Range[] {
  const found = traitsOf(text);
  if (!mayHoldSecret(text, found, options.personalData.length > 0)) return none;
  if (!work.spend(perReading + text.length)) return everything(text);
  const ranges = [
    ...findShapes(text, work),
    ...findAssignedSecrets(text, found, work),
    ...((found & commandLine) === commandLine ? findCommandSecrets(text, work) : none),
    ...(options.isProof || (found & bareKey) !== bareKey ? none : findBareKeys(text)),
    ...((found & (traits.at | traits.manyDigits)) === 0 ? none : findPersonalRanges(text, options.personalData)),
  ];
  for (const reading of unescapedReadings(text, found)) {
    if (depth >= maxWrapping || work.isSpent) return everything(text);
    // What is undone in another order mostly reads the same.
    if (seen.has(reading.text)) continue;
    seen.add(reading.text);
    for (const range of findSecrets(reading.text, options, work, seen, depth + 1)) ranges.push(reading.toSource(range));
  }
  if (work.isSpent) return everything(text);
  return ranges.length === 0 ? none : mergeRanges(ranges);
}

/** What a text costs beside its characters. */
const perReading = 250;

const none: readonly Range[] = [];
const commandLine = traits.letter | traits.space;
const bareKey = traits.equals | traits.longRun;

/** Most texts of a document are short and hold nothing of this, which one look tells. What is longer is read. `found` are the traits of the text. */
export function mayHoldSecret(text: string, found: number, orPersonalData: boolean): boolean {
  if (text.length >= quickLength || (found & traits.longRun) !== 0) return true;
  if (((found & ofSecrets) !== 0 || /^\s{0,20}[[{]/.test(text)) && worthReading.test(text)) return true;
  if (mayHoldSpacedBytes(text, found)) return true;
  return orPersonalData && (found & (traits.at | traits.manyDigits)) !== 0 && personal.test(text);
}

const quickLength = 200;
/** Every alternative of the next pattern has one of these, but for the beginning of a list or an object. */
const ofSecrets =
  traits.letter | traits.outsideAscii | traits.query | traits.ampersand | traits.quote | traits.percent | traits.backslash | traits.at;
const worthReading =
  /pass|pwd|secret|token|key|sas|psk|otp|pin|cookie|cred|jwt|connstr|connection|signature|auth|phrase|pfx|pw|secure|private|webhook|curl|bearer|sig=|[?&]|^\s{0,20}[[{"]|%[0-9a-f]{2}|\\[ux"'/]|:\/\/[^/\s]{0,200}@|:AA|SG\.|Q~|eyJ|[\u0080-\uffff]|kennwort|geheim|mdp|contras|senha|wachtw|haslo|heslo|parola|losen|salas|adgang|jelsz|lozin|sifre|identified|\s[-/][a-z]|net1? us|:\d{2,5}:|jdbc:|vault |log ?in|sign ?in|user/i;
const personal = /@|\+[1-9]|\d{4}[ -]?\d{4}|3\d{3}[ -]?\d{6}|\d-\d\d-|\d\.\d\d-|756|\d{7}[A-Z]|[A-Z]{6}\d/;
