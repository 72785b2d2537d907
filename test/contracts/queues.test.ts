import { describe, expect, it } from 'vitest';
import { durationMs, queueNames, queueOf, queues } from '../../shared/contracts/queues.ts';
import { purposes } from '../../shared/ports/announcer.ts';

describe('queues', () => {
  it.each(['', 'P', 'PT', 'P1DT', '1M', 'PT1.5S', 'P1M', 'P1Y', 'PT-1M', 'pt1m', ' PT1M', 'PT1M ', 'PT99999S'])(
    'refuses the duration "%s"',
    (text) => {
      expect(() => durationMs(text)).toThrow(RangeError);
    },
  );

  it.each([
    ['PT1M', 60_000],
    ['PT10M', 600_000],
    ['P14D', 1_209_600_000],
    ['P1DT2H3M4S', 93_784_000],
  ])('reads the duration %s', (text, expected) => {
    expect(durationMs(text)).toBe(expected);
  });

  it('sends every purpose to one queue', () => {
    expect(Object.fromEntries(purposes.map((purpose) => [purpose, queueOf(purpose)]))).toEqual({
      requestApproval: 'approval-requests',
      execute: 'executions',
      checkDeadline: 'checks',
      checkLease: 'checks',
      poll: 'checks',
      readBack: 'checks',
      pursueAccess: 'executions',
      revokeAccess: 'checks',
      dropSecret: 'checks',
      project: 'changes',
      notify: 'notices',
    });
  });

  it('has no queue without a purpose', () => {
    expect(new Set(purposes.map(queueOf))).toEqual(new Set(queueNames));
  });

  it('keeps every setting that Service Bus is created with', () => {
    expect(queues[0]).toEqual({
      name: 'approval-requests',
      lockDuration: 'PT1M',
      maxDeliveryCount: 10,
      requiresDuplicateDetection: true,
      duplicateDetectionHistoryTimeWindow: 'PT10M',
      defaultMessageTimeToLive: 'P14D',
      deadLetteringOnMessageExpiration: true,
      maxSizeInMegabytes: 1024,
    });
  });
});
