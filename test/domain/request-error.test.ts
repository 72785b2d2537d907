import { expect, it } from 'vitest';
import { RequestError, requestErrorStatus } from '../../shared/domain/request-error.ts';

it('every refusal has a status that a client may rely on', () => {
  expect(
    Object.entries(requestErrorStatus).filter(([, status]) => ![400, 401, 403, 404, 409, 413, 415, 429, 503].includes(status)),
  ).toEqual([]);
});

it('a refusal names the field at fault and when to come again, where there is one', () => {
  expect(new RequestError('TooManyRequests', 'Slow down.', { target: 'digest', retryAfterSeconds: 5 })).toMatchObject({
    code: 'TooManyRequests',
    target: 'digest',
    retryAfterSeconds: 5,
  });
  expect(new RequestError('OperationNotFound', 'There is nothing.')).toMatchObject({ target: undefined, retryAfterSeconds: undefined });
});

it('a refusal keeps its cause for the log and out of its message', () => {
  const cause = new Error('table 10.0.0.4 refused');
  const error = new RequestError('Unavailable', 'Try again.', { cause });
  expect(error.cause).toBe(cause);
  expect(error.message).toBe('Try again.');
});
