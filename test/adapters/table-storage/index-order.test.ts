import { describe, expect, it } from 'vitest';
import {
  invertedDay,
  invertedDayOfOrderKey,
  invertedTime,
  isOrderKey,
  orderKey,
} from '../../../shared/adapters/table-storage/index-order.ts';
import { mergeOrdered } from '../../../shared/adapters/table-storage/merge-ordered.ts';
import { instant } from '../../../shared/domain/instant.ts';

const id = 'op_abcdefghijklmnopqrstuvwxyz';
const midnight = instant('2026-11-21T00:00:00.000Z');
const justBefore = instant('2026-11-20T23:59:59.999Z');

describe('the order of a listing', () => {
  it.each(['', id, `1${id}`, `${invertedTime(midnight)}-op_`, `x${orderKey(midnight, id)}`, `${orderKey(midnight, id)}\n`])(
    'knows that "%s" is no place in it',
    (text) => {
      expect(isOrderKey(text)).toBe(false);
    },
  );

  it('counts back from the end of the year 9999', () => {
    expect([invertedTime(instant('9999-12-31T23:59:59.999Z')), invertedTime(midnight)]).toEqual(['000000000000000', '251607081599999']);
  });

  it('puts the later millisecond and the later day first', () => {
    expect([invertedTime(midnight) < invertedTime(justBefore), invertedDay(midnight) < invertedDay(justBefore)]).toEqual([true, true]);
  });

  it.each([midnight, justBefore])('finds the day of a place: %s', (at) => {
    expect([isOrderKey(orderKey(at, id)), invertedDayOfOrderKey(orderKey(at, id))]).toEqual([true, invertedDay(at)]);
  });
});

async function* textsOf(read: string[], ...texts: string[]): AsyncGenerator<string> {
  for (const text of texts) {
    read.push(text);
    yield text;
  }
}

async function collected(texts: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const text of texts) all.push(text);
  return all;
}

describe('merging ordered sequences', () => {
  it('merges nothing into nothing', async () => {
    expect(await collected(mergeOrdered<string>([textsOf([])], (text) => text))).toEqual([]);
  });

  it('keeps the order over sequences of different lengths', async () => {
    const sources = [textsOf([], 'a', 'd', 'e'), textsOf([], 'b'), textsOf([]), textsOf([], 'c', 'f')];
    expect(await collected(mergeOrdered(sources, (text) => text))).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('reads no further ahead than one item of each', async () => {
    const read: string[] = [];
    for await (const first of mergeOrdered([textsOf(read, 'a', 'c', 'e'), textsOf(read, 'b', 'd')], (text) => text)) {
      expect(first).toBe('a');
      break;
    }
    expect(read).toEqual(['a', 'b']);
  });
});
