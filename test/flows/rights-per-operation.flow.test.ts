import { TableClient } from '@azure/data-tables';
import { describe, expect, it } from 'vitest';
import { managedIdentities } from '../../infra/local/seed.ts';
import { tableNames } from '../../shared/adapters/table-storage/ensure-storage.ts';
import {
  computeVersion,
  production,
  type RunningEnvironment,
  storageAccount,
  storageVersion,
  useRunningEnvironment,
  virtualMachine,
} from '../support/running-environment.ts';

const running = useRunningEnvironment({ rights: { rights: 'perOperation', propagation: { grantMs: 500, removalMs: 500 } } });
const account = storageAccount(production, 'stproddata');
const { granter, operator, secrets } = managedIdentities;

async function approve({ api }: RunningEnvironment, id: string): Promise<void> {
  await api.vote('approver-1', id, 'approve', await api.awaitApprovalDigest(id));
}

/** The kinds of the events once the right is known to be gone. */
async function kindsAfterRevocation({ api }: RunningEnvironment, id: string): Promise<readonly string[]> {
  const kinds = async () => (await api.events(id)).map(({ detail }) => detail.kind);
  await expect.poll(kinds, { timeout: 45_000, interval: 250 }).toContain('accessRevoked');
  return await kinds();
}

const changesOf = ({ resourceManager }: RunningEnvironment) =>
  resourceManager
    .requests()
    .filter(({ effect }) => effect !== null)
    .map(({ method, principalId, url }) => [method, principalId, /roleAssignments/.test(url) ? 'assignment' : 'target']);

describe('without standing rights', () => {
  it('an approved call gets the least right at its target for its own time, and nothing is left of it', async () => {
    const environment = running();
    const { api } = environment;
    const body = { properties: { accessTier: 'Cool' } };
    const { id } = (await api.submit('deploy-agent', { method: 'PATCH', path: account, apiVersion: storageVersion, body })).operation();
    await approve(environment, id);
    await api.awaitStatus(id, 'succeeded');
    const kinds = await kindsAfterRevocation(environment, id);
    expect(kinds.slice(kinds.indexOf('executionStarted'))).toEqual([
      'executionStarted',
      'accessRequested',
      'accessGranted',
      'accessPropagated',
      'credentialIssued',
      'callStarted',
      'executionFinished',
      'accessRemoved',
      'accessRevoked',
    ]);
    expect(changesOf(environment)).toEqual([
      ['PUT', granter.principalId, 'assignment'],
      ['PATCH', operator.principalId, 'target'],
      ['DELETE', granter.principalId, 'assignment'],
    ]);
  });

  it('what answers with secrets is asked for by an identity of its own', async () => {
    const environment = running();
    const { api, resourceManager } = environment;
    const before = resourceManager.requests().length;
    const asked = { method: 'POST', path: `${account}/listKeys`, apiVersion: storageVersion };
    const { id } = (await api.submit('deploy-agent', asked)).operation();
    await approve(environment, id);
    await api.awaitStatus(id, 'succeeded');
    await kindsAfterRevocation(environment, id);
    const requested = (await api.events(id)).find(({ detail }) => detail.kind === 'accessRequested');
    expect(requested?.detail).toMatchObject({ grant: { tier: 'secrets', role: { name: 'Storage Account Key Operator Service Role' } } });
    const call = resourceManager.requests(before).find(({ url }) => /listkeys/i.test(url));
    expect(call).toMatchObject({ principalId: secrets.principalId, status: 200 });
  });

  it('a right is kept while Azure goes on with the call', async () => {
    const environment = running();
    const { api, resourceManager } = environment;
    const before = resourceManager.requests().length;
    const path = `${virtualMachine(production, 'vm-prod-1')}/restart`;
    const { id } = (await api.submit('deploy-agent', { method: 'POST', path, apiVersion: computeVersion })).operation();
    await approve(environment, id);
    await api.awaitStatus(id, 'succeeded');
    const kinds = await kindsAfterRevocation(environment, id);
    expect(kinds.slice(kinds.indexOf('callStarted'))).toEqual([
      'callStarted',
      'callAccepted',
      'executionFinished',
      'accessRemoved',
      'accessRevoked',
    ]);
    const asked = resourceManager.requests(before);
    const polled = asked.findLastIndex(({ url }) => /operations\//.test(url));
    const removed = asked.findIndex(({ method, principalId }) => method === 'DELETE' && principalId === granter.principalId);
    expect(asked[polled]).toMatchObject({ principalId: operator.principalId, status: 200 });
    expect(removed).toBeGreaterThan(polled);
  });

  it('a right goes with the target that is deleted by it', async () => {
    const environment = running();
    const { api, effectsOn } = environment;
    const { id } = (await api.submit('deploy-agent', { method: 'DELETE', path: account, apiVersion: storageVersion })).operation();
    await approve(environment, id);
    await api.awaitStatus(id, 'succeeded');
    expect((await kindsAfterRevocation(environment, id)).slice(-3)).toEqual(['executionFinished', 'accessRemoved', 'accessRevoked']);
    expect(
      effectsOn('stproddata').filter(({ method, effect }) => method === 'DELETE' && effect?.resourceId.endsWith('stproddata')),
    ).toHaveLength(1);
  });

  it('no part of a token is in the tables or in what the functions write', async () => {
    const { storageConnectionString, lines } = running();
    const rows: string[] = [];
    for (const name of Object.values(tableNames)) {
      const table = TableClient.fromConnectionString(storageConnectionString, name, { allowInsecureConnection: true });
      for await (const row of table.listEntities()) rows.push(JSON.stringify(row));
    }
    expect(rows.join('\n')).toContain('credentialIssued');
    // A signed token has two parts that begin as JSON does; a sealed document has one.
    expect([...rows, ...lines].filter((text) => /eyJ[\w-]+\.eyJ[\w-]+/.test(text))).toEqual([]);
  });
});
