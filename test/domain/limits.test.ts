import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionClassOf } from '../../shared/domain/action-class.ts';
import { dayMs, type Limit, type LimitEntry, minuteMs, ruleExecution, ruleSubmission, settle } from '../../shared/domain/limits.ts';

const read = 'microsoft.storage/storageaccounts/read';
const remove = 'microsoft.storage/storageaccounts/delete';
const perMinute: Limit = { of: 'all', name: 'operationsPerMinute', most: 2 };
const waiting: Limit = { of: 'all', name: 'waiting', most: 1 };
const deletes: Limit = { of: 'delete', name: 'executedPerDay', most: 1 };
const now = 1_000_000_000;

function entry(id: string, changes: Partial<LimitEntry> = {}): LimitEntry {
  return { id, class: 'read', at: now, waits: false, ...changes };
}

describe('one more operation is refused', () => {
  it('where the minute is full, until the oldest has left it', () => {
    const entries = [entry('op_a', { at: now - 50_000 }), entry('op_b', { at: now - 10_000 })];
    expect(ruleSubmission(entries, [perMinute], { id: 'op_c', action: read }, now)).toEqual({
      passed: false,
      limit: perMinute,
      retryAfterMs: 10_000,
      unsettled: [],
    });
  });

  it('where too many wait, and says which of them may have ended', () => {
    const entries = [entry('op_a', { at: now - dayMs, waits: true })];
    expect(ruleSubmission(entries, [waiting], { id: 'op_c', action: read }, now)).toMatchObject({ limit: waiting, unsettled: ['op_a'] });
  });

  it('where it deletes and enough was deleted in 24 hours', () => {
    const entries = [entry('op_a', { class: 'delete', at: now - dayMs, ran: { at: now - dayMs + 5_000, surely: true } })];
    expect(ruleSubmission(entries, [deletes], { id: 'op_c', action: remove }, now)).toMatchObject({ limit: deletes, retryAfterMs: 5_000 });
  });

  it('where it deletes and those that wait would use up what is left', () => {
    const entries = [entry('op_a', { class: 'delete', waits: true })];
    expect(ruleSubmission(entries, [deletes], { id: 'op_c', action: remove }, now)).toMatchObject({ limit: deletes, unsettled: ['op_a'] });
  });

  it('where its class alone is full', () => {
    const limit: Limit = { of: 'delete', name: 'operationsPerMinute', most: 1 };
    const entries = [entry('op_a', { class: 'delete' })];
    expect(ruleSubmission(entries, [limit], { id: 'op_c', action: remove }, now).passed).toBe(false);
    expect(ruleSubmission(entries, [limit], { id: 'op_c', action: read }, now).passed).toBe(true);
  });

  it('always, where the limit is 0', () => {
    const limit: Limit = { of: 'delete', name: 'executedPerDay', most: 0 };
    expect(ruleSubmission([], [limit], { id: 'op_c', action: remove }, now).passed).toBe(false);
  });
});

describe('an operation is counted', () => {
  it('once, however often it is submitted', () => {
    const entries = [entry('op_a', { waits: true })];
    expect(ruleSubmission(entries, [waiting], { id: 'op_a', action: read }, now)).toEqual({ passed: true, entries });
  });

  it('for a minute, and while it waits', () => {
    const old = entry('op_a', { at: now - minuteMs, waits: true });
    const ended = entry('op_b', { at: now - minuteMs });
    const one = entry('op_c', { waits: true });
    const limits: readonly Limit[] = [perMinute, { ...waiting, most: 9 }];
    expect(ruleSubmission([old, ended], limits, { id: 'op_c', action: read }, now)).toEqual({ passed: true, entries: [old, one] });
  });

  it('for a minute only where nothing limits what waits of its class, so that a row does not grow for ever', () => {
    const limits: readonly Limit[] = [perMinute, { of: 'delete', name: 'waiting', most: 9 }];
    let entries: readonly LimitEntry[] = [];
    for (let at = now; at < now + dayMs; at += minuteMs) {
      const ruling = ruleSubmission(entries, limits, { id: `op_${at}`, action: read }, at);
      entries = ruling.passed ? ruling.entries : entries;
    }
    expect(entries).toHaveLength(1);
  });
});

describe('a delete that is about to run', () => {
  const ran = entry('op_a', { class: 'delete', ran: { at: now - 1_000, surely: true } });

  it('is kept from it by those that ran in the last 24 hours', () => {
    expect(ruleExecution([ran], [deletes], { id: 'op_c', action: remove }, now)).toMatchObject({
      passed: false,
      limit: deletes,
      retryAfterMs: dayMs - 1_000,
    });
  });

  it('is not kept from it by others that wait, by older ones, or by itself', () => {
    const entries = [
      entry('op_a', { class: 'delete', waits: true }),
      entry('op_b', { class: 'delete', ran: { at: now - dayMs, surely: true } }),
      entry('op_c', { class: 'delete', waits: true, ran: { at: now - 100_000, surely: false } }),
    ];
    expect(ruleExecution(entries, [deletes], { id: 'op_c', action: remove }, now).passed).toBe(true);
  });

  it('is not written again a moment later', () => {
    const entries = [entry('op_c', { class: 'delete', waits: true, ran: { at: now - 1_000, surely: false } })];
    expect(ruleExecution(entries, [deletes], { id: 'op_c', action: remove }, now)).toEqual({ passed: true, entries });
  });

  it('gives its place back where it ended without a call', () => {
    const uncalled = settle(entry('op_a', { class: 'delete', ran: { at: now, surely: false }, waits: true }), 'endedUncalled');
    expect(uncalled).toEqual(entry('op_a', { class: 'delete' }));
    expect(ruleExecution([uncalled], [deletes], { id: 'op_c', action: remove }, now).passed).toBe(true);
  });
});

describe('the class of an action', () => {
  it.each([
    ['microsoft.storage/storageaccounts/read', 'read'],
    ['microsoft.storage/storageaccounts/write', 'write'],
    ['microsoft.storage/storageaccounts/delete', 'delete'],
    ['microsoft.keyvault/locations/deletedvaults/purge/action', 'delete'],
    ['microsoft.network/virtualnetworks/bulkdelete/action', 'delete'],
    ['microsoft.keyvault/vaults/secrets/delete', 'delete'],
    ['microsoft.keyvault/vaults/secrets/purge/action', 'delete'],
    ['microsoft.keyvault/vaults/secrets/readmetadata/action', 'read'],
    ['microsoft.keyvault/vaults/secrets/setsecret/action', 'write'],
    ['microsoft.compute/virtualmachines/restart/action', 'action'],
    ['microsoft.storage/storageaccounts/listkeys/action', 'action'],
    ['microsoft.new/things/frobnicate', 'action'],
  ])('of %s is %s', (action, of) => {
    expect(actionClassOf(action)).toBe(of);
  });
});

describe('whatever comes in whatever order', () => {
  it('no minute ever takes more than it may, and no day more deletes', () => {
    const step = fc.record({ id: fc.integer({ min: 0, max: 30 }), afterMs: fc.integer({ min: 0, max: 40_000 }), runs: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, most) => {
        const limits: readonly Limit[] = [
          { of: 'all', name: 'operationsPerMinute', most },
          { of: 'delete', name: 'executedPerDay', most },
        ];
        let entries: readonly LimitEntry[] = [];
        let at = now;
        const taken: number[] = [];
        const ran = new Set<string>();
        for (const { id, afterMs, runs } of steps) {
          at += afterMs;
          const asked = { id: `op_${id}`, action: remove };
          const isNew = entries.every((known) => known.id !== asked.id);
          const ruling = (runs ? ruleExecution : ruleSubmission)(entries, limits, asked, at);
          if (!ruling.passed) continue;
          entries = ruling.entries;
          if (runs) ran.add(asked.id);
          else if (isNew) taken.push(at);
        }
        expect(ran.size).toBeLessThanOrEqual(most);
        for (const from of taken)
          expect(taken.filter((other) => other >= from && other < from + minuteMs).length).toBeLessThanOrEqual(most);
      }),
    );
  });
});
