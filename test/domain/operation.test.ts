import { describe, expect, it } from 'vitest';
import { isOperationId, isTerminal, nextStep } from '../../shared/domain/operation.ts';
import { operations } from './sample-operation.ts';

describe('what is no operation id', () => {
  it.each([
    ['another prefix', 'ev_aaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['no prefix', 'aaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['upper case', 'op_AAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['digits that base32 has not', 'op_aaaaaaaaaaaaaaaaaaaaaaaa01'],
    ['a character too few', 'op_aaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['a character too many', 'op_aaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['a path', 'op_aaaaaaaaaaaa/aaaaaaaaaaaaa'],
    ['a quotation mark of a query', "op_aaaaaaaaaaaaaaaaaaaaaaaaa'"],
    ['a line end after it', 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa\n'],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(isOperationId(text)).toBe(false);
  });
});

it('an operation id is op_ and 26 characters of base32', () => {
  expect(isOperationId('op_abcdefghijklmnopqrstuvwx27')).toBe(true);
});

it('what has ended is terminal, and nothing else is', () => {
  const terminal = Object.values(operations).filter(isTerminal);
  expect(new Set(terminal.map(({ status }) => status))).toEqual(
    new Set(['succeeded', 'failed', 'outcomeUnknown', 'denied', 'rejected', 'expired', 'cancelled']),
  );
});

describe('an agent is told what to do next', () => {
  it.each([
    ['awaitingApproval', 'wait'],
    ['approved', 'wait'],
    ['executing', 'wait'],
    ['succeeded', 'done'],
    ['failed', 'done'],
    ['outcomeUnknown', 'stop'],
    ['denied', 'stop'],
    ['rejected', 'stop'],
    ['cancelled', 'stop'],
    ['expired', 'resubmit'],
  ] as const)('%s: %s', (status, next) => {
    expect(nextStep(status)).toBe(next);
  });
});
