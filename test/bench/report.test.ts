import { describe, expect, it } from 'vitest';
import { figure, resultText } from './report.ts';

const machine = {
  cpu: 'A CPU',
  cores: 2,
  memoryGb: 8,
  node: 'v24.21.0',
  platform: 'linux x64',
  commit: '1234567',
  load: 0.3,
  date: '2026-11-22',
};

describe('the table of a run', () => {
  it('says that a benchmark failed, and why', () => {
    const text = resultText(machine, [{ name: 'submit', seconds: 1, failure: 'The floor answered 500.\nmore' }]);
    expect(text).toContain('submit  FAILED');
    expect(text).toContain('The floor answered 500.');
    expect(text).not.toContain('more');
  });

  it('shows a figure with its floor, how many times worse it is, and whether the aim was met', () => {
    const row = {
      what: 'submit, p50',
      value: 12,
      unit: 'ms',
      floor: { is: 'the least', value: 10, ratio: 1.2 },
      aim: { is: 'within 1.5 times', met: true },
    } as const;
    const [about, , head, line] = resultText(machine, [{ name: 'submit', seconds: 1, rows: [row] }]).split('\n');
    expect(about).toBe('2026-11-22, 2 cores of A CPU, 8 GB, linux x64, Node 24.21.0, commit 1234567, load 0.3 at the start');
    expect(head).toBe('what         result   floor    ratio   the floor is  aim');
    expect(line).toBe('submit, p50  12.0 ms  10.0 ms  1.20 x  the least     within 1.5 times: met');
  });

  it.each([
    [1234.5, '1,235'],
    [12.34, '12.3'],
    [1.234, '1.23'],
    [0.01234, '0.012'],
    [Number.NaN, '?'],
  ])('writes %d as %s', (value, text) => {
    expect(figure(value)).toBe(text);
  });
});
