import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { managedIdentities } from '../../infra/local/seed.ts';
import { production, storageAccount, storageVersion, useSharedEnvironment, virtualMachine } from '../support/running-environment.ts';

const running = useSharedEnvironment();
const account = storageAccount(production, 'stproddata');
const vaultVersion = '2023-07-01';

describe('a delete in production', () => {
  it('waits, and nothing is sent to Azure, until one person approves exactly what was shown', async () => {
    const { api, effectsOn } = running();
    const submitted = await api.submit('deploy-agent', { method: 'DELETE', path: account, apiVersion: storageVersion });
    expect(submitted.status).toBe(202);
    const { id, status, decision } = submitted.operation();
    expect({ status, required: decision.approval?.required }).toEqual({ status: 'awaitingApproval', required: 1 });

    const digest = await api.awaitApprovalDigest(id);
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(effectsOn('stproddata')).toEqual([]);

    expect((await api.vote('approver-1', id, 'approve', digest, 'Checked with the team')).status).toBe(200);
    expect(await api.awaitStatus(id, 'succeeded')).toMatchObject({ next: 'done', result: { status: 200 } });
    expect(effectsOn('stproddata')).toMatchObject([
      { method: 'DELETE', status: 200, clientRequestId: id, principalId: managedIdentities.operator.principalId },
    ]);
    const gone = await api.submit('deploy-agent', { method: 'GET', path: account, apiVersion: storageVersion }, { prefer: 'wait=20' });
    expect(gone.operation().result?.status).toBe(404);

    const events = await api.events(id);
    expect(events.map(({ detail }) => detail.kind)).toEqual([
      'submitted',
      'assessed',
      'decided',
      'assessed',
      'decided',
      'previewed',
      'approvalRequested',
      'voteRecorded',
      'approved',
      'executionStarted',
      'credentialIssued',
      'callStarted',
      'executionFinished',
    ]);
    const intent = events.find(({ detail }) => detail.kind === 'callStarted');
    expect(Date.parse(intent?.at ?? '')).toBeLessThanOrEqual(Date.parse(effectsOn('stproddata')[0]?.receivedAt ?? ''));
  });
});

describe('what may do lasting damage', () => {
  const vault = `${production}/providers/Microsoft.KeyVault/vaults/kv-prod-1`;

  it('needs two people: one of them voting twice is still one, and nothing is sent before the second', async () => {
    const { api, effectsOn } = running();
    const submitted = (await api.submit('deploy-agent', { method: 'DELETE', path: vault, apiVersion: vaultVersion })).operation();
    expect(submitted).toMatchObject({ risk: { level: 'critical' }, decision: { approval: { required: 2, received: 0 } } });
    const digest = await api.awaitApprovalDigest(submitted.id);

    const first = (await api.vote('approver-1', submitted.id, 'approve', digest)).operation();
    expect(first).toMatchObject({ status: 'awaitingApproval', decision: { approval: { received: 1 } } });
    const again = await api.vote('approver-1', submitted.id, 'approve', digest);
    expect([again.status, again.errorCode()]).toEqual([409, 'AlreadyVoted']);
    expect(effectsOn('kv-prod-1')).toEqual([]);

    expect((await api.vote('approver-2', submitted.id, 'approve', digest)).status).toBe(200);
    await api.awaitStatus(submitted.id, 'succeeded');
    expect(effectsOn('kv-prod-1')).toMatchObject([{ method: 'DELETE', clientRequestId: submitted.id }]);
    const kinds = (await api.events(submitted.id)).map(({ detail }) => detail.kind);
    expect(kinds.filter((kind) => ['voteRecorded', 'voteRefused', 'approved', 'callStarted'].includes(kind))).toEqual([
      'voteRecorded',
      'voteRefused',
      'voteRecorded',
      'approved',
      'callStarted',
    ]);
  });
});

describe('many votes at the same moment', () => {
  it('are counted one a person, approve once, and run once', async () => {
    const { api, effectsOn } = running();
    const path = `${production}/providers/Microsoft.Network/networkSecurityGroups/nsg-prod`;
    const { id } = (await api.submit('deploy-agent', { method: 'DELETE', path, apiVersion: '2024-05-01' })).operation();
    const digest = await api.awaitApprovalDigest(id);
    const voters = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? 'approver-1' : 'approver-2'));
    const statuses = (await Promise.all(voters.map((voter) => api.vote(voter, id, 'approve', digest)))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
    await api.awaitOperation(id, ({ next }) => next !== 'wait');
    expect(effectsOn('nsg-prod')).toHaveLength(1);
    const kinds = (await api.events(id)).map(({ detail }) => detail.kind);
    expect(kinds.filter((kind) => kind === 'approved' || kind === 'voteRecorded' || kind === 'callStarted')).toEqual([
      'voteRecorded',
      'approved',
      'callStarted',
    ]);
  });
});

describe('a write that was approved', () => {
  it('reaches Azure byte for byte as it was digested', async () => {
    const { api, effectsOn } = running();
    const body = { tags: { owner: 'Zoë', environment: 'prod' }, sku: { name: 'Standard_LRS' }, location: 'westeurope', kind: 'StorageV2' };
    const target = { method: 'PUT', path: storageAccount(production, 'stwritten'), apiVersion: storageVersion, body };
    const { id } = (await api.submit('deploy-agent', target)).operation();
    await api.vote('approver-2', id, 'approve', await api.awaitApprovalDigest(id));
    await api.awaitStatus(id, 'succeeded');
    const canonical =
      '{"kind":"StorageV2","location":"westeurope","sku":{"name":"Standard_LRS"},"tags":{"environment":"prod","owner":"Zoë"}}';
    const bodySha256 = createHash('sha256').update(canonical).digest('hex');
    expect(effectsOn('stwritten')).toMatchObject([{ method: 'PUT', bodySha256, status: 200 }]);
  });

  it('does not run where the target changed after it was shown', async () => {
    const { api, effectsOn } = running();
    const tag = (value: string) => ({
      method: 'PATCH',
      path: virtualMachine(production, 'vm-prod-1'),
      apiVersion: '2024-11-01',
      body: { tags: { owner: value } },
    });
    const first = (await api.submit('deploy-agent', tag('first'))).operation();
    const second = (await api.submit('deploy-agent', tag('second'))).operation();
    const [firstDigest, secondDigest] = [await api.awaitApprovalDigest(first.id), await api.awaitApprovalDigest(second.id)];
    await api.vote('approver-1', first.id, 'approve', firstDigest);
    await api.awaitStatus(first.id, 'succeeded');
    await api.vote('approver-1', second.id, 'approve', secondDigest);
    expect(await api.awaitStatus(second.id, 'expired')).toMatchObject({ next: 'resubmit' });
    expect(effectsOn('vm-prod-1')).toMatchObject([{ method: 'PATCH', clientRequestId: first.id }]);
    expect((await api.events(second.id)).at(-1)?.detail).toMatchObject({ kind: 'executionStopped', code: 'drifted' });
  });
});

describe('a call that answers with secrets', () => {
  it('is approved, made, and tells neither agent nor auditor what they are', async () => {
    const { api, directory, lines } = running();
    const path = `${storageAccount(production, 'stwritten')}/listKeys`;
    const { id, risk } = (await api.submit('deploy-agent', { method: 'POST', path, apiVersion: storageVersion })).operation();
    expect(risk.level).toBe('high');
    await api.vote('approver-1', id, 'approve', await api.awaitApprovalDigest(id));
    const { result } = await api.awaitStatus(id, 'succeeded');
    expect(result).toMatchObject({ status: 200, masked: ['keys[0].value', 'keys[1].value'] });
    expect(result?.body).toMatchObject({
      keys: [
        { keyName: 'key1', value: '«masked 1»' },
        { keyName: 'key2', value: '«masked 2»' },
      ],
    });

    const files = ['resource-manager/state.json', 'resource-manager/changes.ndjson'];
    const state = files.map((file) => readFileSync(join(directory, file), 'utf8')).join('\n');
    const secrets = [...state.matchAll(/"([A-Za-z0-9+/]{86}==)"/g)].map(([, secret = '']) => secret);
    expect(secrets.length).toBeGreaterThan(0);
    const told = [JSON.stringify(await api.events(id)), (await api.read('deploy-agent', id)).text, lines.join('\n')].join('\n');
    for (const secret of secrets) expect(told).not.toContain(secret);
  });
});
