import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemChance, systemClock, systemIds, systemPause } from '../../../shared/adapters/system/system.ts';
import { makeTableLimitLedger } from '../../../shared/adapters/table-storage/limit-ledger.ts';
import type { Limit, LimitEntry } from '../../../shared/domain/limits.ts';
import { makeLimitKeeper } from '../../../shared/use-cases/keep-limits.ts';
import { deployAgent, otherAgent } from '../../support/cast.ts';
import { type Storage, startStorage } from './azurite-harness.ts';
import { failingNetwork } from './failing-network.ts';

let storage: Storage;
beforeAll(async () => {
  storage = await startStorage([]);
});
afterAll(() => storage.stop());

let made = 0;
/** One table of ledgers, and as many clients of it as there are hosts. */
async function openLedgers(hosts: number) {
  made += 1;
  const name = `limits${made}`;
  const clients = Array.from({ length: hosts }, () => storage.table(name, { retryOptions: { maxRetries: 0 } }));
  await clients[0]?.createTable();
  return clients.map((tables) => ({ tables, ledger: makeTableLimitLedger({ tables }), network: failingNetwork(tables.pipeline) }));
}

async function openLedger() {
  const [one] = await openLedgers(1);
  if (one === undefined) throw new RangeError('no ledger');
  return one;
}

const first: LimitEntry = { id: systemIds.operationId(), class: 'read', at: 1_795_000_000_000, waits: true };
const second: LimitEntry = { ...first, id: systemIds.operationId(), class: 'delete', ran: { at: 1_795_000_000_001, surely: false } };

describe('a ledger in Table Storage', () => {
  it('says unreachable where it cannot be read or written', async () => {
    const { network, ledger } = await openLedger();
    network.fail('GET', 'refused');
    await expect(ledger.read(deployAgent, 'operations')).rejects.toMatchObject({ name: 'StoreError', code: 'unreachable' });
    network.fail('POST', 'refused');
    await expect(ledger.write(deployAgent, 'operations', { entries: [], version: undefined }, [first])).rejects.toMatchObject({
      code: 'unreachable',
    });
  });

  it('is not written on what somebody else has changed, or has begun', async () => {
    const { ledger } = await openLedger();
    const empty = await ledger.read(deployAgent, 'operations');
    const written = await ledger.write(deployAgent, 'operations', empty, [first]);
    expect(await ledger.write(deployAgent, 'operations', empty, [second])).toBe('conflict');
    if (written === 'conflict') throw new RangeError('nobody else writes');
    await ledger.write(deployAgent, 'operations', written, [first, second]);
    expect(await ledger.write(deployAgent, 'operations', written, [])).toBe('conflict');
    expect((await ledger.read(deployAgent, 'operations')).entries).toEqual([first, second]);
  });

  it('is corrupt where somebody wrote something else into it', async () => {
    const { tables, ledger } = await openLedger();
    await ledger.write(deployAgent, 'operations', { entries: [], version: undefined }, [first]);
    for await (const row of tables.listEntities()) {
      await tables.updateEntity({ partitionKey: row.partitionKey ?? '', rowKey: row.rowKey ?? '', entries000: '[["x"]]' }, 'Merge');
    }
    await expect(ledger.read(deployAgent, 'operations')).rejects.toMatchObject({ code: 'corrupt' });
  });

  it('counts dry runs apart', async () => {
    const { ledger } = await openLedger();
    await ledger.write(deployAgent, 'operations', await ledger.read(deployAgent, 'operations'), [first]);
    await ledger.write(deployAgent, 'assessments', await ledger.read(deployAgent, 'assessments'), [second]);
    expect((await ledger.read(deployAgent, 'operations')).entries).toEqual([first]);
    expect((await ledger.read(deployAgent, 'assessments')).entries).toEqual([second]);
  });

  it('is one an agent, and holds as much as the largest limits let it', async () => {
    const { ledger } = await openLedger();
    const many = Array.from({ length: 4_000 }, () => ({ ...second, id: systemIds.operationId() }));
    await ledger.write(deployAgent, 'operations', await ledger.read(deployAgent, 'operations'), many);
    expect((await ledger.read(deployAgent, 'operations')).entries).toEqual(many);
    expect((await ledger.read(otherAgent, 'operations')).entries).toEqual([]);
  });
});

describe('what races on five hosts', () => {
  it.each([
    { what: 'submissions', of: 'all', admit: 'admitSubmission' },
    { what: 'dry runs', of: 'assess', admit: 'admitAssessment' },
  ] as const)('$what pass exactly as often as they may', async ({ of, admit }) => {
    const limit: Limit = { of, name: 'operationsPerMinute', most: 17 };
    const hosts = (await openLedgers(5)).map(({ ledger }) =>
      makeLimitKeeper({
        limits: { limitsOf: () => [limit] },
        ledger,
        store: { read: async () => undefined },
        clock: systemClock,
        chance: systemChance,
        pause: systemPause,
      }),
    );
    const action = 'microsoft.storage/storageaccounts/read';
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => await hosts[index % 5]?.[admit](deployAgent, { id: systemIds.operationId(), action })),
    );
    expect(outcomes.filter((over) => over === undefined)).toHaveLength(17);
    expect(outcomes.filter((over) => over?.limit === limit)).toHaveLength(33);
  });
});
