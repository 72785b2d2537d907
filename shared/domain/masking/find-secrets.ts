import { findAssignedSecrets } from './assigned-secrets.ts';
import { unescapedReadings } from './encoded-texts.ts';
import { findPersonalRanges, type PersonalDataKind } from './personal-data.ts';
import { mergeRanges, type Range } from './ranges.ts';
import { findBareKeys, findShapes } from './secret-patterns.ts';

/** No writer wraps deeper; what does is hidden as a whole rather than unwrapped for ever. */
export const maxWrapping = 6;

/**
 * Where secrets stand in a text as it is and with its escapes undone, in order, without overlap. `isProof` says that random bytes are expected there.
 * Linear in the length of the text.
 */
export function findSecrets(
  text: string,
  options: { readonly personalData: readonly PersonalDataKind[]; readonly isProof: boolean },
  depth = 0,
): readonly Range[] {
  if (!mayHoldSecret(text, options.personalData.length > 0)) return [];
  const ranges = [
    ...findShapes(text),
    ...findAssignedSecrets(text),
    ...(options.isProof ? [] : findBareKeys(text)),
    ...findPersonalRanges(text, options.personalData),
  ];
  for (const reading of unescapedReadings(text)) {
    if (depth >= maxWrapping) return [{ start: 0, end: text.length }];
    for (const range of findSecrets(reading.text, options, depth + 1)) ranges.push(reading.toSource(range));
  }
  return mergeRanges(ranges);
}

/** Most texts of a document are short and hold nothing of this, which one look tells. What is longer is read. */
export function mayHoldSecret(text: string, orPersonalData: boolean): boolean {
  return text.length >= quickLength || worthReading.test(text) || (orPersonalData && personal.test(text));
}

const quickLength = 200;
const worthReading =
  /pass|pwd|secret|token|key|sas|psk|otp|pin|cookie|cred|jwt|connstr|connection|signature|auth|phrase|pfx|pw|secure|private|webhook|curl|bearer|sig=|[?&]|^\s{0,20}[[{"]|%[0-9a-f]{2}|\\[u"'/]|:\/\/[^/\s]{0,200}@|:AA|SG\.|Q~|eyJ|[A-Za-z0-9+/_-]{20}/i;
const personal = /@|\+[1-9]|\d{4}[ -]?\d{4}|3\d{3}[ -]?\d{6}|\d-\d\d-|\d\.\d\d-|756|\d{7}[A-Z]|[A-Z]{6}\d/;
