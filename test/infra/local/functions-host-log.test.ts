import { describe, expect, it } from 'vitest';
import { describeFailure } from '../../../infra/local/functions-host/log.ts';

describe('the description of a failure', () => {
  it('has no message, also none that imitates frames', () => {
    const failure = describeFailure(new TypeError('secret-1\n    at secret-2 (secret-3:1:1)'));
    expect(JSON.stringify(failure)).not.toContain('secret');
    expect(failure).toMatchObject({
      name: 'TypeError',
      at: [expect.stringContaining('functions-host-log.test.ts'), ...failure.at.slice(1)],
    });
  });

  it.each(['other', ''])('has no frames where the message was changed afterwards to "%s"', (changed) => {
    const error = new Error('secret-1');
    error.stack = 'Error: secret-1\n    at secret-2 of other\n    at run (file:///a.js:1:1)';
    error.message = changed;
    expect(describeFailure(error)).toEqual({ name: 'Error', at: [] });
  });

  it('has frames where there is no message', () => {
    expect(describeFailure(new Error()).at[0]).toContain('functions-host-log.test.ts');
  });

  it('has the code and the causes', () => {
    const error = Object.assign(new Error('outer', { cause: new RangeError('inner') }), { code: 'conflict' });
    expect(describeFailure(error)).toMatchObject({ name: 'Error', code: 'conflict', cause: { name: 'RangeError' } });
  });

  it('ends where causes go in circles', () => {
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(describeFailure(error)).match(/"cause"/g)).toHaveLength(4);
  });

  it('says only the type of what is no error', () => {
    expect(describeFailure('secret')).toEqual({ name: 'string', at: [] });
  });
});
