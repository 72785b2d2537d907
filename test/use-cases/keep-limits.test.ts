import { describe, expect, it } from 'vitest';
import type { Limit } from '../../shared/domain/limits.ts';
import type { StoredOperation } from '../../shared/ports/operation-store.ts';
import { makeLimitKeeper } from '../../shared/use-cases/keep-limits.ts';
import { agentCaller, deployAgent, otherAgent } from '../support/cast.ts';
import { makeInMemoryLimitLedger } from '../support/in-memory-limit-ledger.ts';
import { makeLiteralClock } from '../support/literal-clock.ts';
import { readAccount, storedOf } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

const action = 'microsoft.storage/storageaccounts/read';
const perMinute: Limit = { of: 'all', name: 'operationsPerMinute', most: 10 };
const dryRuns: Limit = { of: 'assess', name: 'operationsPerMinute', most: 10 };
const waiting: Limit = { of: 'all', name: 'waiting', most: 10 };

/** Several hosts on one ledger; of the operations that they ask about, those are stored that a test puts there. */
function makeHosts(limits: readonly Limit[], count = 5) {
  const ledger = makeInMemoryLimitLedger();
  const clock = makeLiteralClock('2026-11-21T20:12:00.000Z');
  const stored = new Map<string, StoredOperation>();
  const looks: string[] = [];
  let chance = 0;
  const hosts = Array.from({ length: count }, () =>
    makeLimitKeeper({
      limits: { limitsOf: () => limits },
      ledger,
      store: {
        read: async (id) => {
          looks.push(id);
          return stored.get(id);
        },
      },
      clock,
      chance: () => {
        chance = (chance + 0.37) % 1;
        return chance;
      },
      pause: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs / 20)),
    }),
  );
  return { ledger, clock, stored, looks, hosts };
}

function ids(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `op_${String(index).padStart(26, 'a')}`);
}

describe('submissions that race on several hosts', () => {
  it.each([
    { limit: perMinute, hosts: 1 },
    { limit: perMinute, hosts: 5 },
    { limit: waiting, hosts: 5 },
    { limit: waiting, hosts: 3 },
  ])('of 50, exactly as many pass as $limit.name says, on $hosts', async ({ limit, hosts: count }) => {
    const { hosts } = makeHosts([limit], count);
    const outcomes = await Promise.all(
      ids(50).map(async (id, index) => await hosts[index % count]?.admitSubmission(deployAgent, { id, action })),
    );
    expect(outcomes.filter((over) => over === undefined)).toHaveLength(10);
    expect(outcomes.filter((over) => over?.limit === limit)).toHaveLength(40);
  });

  it('are counted for each agent apart', async () => {
    const { hosts } = makeHosts([{ ...perMinute, most: 1 }], 2);
    const [one, two] = ids(2);
    expect(await hosts[0]?.admitSubmission(deployAgent, { id: one ?? '', action })).toBeUndefined();
    expect(await hosts[1]?.admitSubmission(otherAgent, { id: two ?? '', action })).toBeUndefined();
  });

  it('are told to come again, and never let through, where others always write first', async () => {
    const { ledger, hosts, clock } = makeHosts([perMinute], 1);
    const contended = makeLimitKeeper({
      limits: { limitsOf: () => [perMinute] },
      ledger: { ...ledger, write: async () => 'conflict' },
      store: { read: async () => undefined },
      clock,
      chance: () => 0,
      pause: async () => undefined,
    });
    await expect(contended.admitSubmission(deployAgent, { id: ids(1)[0] ?? '', action })).rejects.toMatchObject({
      code: 'Unavailable',
      retryAfterSeconds: 2,
    });
    expect(hosts).toHaveLength(1);
    expect(ledger.entriesOf(deployAgent)).toEqual([]);
  });
});

describe('dry runs that race on five hosts', () => {
  it('pass exactly as often as they may, and again a minute later', async () => {
    const { hosts, clock } = makeHosts([dryRuns], 5);
    const askAll = async () =>
      await Promise.all(ids(50).map(async (id, index) => await hosts[index % 5]?.admitAssessment(deployAgent, { id, action })));
    expect((await askAll()).filter((over) => over === undefined)).toHaveLength(10);
    clock.advanceMs(60_000);
    const later = await askAll();
    expect(later.filter((over) => over === undefined)).toHaveLength(10);
    expect(later.filter((over) => over?.limit === dryRuns)).toHaveLength(40);
  });

  it('take no place of an operation, and no operation takes theirs', async () => {
    const { hosts, ledger } = makeHosts(
      [
        { ...waiting, most: 1 },
        { ...perMinute, most: 1 },
        { ...dryRuns, most: 1 },
      ],
      1,
    );
    expect(await hosts[0]?.admitAssessment(deployAgent, { id: 'op_a', action })).toBeUndefined();
    expect(await hosts[0]?.admitSubmission(deployAgent, { id: 'op_b', action })).toBeUndefined();
    expect(await hosts[0]?.admitAssessment(deployAgent, { id: 'op_c', action })).toMatchObject({ limit: { of: 'assess' } });
    expect(ledger.entriesOf(deployAgent, 'operations').map(({ id }) => id)).toEqual(['op_b']);
    expect(ledger.entriesOf(deployAgent, 'assessments').map(({ id }) => id)).toEqual(['op_a']);
  });

  it('cost nothing where only operations are limited', async () => {
    const { hosts, ledger } = makeHosts([perMinute], 1);
    expect(await hosts[0]?.admitAssessment(deployAgent, { id: 'op_a', action })).toBeUndefined();
    expect(ledger.trips).toEqual({ reads: 0, writes: 0 });
  });
});

describe('what is counted', () => {
  it('is nothing for an agent without limits, and costs nothing', async () => {
    const { ledger, hosts } = makeHosts([], 1);
    await hosts[0]?.admitSubmission(deployAgent, { id: 'op_a', action });
    expect(ledger.trips).toEqual({ reads: 0, writes: 0 });
  });

  it('costs one read once, and then one write for all that is asked together', async () => {
    const { ledger, hosts } = makeHosts([perMinute], 1);
    const ask = async (id: string) => await hosts[0]?.admitSubmission(deployAgent, { id, action });
    await ask('op_a');
    expect(ledger.trips).toEqual({ reads: 1, writes: 1 });
    await ask('op_b');
    expect(ledger.trips).toEqual({ reads: 1, writes: 2 });
    await Promise.all(['op_c', 'op_d', 'op_e'].map(ask));
    expect(ledger.trips).toEqual({ reads: 1, writes: 3 });
  });

  it('is a repeat but once, also where both come at once on two hosts', async () => {
    const { ledger, hosts } = makeHosts([{ ...perMinute, most: 1 }], 2);
    const outcomes = await Promise.all(hosts.map(async (host) => await host.admitSubmission(deployAgent, { id: 'op_a', action })));
    expect(outcomes).toEqual([undefined, undefined]);
    expect(ledger.entriesOf(deployAgent)).toHaveLength(1);
  });

  it('is counted once where the answer to the write was lost', async () => {
    const { ledger, hosts } = makeHosts([perMinute], 1);
    ledger.failNextWrite('after');
    await expect(hosts[0]?.admitSubmission(deployAgent, { id: 'op_a', action })).rejects.toMatchObject({ code: 'unreachable' });
    expect(await hosts[0]?.admitSubmission(deployAgent, { id: 'op_a', action })).toBeUndefined();
    expect(ledger.entriesOf(deployAgent)).toHaveLength(1);
  });

  it('is what another host wrote, whatever this one remembers', async () => {
    const { hosts } = makeHosts([{ ...perMinute, most: 2 }], 2);
    const ask = async (host: number, id: string) => await hosts[host]?.admitSubmission(deployAgent, { id, action });
    expect(await ask(0, 'op_a')).toBeUndefined();
    expect(await ask(1, 'op_b')).toBeUndefined();
    expect(await ask(0, 'op_c')).toMatchObject({ limit: { name: 'operationsPerMinute' } });
  });
});

describe('what waits', () => {
  it('waits no longer once it has ended, whoever ended it and without being told', async () => {
    const world = makeWorld();
    const { hosts, stored, clock } = makeHosts([{ ...waiting, most: 1 }], 1);
    const agent = agentCaller(deployAgent);
    const first = await world.submit(agent, readAccount());
    stored.set(first.id, await storedOf(world, first.id));
    const ask = async (id: string) => await hosts[0]?.admitSubmission(deployAgent, { id, action });
    expect(await ask(first.id)).toBeUndefined();
    expect(await ask('op_b')).toMatchObject({ limit: { name: 'waiting' }, retryAfterMs: 15_000 });
    await world.cancel(agent, first.id);
    stored.set(first.id, await storedOf(world, first.id));
    clock.advanceMs(15_000);
    expect(await ask('op_b')).toBeUndefined();
  });

  it('is let go where nobody ever stored it, but not while somebody still might', async () => {
    const { hosts, clock } = makeHosts([{ ...waiting, most: 1 }], 1);
    const ask = async (id: string) => await hosts[0]?.admitSubmission(deployAgent, { id, action });
    await ask('op_a');
    clock.advanceMs(299_999);
    expect(await ask('op_b')).toBeDefined();
    clock.advanceMs(5_001);
    expect(await ask('op_b')).toBeUndefined();
  });

  it('is not looked at by every request that is refused', async () => {
    const { hosts, looks, clock } = makeHosts([{ ...waiting, most: 1 }], 1);
    const ask = async (id: string) => await hosts[0]?.admitSubmission(deployAgent, { id, action });
    await ask('op_a');
    await ask('op_b');
    await ask('op_c');
    expect(looks).toEqual(['op_a']);
    clock.advanceMs(5_000);
    await ask('op_d');
    expect(looks).toEqual(['op_a', 'op_a']);
  });
});
