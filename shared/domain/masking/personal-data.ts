import type { Range } from './secret-patterns.ts';

export const personalDataKinds = ['email', 'phone', 'card', 'nationalId'] as const;
export type PersonalDataKind = (typeof personalDataKinds)[number];

type Finder = { readonly pattern: RegExp; readonly holds: (digits: string) => boolean };

/** What is searched for each kind; numbers must also satisfy their checksum, so that ids and amounts stay. */
const finders: Readonly<Record<PersonalDataKind, readonly Finder[]>> = {
  email: [{ pattern: /(?<![\w.+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}(?![\w@])/g, holds: () => true }],
  // E.164 with its plus sign; a bare run of digits is not taken for a number to call.
  phone: [{ pattern: /(?<![\w+])\+[1-9]\d{0,2}[ .-]?(?:\(\d{1,5}\)[ .-]?)?\d{2,5}(?:[ .-]?\d{2,5}){1,4}(?!\w)/g, holds: (digits) => digits.length >= 8 && digits.length <= 15 }],
  card: [{ pattern: /(?<![\d.-])(?:\d[ -]?){12,18}\d(?![\d.-])/g, holds: (digits) => /^[2-6]/.test(digits) && isLuhn(digits) }],
  nationalId: [
    // United States: SSN, groups that were never issued excluded. Source: ssa.gov/employer/randomization.html.
    { pattern: /(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])/g, holds: () => true },
    // Germany: tax identification number, ISO 7064 mod 11,10.
    { pattern: /(?<![\w.-])[1-9]\d{10}(?![\w.-])/g, holds: isGermanTaxId },
    // Spain: DNI, letter by modulo 23.
    { pattern: /(?<![\w-])\d{8}[A-HJ-NP-TV-Z](?![\w-])/g, holds: () => true },
  ],
};

/** Where personal data of the wanted kinds stands in a text. */
export function findPersonalRanges(text: string, kinds: readonly PersonalDataKind[]): readonly Range[] {
  return kinds.flatMap((kind) =>
    finders[kind].flatMap(({ pattern, holds }) =>
      [...text.matchAll(pattern)]
        .filter((match) => holds(match[0].replaceAll(/\D/g, '')) && (kind !== 'nationalId' || isSpanishIdOrOther(match[0])))
        .map((match) => ({ start: match.index, end: match.index + match[0].length })),
    ),
  );
}

/** Source: ISO/IEC 7812-1 annex B. */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Source: Bundeszentralamt für Steuern, check digit of the identification number: one digit twice or thrice, none missing but one or two; ISO 7064 mod 11,10. */
export function isGermanTaxId(digits: string): boolean {
  if (digits.length !== 11) return false;
  const distinct = new Set(digits.slice(0, 10)).size;
  if (distinct !== 9 && distinct !== 8) return false;
  let product = 10;
  for (const character of digits.slice(0, 10)) {
    const sum = (Number(character) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === Number(digits[10]);
}

const spanishLetters = 'TRWAGMYFPDXBNJZSQVHLCKE';

function isSpanishIdOrOther(text: string): boolean {
  if (!/^\d{8}[A-Z]$/.test(text)) return true;
  return spanishLetters[Number(text.slice(0, 8)) % 23] === text[8];
}
