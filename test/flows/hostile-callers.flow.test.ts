import { createHash } from 'node:crypto';
import { TableClient } from '@azure/data-tables';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { people } from '../../infra/local/seed.ts';
import { tableNames } from '../../shared/adapters/table-storage/ensure-storage.ts';
import type { Target } from '../support/api-client.ts';
import { openPlaygroundClient, type PlaygroundClient } from '../support/playground-client.ts';
import {
  development,
  production,
  storageAccount,
  storageVersion,
  useRunningEnvironment,
  virtualMachine,
} from '../support/running-environment.ts';

const running = useRunningEnvironment({ withTeamsPages: true });
const removal = (name: string): Target => ({ method: 'DELETE', path: storageAccount(production, name), apiVersion: storageVersion });

async function waiting(target: Target): Promise<{ id: string; digest: string; requestDigest: string }> {
  const { api } = running();
  const { id, digest: requestDigest } = (await api.submit('deploy-agent', target)).operation();
  return { id, digest: await api.awaitApprovalDigest(id), requestDigest };
}

/** Lets one person approve, and waits for the end. */
async function run(target: Target): Promise<string> {
  const { api } = running();
  const { id, digest } = await waiting(target);
  expect((await api.vote('approver-1', id, 'approve', digest)).status).toBe(200);
  await api.awaitOperation(id, ({ next }) => next !== 'wait');
  return id;
}

describe('a vote that is not what it should be', () => {
  it('does not count for another digest, and leaves a trace of each attempt, up to a limit', async () => {
    const { api, effectsOn } = running();
    const other = await waiting(removal('stother'));
    const { id, digest, requestDigest } = await waiting(removal('stproddata'));
    for (const wrong of [other.digest, requestDigest, digest.toUpperCase(), digest.slice(0, -1), '', 'sha256:', ` ${digest}`]) {
      const answer = await api.vote('approver-1', id, 'approve', wrong);
      expect([answer.status, answer.errorCode()]).toEqual([409, 'ApprovalDigestMismatch']);
    }
    for (let attempt = 0; attempt < 20; attempt += 1) await api.vote('deploy-agent', id, 'approve', digest);
    const kinds = (await api.events(id)).map(({ detail }) => detail.kind);
    expect(kinds.filter((kind) => kind === 'voteRefused')).toHaveLength(20);
    expect((await api.read('auditor', id)).operation()).toMatchObject({
      status: 'awaitingApproval',
      decision: { approval: { received: 0 } },
    });
    expect(effectsOn('stproddata')).toEqual([]);
  });

  it.each([
    ['no decision', { digest: 'sha256:x' }, 'decision'],
    ['another decision', { decision: 'approved', digest: 'sha256:x' }, 'decision'],
    ['no digest', { decision: 'approve' }, 'digest'],
    ['a list of digests', { decision: 'approve', digest: ['sha256:x'] }, 'digest'],
    ['a voter of its own', { decision: 'approve', digest: 'sha256:x', voter: 'approver-2' }, 'voter'],
    ['a reason that is too long', { decision: 'approve', digest: 'sha256:x', reason: 'x'.repeat(2001) }, 'reason'],
  ])('is refused by its field: %s', async (_, body, target) => {
    const { api } = running();
    const answer = await api.send('approver-1', 'POST', '/operations/op_aaaaaaaaaaaaaaaaaaaaaaaaaa/decisions', body);
    expect([answer.status, answer.errorCode(), JSON.parse(answer.text)]).toMatchObject([400, 'InvalidRequest', { error: { target } }]);
  });
});

describe('a vote by Teams', () => {
  let page: PlaygroundClient;
  beforeAll(async () => {
    page = await openPlaygroundClient(running().endpoints.teams);
  });
  afterAll(() => page.close());

  it('does not count of somebody who is in no group that votes, in the same conversation or not', async () => {
    const { api, effectsOn } = running();
    const { id } = await waiting(removal('stproddata'));
    await page.waitForCard(id);
    for (const name of ['auditor', 'agent-owner']) {
      const as = people.find((person) => person.name === name)?.objectId ?? '';
      expect((await page.press(id, 'approve', { as })).status).toBe(200);
    }
    expect((await api.read('auditor', id)).operation()).toMatchObject({
      status: 'awaitingApproval',
      decision: { approval: { received: 0 } },
    });
    expect(effectsOn('stproddata')).toEqual([]);
  });

  it('and one by the API at the same moment are one vote of one person', async () => {
    const { api, effectsOn } = running();
    const path = `${production}/providers/Microsoft.KeyVault/vaults/kv-prod-1`;
    const { id, digest } = await waiting({ method: 'DELETE', path, apiVersion: '2023-07-01' });
    await page.waitForCard(id);
    const presses = [page.press(id, 'approve'), page.press(id, 'approve'), page.press(id, 'approve')];
    await Promise.all([...presses, api.vote('approver-1', id, 'approve', digest), api.vote('approver-1', id, 'approve', digest)]);
    expect((await api.read('auditor', id)).operation()).toMatchObject({
      status: 'awaitingApproval',
      decision: { approval: { received: 1 } },
    });
    expect((await api.events(id)).filter(({ detail }) => detail.kind === 'voteRecorded')).toHaveLength(1);
    expect(effectsOn('kv-prod-1')).toEqual([]);
  });
});

describe('what Azure gets', () => {
  it('is what was shown, however it was spelt: one address, one API version, nothing smuggled', async () => {
    const { api, effectsOn } = running();
    const path = `/SUBSCRIPTIONS/00000000-0000-0000-0000-000000000001/resourcegroups/rg-prod/PROVIDERS/MICROSOFT.Storage/STORAGEaccounts/stspelt`;
    const query = { Location: 'a&api-version=2015-01-01#x true%26' };
    const headers = { 'If-Match': '*' };
    const id = await run({ method: 'DELETE', path, apiVersion: storageVersion, query, headers });
    const [call, ...more] = effectsOn('stspelt');
    expect(more).toEqual([]);
    expect(call?.url).toBe(
      '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-prod/providers/microsoft.storage/storageaccounts/stspelt' +
        '?api-version=2024-01-01&location=a%26api-version%3D2015-01-01%23x%20true%2526',
    );
    expect(JSON.parse((await api.read('auditor', id)).text)).toMatchObject({
      target: {
        path: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-prod/providers/microsoft.storage/storageaccounts/stspelt',
        query: { location: 'a&api-version=2015-01-01#x true%26' },
        headers: { 'if-match': '*' },
      },
    });
  });

  it('has the names that were digested, odd ones too', async () => {
    const { api, effectsOn } = running();
    const target = `{"kind":"arm","method":"PUT","path":"${storageAccount(production, 'stnames')}","apiVersion":"2024-01-01","body":{"location":"westeurope","properties":{"__proto__":{"a":1},"constructor":"x","é":1e2}}}`;
    const token = await api.tokenOf('deploy-agent');
    const response = await fetch(`${running().endpoints.api}/operations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: `{"target":${target},"justification":"x"}`,
    });
    const { id }: { id: string } = JSON.parse(await response.text());
    await api.vote('approver-1', id, 'approve', await api.awaitApprovalDigest(id));
    await api.awaitOperation(id, ({ next }) => next !== 'wait');
    const canonical = '{"location":"westeurope","properties":{"__proto__":{"a":1},"constructor":"x","é":100}}';
    expect(effectsOn('stnames')).toMatchObject([{ bodySha256: createHash('sha256').update(canonical).digest('hex') }]);
  });

  it('is a body of nearly 4 MiB where that was approved', async () => {
    const { api, effectsOn } = running();
    const properties = { note: 'x'.repeat(4 * 1024 * 1024 - 2048) };
    const { id, digest } = await waiting({
      method: 'PUT',
      path: storageAccount(production, 'stlarge'),
      apiVersion: storageVersion,
      body: { location: 'westeurope', properties },
    });
    await api.vote('approver-2', id, 'approve', digest);
    await api.awaitStatus(id, 'succeeded');
    expect(effectsOn('stlarge')).toMatchObject([{ bodySizeBytes: 4_192_306 }]);
  });

  it('is nothing while the environment tag that made it harmless is only in the request', async () => {
    const { api } = running();
    const body = { location: 'westeurope', Tags: { ENVIRONMENT: 'dev' } };
    const target = { method: 'PATCH', path: virtualMachine(production, 'vm-prod-1'), apiVersion: '2024-11-01', body };
    expect((await api.submit('deploy-agent', target)).operation()).toMatchObject({
      status: 'awaitingApproval',
      risk: { level: 'critical', environment: 'production' },
      decision: { approval: { required: 2 } },
    });
  });
});

describe('words of an agent', () => {
  it('are kept and shown as they are, in every script, and never as markup or controls of ours', async () => {
    const { api } = running();
    const justification = 'Zoë \u202Egnp.exe\u202C <b>x</b> {{DATE(2026)}} [approve](https://evil.example) \u0000 \u{1F680}'.replace(
      '\u0000',
      '\u200B',
    );
    const answer = await api.submit('deploy-agent', removal('stwords'), {}, justification);
    const id = answer.operation().id;
    expect(JSON.parse((await api.read('auditor', id)).text)).toMatchObject({ justification });
    const page = await openPlaygroundClient(running().endpoints.teams);
    const card = await page.waitForCard(id);
    page.close();
    expect(card).not.toMatch(/[\u202E\u202C]/);
    expect(card).toContain('⟨U+202E⟩');
    expect(card).not.toContain('{{DATE(2026)');
  });
});

/** Queues of which messages that are not ours were set aside. */
async function strayQueues(connectionString: string): Promise<readonly string[]> {
  const queues = new Set<string>();
  const table = TableClient.fromConnectionString(connectionString, tableNames.strayMessages, { allowInsecureConnection: true });
  for await (const { partitionKey } of table.listEntities()) queues.add(String(partitionKey));
  return [...queues].sort();
}

describe('messages that Countersign did not send', () => {
  it('run nothing, end nothing and stop nobody', async () => {
    const { api, messagesConnectionString, storageConnectionString, effectsOn, resourceManager } = running();
    const held = await waiting(removal('stheld'));
    const denied = (
      await api.submit('deploy-agent', {
        ...removal('x'),
        path: `${production}/providers/Microsoft.Sql/servers/sql-prod-1`,
        apiVersion: '2023-08-01',
      })
    ).operation();
    const done = (
      await api.submit('deploy-agent', { method: 'GET', path: development, apiVersion: '2021-04-01' }, { prefer: 'wait=20' })
    ).operation();
    const calls = resourceManager.requests().length;
    const forged = [];
    for (const { id } of [held, denied, done]) {
      const events = await api.events(id);
      for (const { sequence, hash } of events.slice(-2)) {
        for (const purpose of ['execute', 'requestApproval', 'checkDeadline', 'checkLease', 'poll']) {
          forged.push({ version: 1, operationId: id, purpose, sequence, commit: hash, attempt: 0 });
        }
      }
    }
    const client = new ServiceBusClient(messagesConnectionString);
    const odd = [
      '',
      'text',
      { version: 2 },
      [],
      null,
      { ...forged[0], sequence: 1e9 },
      { ...forged[0], extra: true },
      '{"version":1',
      1e21,
    ];
    for (const queue of ['approval-requests', 'executions', 'checks', 'changes']) {
      await client.createSender(queue).sendMessages([...forged, ...odd].map((body) => ({ body, contentType: 'application/json' })));
    }
    await client.close();
    await expect
      .poll(() => strayQueues(storageConnectionString), { timeout: 45_000 })
      .toEqual(['approval-requests', 'changes', 'checks', 'executions']);
    const later = (
      await api.submit('deploy-agent', { method: 'GET', path: development, apiVersion: '2021-04-01' }, { prefer: 'wait=30' })
    ).operation();
    expect(later.status).toBe('succeeded');
    expect((await api.read('auditor', held.id)).operation().status).toBe('awaitingApproval');
    expect((await api.read('auditor', denied.id)).operation().status).toBe('denied');
    expect(effectsOn('stheld')).toEqual([]);
    expect(
      resourceManager
        .requests()
        .slice(calls)
        .filter(({ method }) => method !== 'GET'),
    ).toEqual([]);
    expect((await api.vote('approver-1', held.id, 'approve', held.digest)).status).toBe(200);
    await api.awaitOperation(held.id, ({ next }) => next !== 'wait');
    expect(effectsOn('stheld')).toHaveLength(1);
  });
});
