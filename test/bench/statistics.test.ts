import { describe, expect, it } from 'vitest';
import { pairedRatio } from './interleave.ts';
import { median, quantile } from './statistics.ts';

describe('statistics of a measurement', () => {
  it('has no quantile without samples', () => {
    expect(quantile([], 0.5)).toBeNaN();
    expect(median([])).toBeNaN();
  });

  it('takes the sample of the nearest rank, whatever their order', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(quantile(hundred, 0.99)).toBe(99);
    expect(quantile(hundred, 0.5)).toBe(50);
    expect(quantile([7], 0.99)).toBe(7);
  });

  it('takes the middle, or what is half way between the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 7])).toBe(6);
  });

  it('compares what was measured in the same turn, so that a slow turn does not count against one of them', () => {
    expect(pairedRatio([2, 20, 2], [1, 10, 1])).toBe(2);
  });
});
