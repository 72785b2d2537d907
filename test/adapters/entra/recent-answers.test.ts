import { describe, expect, it } from 'vitest';
import { makeRecentAnswers } from '../../../shared/adapters/entra/recent-answers.ts';
import { type Instant, instant } from '../../../shared/domain/instant.ts';

function answers(capacity = 10) {
  const clock = { at: instant('2026-11-21T20:12:00.000Z'), now: (): Instant => clock.at };
  const asked: string[] = [];
  const recent = makeRecentAnswers<string>({ clock, maxAgeMs: 60_000, capacity });
  const ask = (key: string) =>
    recent(key, async () => {
      asked.push(key);
      return `answer to ${key}`;
    });
  return { ask, asked, clock };
}

describe('recent answers', () => {
  it('are shared by those who ask at the same time', async () => {
    const { ask, asked } = answers();
    expect(await Promise.all([ask('a'), ask('a')])).toEqual(['answer to a', 'answer to a']);
    expect(asked).toEqual(['a']);
  });

  it('are forgotten when the clock was set back', async () => {
    const { ask, asked, clock } = answers();
    await ask('a');
    clock.at = instant('2026-11-21T20:11:59.999Z');
    await ask('a');
    expect(asked).toEqual(['a', 'a']);
  });

  it('are bounded in number: the oldest goes first', async () => {
    const { ask, asked } = answers(2);
    for (const key of ['a', 'b', 'c', 'b', 'a']) await ask(key);
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });
});
