import { describe, expect, it } from 'vitest';
import { encodeQueueMessage, parseQueueMessage } from '../../shared/contracts/queue-message.ts';
import { digestOf } from '../../shared/domain/digest.ts';
import { instant } from '../../shared/domain/instant.ts';

const operationId = 'op_abcdefghijklmnopqrstuvwxyz';
const commit = digestOf('commit');
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const good = { version: 1, operationId, purpose: 'execute', sequence: 4, commit, attempt: 0 };

describe('parsing a message body', () => {
  it.each([
    ['nothing', undefined, 'body: invalid_type'],
    ['null', null, 'body: invalid_type'],
    ['text', '{"version":1}', 'body: invalid_type'],
    ['bytes', new Uint8Array([1]), 'body'],
    ['a list', [good], 'body: invalid_type'],
    ['an unknown version', { ...good, version: 2 }, 'version: invalid_value'],
    ['a version as text', { ...good, version: '1' }, 'version: invalid_value'],
    ['an unknown purpose', { ...good, purpose: 'executeNow' }, 'purpose: invalid_value'],
    ['a purpose that every object has', { ...good, purpose: 'constructor' }, 'purpose: invalid_value'],
    ['another id', { ...good, operationId: 'op_ABCDEFGHIJKLMNOPQRSTUVWXYZ' }, 'operationId: custom'],
    ['an id in a list', { ...good, operationId: [operationId] }, 'operationId: custom'],
    ['a sequence of 0', { ...good, sequence: 0 }, 'sequence: too_small'],
    ['a sequence that lost digits', { ...good, sequence: 9_007_199_254_740_992 }, 'sequence: too_big'],
    ['a sequence as big integer', { ...good, sequence: 4n }, 'sequence: invalid_type'],
    ['a fraction', { ...good, attempt: 0.5 }, 'attempt: invalid_type'],
    ['no number', { ...good, attempt: Number.NaN }, 'attempt: invalid_type'],
    ['a negative attempt', { ...good, attempt: -1 }, 'attempt: too_small'],
    ['a commit that is no digest', { ...good, commit: 'sha256:00' }, 'commit: custom'],
    ['a traceparent with a line break', { ...good, traceparent: `${traceparent}\n` }, 'traceparent: custom'],
    ['an unknown field', { ...good, approved: true }, 'body: unrecognized_keys'],
  ])('refuses %s', (_, value, problem) => {
    const parsed = parseQueueMessage(value);
    expect(parsed.ok ? 'parsed' : parsed.problem).toContain(problem);
  });

  it('names a field and never its value', () => {
    const parsed = parseQueueMessage({ ...good, operationId: 'p4ssw0rd', p4ssw0rd: 1 });
    expect(parsed).toEqual({ ok: false, problem: 'operationId: custom; body: unrecognized_keys' });
  });

  it('takes what was encoded', () => {
    const { body } = encodeQueueMessage({ operationId, purpose: 'execute', sequence: 4, commit, attempt: 0, traceparent });
    expect(parseQueueMessage(JSON.parse(JSON.stringify(body)))).toEqual({ ok: true, message: { ...good, traceparent } });
  });
});

describe('encoding an announcement', () => {
  const announcement = { operationId, purpose: 'poll', sequence: 7, commit, attempt: 2 } as const;

  it('refuses what could not be parsed again', () => {
    expect(() => encodeQueueMessage({ ...announcement, sequence: 0 })).toThrow(RangeError);
  });

  it('does not carry on a traceparent of another shape', () => {
    const message = encodeQueueMessage({ ...announcement, traceparent: 'ff-x' });
    expect([message.applicationProperties, 'traceparent' in message.body]).toEqual([{}, false]);
  });

  it('names operation, purpose, sequence, commit and attempt in the message id', () => {
    expect(encodeQueueMessage(announcement).messageId).toBe(`op_abcdefghijklmnopqrstuvwxyz.poll.7.${commit.slice(7, 39)}.2`);
  });

  it('keeps the longest message id within the 128 characters that Service Bus takes', () => {
    const longest = { ...announcement, purpose: 'requestApproval', sequence: 99_999_999, attempt: 1_000_000 } as const;
    expect(encodeQueueMessage(longest).messageId.length).toBeLessThanOrEqual(128);
  });

  it('carries the trace both ways that consumers look for it', () => {
    expect(encodeQueueMessage({ ...announcement, traceparent }).applicationProperties).toEqual({
      traceparent,
      'Diagnostic-Id': traceparent,
    });
  });

  it('schedules by the announced instant', () => {
    const message = encodeQueueMessage({ ...announcement, notBefore: instant('2026-11-21T21:00:00.000Z') });
    expect(message.scheduledEnqueueTimeUtc?.toISOString()).toBe('2026-11-21T21:00:00.000Z');
  });
});
