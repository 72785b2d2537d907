import { describe, expect, it } from 'vitest';
import { asciiJson, checkSizes, longestColumn, textColumns, textFromColumns } from '../../../shared/adapters/table-storage/table-row.ts';
import { StoreError } from '../../../shared/ports/operation-store.ts';

const key = { partitionKey: 'p', rowKey: 'r' };

describe('text over several columns', () => {
  it.each([
    ['a column that is missing', { textColumns: 2, text000: 'a' }],
    ['a number of columns that is missing', { text000: 'a' }],
    ['a number of columns that is no number', { textColumns: '1', text000: 'a' }],
    ['half a column', { textColumns: 0.5 }],
    ['a negative number of columns', { textColumns: -1 }],
    ['more columns than a row has', { textColumns: 2 ** 31 }],
    ['a column that is no text', { textColumns: 1, text000: 5 }],
  ])('does not take %s', (_, row) => {
    expect(() => textFromColumns('text', row)).toThrow(StoreError);
  });

  it.each([
    [0, 0],
    [1, 1],
    [30_000, 1],
    [30_001, 2],
    [60_000, 2],
    [60_001, 3],
  ])('lays out %i units over %i columns and gives them back', (length, columns) => {
    const text = 'x'.repeat(length);
    const row = textColumns('text', text);
    expect([row['textColumns'], textFromColumns('text', row) === text]).toEqual([columns, true]);
  });

  it('has no column over the limit, wherever a surrogate pair lies', () => {
    const text = `${'x'.repeat(29_999)}😀${'x'.repeat(29_999)}`;
    const columns = Object.values(textColumns('text', text)).filter((value) => typeof value === 'string');
    expect([columns.map((column) => column.length), columns.join('') === text]).toEqual([[30_000, 30_000], true]);
  });

  it('keeps to what a property holds', () => {
    expect(longestColumn).toBeLessThanOrEqual(32_768);
  });
});

describe('JSON in ASCII', () => {
  it.each(['', '{"a":"é"}', '"😀"', '"\u2028\u2029\u007f"'])('is the same value: %s', (text) => {
    const ascii = asciiJson(text);
    expect(/^[\x20-\x7e]*$/.test(ascii)).toBe(true);
    if (text !== '') expect(JSON.parse(ascii)).toEqual(JSON.parse(text));
  });
});

describe('the limits of Table Storage', () => {
  function codeOf(rows: Parameters<typeof checkSizes>[0]): string {
    try {
      checkSizes(rows);
      return 'taken';
    } catch (error) {
      return error instanceof StoreError ? error.code : 'another error';
    }
  }

  it('refuses a row over 1 MiB, in UTF-16', () => {
    expect(codeOf([{ ...key, ...textColumns('text', 'x'.repeat(524_288)) }])).toBe('tooLarge');
  });

  it('refuses a row of more than 252 columns', () => {
    expect(codeOf([{ ...key, ...Object.fromEntries(Array.from({ length: 253 }, (_, index) => [`c${index}`, 1])) }])).toBe('tooLarge');
  });

  it('refuses a transaction of more than 100 rows', () => {
    expect(codeOf(Array.from({ length: 101 }, () => key))).toBe('tooLarge');
  });

  it('refuses a transaction over 4 MiB', () => {
    const row = { ...key, ...textColumns('text', 'x'.repeat(500_000)) };
    expect([codeOf(Array.from({ length: 8 }, () => row)), codeOf(Array.from({ length: 9 }, () => row))]).toEqual(['taken', 'tooLarge']);
  });
});
