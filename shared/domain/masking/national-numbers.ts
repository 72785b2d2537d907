/** Check digits of numbers that name a person. Each takes the number without separators. */

/** Source: ISO/IEC 7812-1 annex B. */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digitAt(digits, digits.length - 1 - index);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function digitAt(digits: string, index: number): number {
  return digits.charCodeAt(index) - 48;
}

/** Germany's tax identification number: one digit of ten twice or thrice, and ISO 7064 mod 11,10. Source: Bundeszentralamt für Steuern. */
export function isGermanTaxId(digits: string): boolean {
  if (!/^[1-9]\d{10}$/.test(digits)) return false;
  let product = 10;
  for (let index = 0; index < 10; index += 1) {
    const sum = (digitAt(digits, index) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  if ((11 - product) % 10 !== digitAt(digits, 10)) return false;
  const distinct = new Set(digits.slice(0, 10)).size;
  return distinct === 9 || distinct === 8;
}

const peselWeights = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3];

/** Poland's PESEL: a date of birth, whose month tells the century, and a weighted sum. Source: gov.pl, numer PESEL. */
export function isPesel(digits: string): boolean {
  if (!/^\d{11}$/.test(digits)) return false;
  const sum = peselWeights.reduce((total, weight, index) => total + weight * digitAt(digits, index), 0);
  if ((10 - (sum % 10)) % 10 !== digitAt(digits, 10)) return false;
  const month = Number(digits.slice(2, 4)) % 20;
  const day = Number(digits.slice(4, 6));
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/** Belgium's national register number: a date of birth, and 97 less the remainder, with a 2 before it for those born from 2000 on. Source: IBZ, Rijksregister. */
export function isBelgianNumber(digits: string): boolean {
  if (!/^\d{11}$/.test(digits)) return false;
  const check = Number(digits.slice(9));
  const isCheck = (before: string) => 97 - (Number(before) % 97) === check;
  if (!isCheck(digits.slice(0, 9)) && !isCheck(`2${digits.slice(0, 9)}`)) return false;
  const month = Number(digits.slice(2, 4));
  const day = Number(digits.slice(4, 6));
  return month <= 12 && day >= 1 && day <= 31;
}

/** Switzerland's AHV number: an EAN-13. Source: zas.admin.ch. */
export function isSwissAhvNumber(digits: string): boolean {
  if (!/^756\d{10}$/.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < 12; index += 1) sum += digitAt(digits, index) * (index % 2 === 0 ? 1 : 3);
  return (10 - (sum % 10)) % 10 === digitAt(digits, 12);
}

const spanishLetters = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** Spain's DNI and NIE: a letter by the remainder of 23; X, Y and Z stand for 0, 1 and 2. Source: interior.gob.es. */
export function isSpanishNumber(text: string): boolean {
  if (!/^[XYZ\d]\d{7}[A-Z]$/.test(text)) return false;
  const first = 'XYZ'.indexOf(text.charAt(0));
  const number = Number(`${first < 0 ? text.charAt(0) : first}${text.slice(1, 8)}`);
  return spanishLetters[number % 23] === text.charAt(8);
}

const italianOdd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** Italy's codice fiscale: a letter by the sum of the others, those in odd places by a table. Source: D.M. 12/03/1974. */
export function isItalianTaxCode(text: string): boolean {
  if (!/^[A-Z0-9]{15}[A-Z]$/.test(text)) return false;
  let sum = 0;
  for (let index = 0; index < 15; index += 1) {
    const code = text.charCodeAt(index);
    const value = code >= 65 ? code - 65 : code - 48;
    sum += index % 2 === 0 ? (italianOdd[value] ?? 0) : value;
  }
  return String.fromCharCode(65 + (sum % 26)) === text.charAt(15);
}
