import {
  isBelgianNumber,
  isGermanTaxId,
  isItalianTaxCode,
  isLuhn,
  isPesel,
  isSpanishNumber,
  isSwissAhvNumber,
} from './national-numbers.ts';
import { everything, matchesOf, maxFindings, type Range } from './ranges.ts';

export const personalDataKinds = ['email', 'phone', 'card', 'nationalId'] as const;
export type PersonalDataKind = (typeof personalDataKinds)[number];

type Finder = { readonly hint: RegExp; readonly pattern: RegExp; readonly holds: (text: string) => boolean };

const always = () => true;
const digitsOf = (text: string) => text.replaceAll(/\D/g, '');

/** What is searched for each kind; numbers must also satisfy their checksum, so that ids and amounts stay. Every pattern begins at the start of its run. */
const finders: Readonly<Record<PersonalDataKind, readonly Finder[]>> = {
  email: [
    {
      hint: /@/,
      pattern: /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}(?![\w@])/g,
      holds: always,
    },
  ],
  // E.164 with its plus sign; a bare run of digits is not taken for a number to call.
  phone: [
    {
      hint: /\+[1-9]/,
      pattern: /(?<![\w+])\+[1-9]\d{0,2}[ .-]?(?:\(\d{1,5}\)[ .-]?)?\d{2,5}(?:[ .-]?\d{2,5}){1,4}(?!\w)/g,
      holds: (text) => digitsOf(text).length >= 8 && digitsOf(text).length <= 15,
    },
  ],
  card: [
    {
      hint: /\d{4}[ -]?\d{4}[ -]?\d{4}|3\d{3}[ -]?\d{6}/,
      pattern: /(?<![\w.-])\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\w.-])|(?<![\w.-])3\d{3}[ -]?\d{6}[ -]?\d{4,5}(?![\w.-])/g,
      holds: isCardNumber,
    },
  ],
  nationalId: [
    // United States: groups that were never issued excluded; it has no checksum. Source: ssa.gov/employer/randomization.html.
    { hint: /\d-\d\d-/, pattern: /(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])/g, holds: always },
    {
      hint: /\d{11}/,
      pattern: /(?<![\w.-])\d{11}(?![\w.-])/g,
      holds: (text) => isGermanTaxId(text) || isPesel(text) || isBelgianNumber(text),
    },
    {
      hint: /\d\.\d\d-/,
      pattern: /(?<![\w.-])\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}(?![\w.-])/g,
      holds: (text) => isBelgianNumber(digitsOf(text)),
    },
    { hint: /756/, pattern: /(?<![\w.-])756\.?\d{4}\.?\d{4}\.?\d{2}(?![\w.-])/g, holds: (text) => isSwissAhvNumber(digitsOf(text)) },
    { hint: /(?<!\d)\d{7,8}[A-Z]/, pattern: /(?<![\w-])[XYZ\d]\d{7}[A-HJ-NP-TV-Z](?![\w-])/g, holds: isSpanishNumber },
    {
      hint: /(?<![A-Z])[A-Z]{6}\d\d/,
      pattern: /(?<![\w-])[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?![\w-])/g,
      holds: isItalianTaxCode,
    },
  ],
};

/** Where personal data of the wanted kinds stands in a text. */
export function findPersonalRanges(text: string, kinds: readonly PersonalDataKind[]): readonly Range[] {
  const ranges: Range[] = [];
  for (const kind of kinds) {
    for (const { hint, pattern, holds } of finders[kind]) {
      if (!hint.test(text)) continue;
      for (const match of matchesOf(pattern, text)) {
        if (ranges.length > maxFindings) return everything(text);
        if (holds(match[0])) ranges.push({ start: match.index, end: match.index + match[0].length });
      }
    }
  }
  return ranges;
}

/** First digits and lengths of the schemes. Source: ISO/IEC 7812 and the schemes' published ranges. */
const schemes =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|62\d{14,17})$/;

function isCardNumber(text: string): boolean {
  const digits = digitsOf(text);
  return schemes.test(digits) && isLuhn(digits);
}
