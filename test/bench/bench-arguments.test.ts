import { describe, expect, it } from 'vitest';
import { readBenchArguments, usageOf } from './bench-arguments.ts';

const names = ['decision', 'submit'];

describe('the arguments of npm run bench', () => {
  it.each([
    [['--only', 'nothing'], '--only takes one of decision, submit.'],
    [['--quick', '--full'], '--quick and --full exclude each other.'],
  ])('%j is a problem', (args, problem) => {
    expect(readBenchArguments(args, names)).toEqual({ kind: 'problem', problem });
  });

  it.each([[['--unknown']], [['decision']]])('%j is not understood', (args) => {
    expect(readBenchArguments(args, names).kind).toBe('problem');
  });

  it('runs everything unless it is told otherwise', () => {
    expect(readBenchArguments([], names)).toEqual({ kind: 'run', options: { only: undefined, json: false, size: 'usual' } });
  });

  it('takes one benchmark, JSON and a size', () => {
    const read = readBenchArguments(['--only', 'submit', '--json', '--quick'], names);
    expect(read).toEqual({ kind: 'run', options: { only: 'submit', json: true, size: 'quick' } });
  });

  it('names every benchmark in its help', () => {
    expect(usageOf([{ name: 'decision', about: 'the decision path' }])).toContain('decision     the decision path');
  });
});
