import { describe, expect, it } from 'vitest';
import { findPersonalRanges, type PersonalDataKind } from '../../../shared/domain/masking/personal-data.ts';

const found = (text: string, kind: PersonalDataKind) => findPersonalRanges(text, [kind]).map(({ start, end }) => text.slice(start, end));

describe('numbers whose check digit is wrong stay', () => {
  it.each([
    ['a card', 'card', '4111 1111 1111 1112'],
    ['a number of sixteen digits that no scheme gives out', 'card', '9999 9999 9999 9995'],
    ['part of a longer number', 'card', '41111111111111110000000'],
    ['a German tax id', 'nationalId', '86095742718'],
    ['a Spanish DNI', 'nationalId', '12345678A'],
    ['an Italian code', 'nationalId', 'RSSMRA85T10A562T'],
    ['a Polish number', 'nationalId', '44051401358'],
    ['a Belgian number', 'nationalId', '85.07.30-033.29'],
    ['a Swiss number', 'nationalId', '756.9217.0769.84'],
    ['a social security number that was never issued', 'nationalId', '000-12-3456'],
    ['a GUID', 'nationalId', '12345678-1234-1234-1234-123456789012'],
    ['an amount', 'phone', '+1 2'],
    ['an address without a domain', 'email', 'anna@contoso'],
  ] as const)('%s', (_, kind, text) => {
    expect(found(text, kind)).toEqual([]);
  });
});

describe('numbers whose check digit is right are found', () => {
  it.each([
    ['Visa', 'card', '4111 1111 1111 1111'],
    ['Mastercard', 'card', '5555-5555-5555-4444'],
    ['American Express', 'card', '3782 822463 10005'],
    ['a German tax id', 'nationalId', '86095742719'],
    ['a Spanish DNI', 'nationalId', '12345678Z'],
    ['a Spanish NIE', 'nationalId', 'X1234567L'],
    ['an Italian code', 'nationalId', 'RSSMRA85T10A562S'],
    ['a Polish number', 'nationalId', '44051401359'],
    ['a Belgian number', 'nationalId', '85.07.30-033.28'],
    ['a Swiss number', 'nationalId', '756.9217.0769.85'],
    ['a social security number', 'nationalId', '123-45-6789'],
    ['a telephone number', 'phone', '+49 30 901820'],
    ['an e-mail address', 'email', 'anna.b+c@mail.contoso.co.uk'],
  ] as const)('%s', (_, kind, text) => {
    expect(found(`is ${text} here`, kind)).toEqual([text]);
  });
});
