import { TableClient } from '@azure/data-tables';
import { describe, expect, it } from 'vitest';
import { tableNames } from '../../shared/adapters/table-storage/ensure-storage.ts';
import type { Answer } from '../support/api-client.ts';
import {
  production,
  type RunningEnvironment,
  storageAccount,
  storageVersion,
  useSharedEnvironment,
} from '../support/running-environment.ts';

const running = useSharedEnvironment();

type Row = { partitionKey: string; rowKey: string } & Record<string, unknown>;

function tableOf({ storageConnectionString }: RunningEnvironment): TableClient {
  return TableClient.fromConnectionString(storageConnectionString, tableNames.operations, { allowInsecureConnection: true });
}

/** Changes one row as somebody with the account's key could, past everything that Countersign checks when it writes. */
async function rewrite(id: string, rowKey: string, change: (row: Row) => Row): Promise<void> {
  const table = tableOf(running());
  const read = await table.getEntity<Record<string, unknown>>(id, rowKey);
  await table.updateEntity(change({ ...read, partitionKey: id, rowKey }), 'Replace');
}

function replaceText(from: string, to: string): (row: Row) => Row {
  return (row) => {
    const text = String(row['event000']);
    if (!text.includes(from)) throw new Error(`The row does not hold ${from}.`);
    return { ...row, event000: text.replaceAll(from, to) };
  };
}

async function waiting(name: string): Promise<{ id: string; digest: string }> {
  const { api } = running();
  const target = { method: 'DELETE', path: storageAccount(production, name), apiVersion: storageVersion };
  const { id } = (await api.submit('deploy-agent', target)).operation();
  return { id, digest: await api.awaitApprovalDigest(id) };
}

function expectCleanFault(answer: Answer): void {
  expect([answer.status, answer.errorCode()]).toEqual([500, 'InternalError']);
  expect(answer.text).not.toMatch(/corrupt|StoreError|chain|\.ts\b|node_modules|\bat .+:\d+/);
}

describe('a stored event that somebody changed', () => {
  it.each([
    ['names another target', 'event-00000001', replaceText('stchanged', 'stproddata')],
    ['asks for fewer approvals', 'event-00000005', replaceText('"required":1', '"required":0')],
    ['says less of the risk', 'event-00000004', replaceText('"level":"high"', '"level":"low"')],
    ['is no event at all', 'event-00000003', (row: Row) => ({ ...row, event000: '{}' })],
    ['has another place', 'event-00000006', replaceText('"sequence":6', '"sequence":7')],
  ])('is found where it %s: no vote is taken on it, nothing is sent, and the error tells nothing', async (_, rowKey, change) => {
    const { api, resourceManager } = running();
    const { id, digest } = await waiting('stchanged');
    await rewrite(id, rowKey, change);
    expectCleanFault(await api.vote('approver-1', id, 'approve', digest));
    expectCleanFault(await api.read('deploy-agent', id));
    expectCleanFault(await api.send('auditor', 'GET', `/operations/${id}/events`));
    expectCleanFault(await api.send('deploy-agent', 'POST', `/operations/${id}/cancel`));
    expect(resourceManager.requests().filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('takes nothing but itself out of what auditors see', async () => {
    const { api } = running();
    const sound = await waiting('stsound');
    const broken = await waiting('stbroken');
    await expect.poll(async () => (await api.send('auditor', 'GET', '/operations')).text, { timeout: 45_000 }).toContain(broken.id);
    await rewrite(broken.id, 'event-00000001', replaceText('stbroken', 'stother'));
    const list = await api.send('auditor', 'GET', '/operations');
    expect(list.status).toBe(200);
    expect(list.text).toContain(sound.id);
    expect(list.text).not.toContain(broken.id);
    expect(running().lines.some((line) => line.includes('"level":"error"') && line.includes(broken.id))).toBe(true);
  });
});

describe('a stored state that somebody set back', () => {
  it('is not believed, as events say more', async () => {
    const { api } = running();
    const { id, digest } = await waiting('stsetback');
    await rewrite(id, 'state', (row) => ({ ...row, status: 'approved', sequence: 3 }));
    expectCleanFault(await api.vote('approver-1', id, 'approve', digest));
  });

  it('is not believed, as an event that belongs to it is gone', async () => {
    const { api } = running();
    const { id, digest } = await waiting('stgone');
    await tableOf(running()).deleteEntity(id, 'event-00000007');
    expectCleanFault(await api.vote('approver-1', id, 'approve', digest));
  });
});

describe('a stored request that somebody exchanged for another', () => {
  it('is not sent, though people approved the operation: it was sealed for the other', async () => {
    const { api, effectsOn } = running();
    const harmless = await waiting('stharmless');
    const wanted = await waiting('stproddata');
    const { sealed000 } = await tableOf(running()).getEntity<Record<string, unknown>>(wanted.id, 'document-request');
    await rewrite(harmless.id, 'document-request', (row) => ({ ...row, sealed000 }));
    expect((await api.vote('approver-1', harmless.id, 'approve', harmless.digest)).status).toBe(200);
    await api.awaitStatus(harmless.id, 'denied');
    expect((await api.events(harmless.id)).at(-1)?.detail).toMatchObject({ kind: 'executionStopped', code: 'digestMismatch' });
    expect([...effectsOn('stproddata'), ...effectsOn('stharmless')]).toEqual([]);
  });
});
