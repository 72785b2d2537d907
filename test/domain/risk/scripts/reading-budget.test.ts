import { describe, expect, it } from 'vitest';
import { withReadingBudget } from '../../../../shared/domain/risk/scripts/reading-budget.ts';
import type { ScriptReader } from '../../../../shared/domain/risk/scripts/script-reader.ts';

/** Understands everything but what holds a question mark, and keeps what it was given. */
function recording(): ScriptReader & { readonly given: string[] } {
  const given: string[] = [];
  return {
    given,
    read: (language, text) => {
      given.push(text);
      return { language, steps: [], problems: text.includes('?') ? [{ line: 3, code: 'syntax' }] : [] };
    },
  };
}

const tooMuch = [{ line: 1, code: 'tooMuch' }];

describe('what is read for one request', () => {
  it('is no more than 524,288 characters', () => {
    const reader = recording();
    const bounded = withReadingBudget(reader);
    for (let part = 0; part < 4; part += 1) expect(bounded.read('bash', 'a'.repeat(131_072)).problems).toEqual([]);
    expect(bounded.read('bash', 'a').problems).toEqual(tooMuch);
    expect(reader.given).toHaveLength(4);
  });

  it('is no more than two long scripts that cannot be parsed', () => {
    const bounded = withReadingBudget(recording());
    expect(bounded.read('bash', '?'.repeat(100_000)).problems).toEqual([{ line: 3, code: 'syntax' }]);
    expect(bounded.read('powershell', '?'.repeat(100_000)).problems).toEqual([{ line: 3, code: 'syntax' }]);
    expect(bounded.read('bash', 'fine').problems).toEqual(tooMuch);
  });

  it('may hold many short ones that cannot be parsed', () => {
    const bounded = withReadingBudget(recording());
    const problems = Array.from({ length: 25 }, () => bounded.read('bash', `${'a'.repeat(300)}?`).problems[0]?.code);
    expect(new Set(problems)).toEqual(new Set(['syntax']));
  });

  it('is counted anew for each request', () => {
    const reader = recording();
    expect(withReadingBudget(reader).read('bash', '?'.repeat(20_000)).problems[0]?.code).toBe('syntax');
    expect(withReadingBudget(reader).read('bash', '?'.repeat(20_000)).problems[0]?.code).toBe('syntax');
  });
});
