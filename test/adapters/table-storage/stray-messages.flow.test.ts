import type { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTableStrayMessages } from '../../../shared/adapters/table-storage/stray-messages.ts';
import { type Storage, startStorage } from './azurite-harness.ts';
import { failingNetwork } from './failing-network.ts';

let storage: Storage;
beforeAll(async () => {
  storage = await startStorage([]);
});
afterAll(() => storage.stop());

let made = 0;
async function openStrays() {
  made += 1;
  const tables = storage.table(`stray${made}`, { retryOptions: { maxRetries: 0 } });
  await tables.createTable();
  return { tables, network: failingNetwork(tables.pipeline), strays: makeTableStrayMessages({ tables }) };
}

async function recorded(tables: TableClient): Promise<readonly Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const { queue, messageId, reason, bodyDigest, seenAt } of tables.listEntities())
    rows.push({ queue, messageId, reason, bodyDigest, seenAt });
  return rows;
}

const stray = {
  queue: 'executions/$DeadLetterQueue',
  messageId: '1',
  reason: 'MaxDeliveryCountExceeded',
  bodyDigest: 'sha256:00',
  seenAt: '2026-11-21T20:12:00.000Z',
};

describe('stray messages in Table Storage', () => {
  it('says unreachable where it cannot write', async () => {
    const { network, strays } = await openStrays();
    network.fail('POST', 'refused');
    await expect(strays.record(stray)).rejects.toMatchObject({ name: 'StoreError', code: 'unreachable' });
  });

  it('keeps what was recorded first where a message is recorded again', async () => {
    const { tables, strays } = await openStrays();
    await strays.record(stray);
    await strays.record({ ...stray, seenAt: '2026-11-21T20:13:00.000Z' });
    expect(await recorded(tables)).toEqual([stray]);
  });

  it.each(['queue', 'messageId', 'bodyDigest'] as const)('keeps messages of another %s apart', async (field) => {
    const { tables, strays } = await openStrays();
    await strays.record(stray);
    await strays.record({ ...stray, [field]: 'other' });
    expect(await recorded(tables)).toHaveLength(2);
  });

  it('takes a message id that no row key could hold', async () => {
    const { tables, strays } = await openStrays();
    await strays.record({ ...stray, messageId: "/\\#?%\u0000\u2028'\ud800" });
    expect((await recorded(tables)).map((row) => row['messageId'])).toEqual(["/\\#?%\\u0000\\u2028'\\ud800"]);
  });

  it('says how much of a long reason it leaves out', async () => {
    const { tables, strays } = await openStrays();
    await strays.record({ ...stray, reason: 'x'.repeat(5000) });
    expect((await recorded(tables))[0]?.['reason']).toBe(`${'x'.repeat(4096)} … 904 more characters`);
  });
});
