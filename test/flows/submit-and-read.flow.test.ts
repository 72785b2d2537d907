import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { production, storageAccount, storageVersion, subscription, useSharedEnvironment } from '../support/running-environment.ts';

const running = useSharedEnvironment();
const accounts = { method: 'GET', path: `${production}/providers/Microsoft.Storage/storageAccounts`, apiVersion: storageVersion };

const listing = z.looseObject({ value: z.array(z.looseObject({ id: z.string() })) });

describe('an agent reads', () => {
  it('gets what Azure answers at once, where it waits for it', async () => {
    const { api } = running();
    const answer = await api.submit('deploy-agent', accounts, { prefer: 'wait=20' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('preference-applied')).toBe('wait=20');
    const operation = answer.operation();
    expect(operation).toMatchObject({ status: 'succeeded', next: 'done', risk: { level: 'low' }, decision: { outcome: 'allow' } });
    expect(operation.result).toMatchObject({ status: 200, body: { value: [{ name: 'stproddata' }] } });
  });

  it('gets an address to look at, where it does not wait', async () => {
    const { api, endpoints } = running();
    const answer = await api.submit('deploy-agent', accounts);
    expect(answer.status).toBe(202);
    const { id, next } = answer.operation();
    expect(next).toBe('wait');
    expect(answer.headers.get('operation-location')).toBe(`${endpoints.api}/operations/${id}`);
    expect(answer.headers.get('retry-after')).toBe('1');
    const waited = await api.send('deploy-agent', 'GET', `/operations/${id}`, undefined, { prefer: 'wait=20' });
    expect(waited.operation().status).toBe('succeeded');
  });

  it('is told of what is not there as Azure tells it', async () => {
    const { api } = running();
    const target = { ...accounts, path: storageAccount(production, 'stnowhere') };
    const operation = (await api.submit('deploy-agent', target, { prefer: 'wait=20' })).operation();
    expect(operation).toMatchObject({
      status: 'failed',
      next: 'done',
      result: { status: 404, body: { error: { code: 'ResourceNotFound' } } },
    });
  });

  it('reads with an identity that can change nothing, under the id of the operation', async () => {
    const { api, resourceManager, identity } = running();
    const target = { ...accounts, path: storageAccount(production, 'stproddata'), query: { $expand: 'geoReplicationStats' } };
    const { id } = (await api.submit('deploy-agent', target, { prefer: 'wait=20' })).operation();
    const calls = resourceManager.requests().filter(({ clientRequestId }) => clientRequestId === id);
    expect(calls).toMatchObject([{ method: 'GET', status: 200, effect: null, principalId: '66666666-6666-4666-8666-000000000001' }]);
    expect(calls[0]?.url).toBe(
      `${storageAccount(production, 'stproddata').replace('Microsoft.Storage/storageAccounts', 'microsoft.storage/storageaccounts')}?api-version=2024-01-01&$expand=geoReplicationStats`,
    );
    expect(identity.tenantId).toBe('11111111-1111-4111-8111-111111111111');
  });

  it('leaves evidence whose order is: asked, judged, claimed, credential, intent, outcome', async () => {
    const { api } = running();
    const { id } = (await api.submit('deploy-agent', accounts, { prefer: 'wait=20' })).operation();
    const events = await api.events(id);
    expect(events.map(({ detail }) => detail.kind)).toEqual([
      'submitted',
      'assessed',
      'decided',
      'executionStarted',
      'credentialIssued',
      'callStarted',
      'executionFinished',
    ]);
    expect(events.map(({ actor }) => (actor.kind === 'countersign' ? actor.role : actor.name))).toEqual([
      'deploy-agent',
      'edge',
      'edge',
      'executor',
      'executor',
      'executor',
      'executor',
    ]);
  });
});

describe('an agent asks first what would happen', () => {
  it('is told the decision, and nothing is stored or sent', async () => {
    const { api, effectsOn } = running();
    const path = storageAccount(production, 'stproddata');
    const target = { kind: 'arm', method: 'DELETE', path, apiVersion: storageVersion };
    // What was asked before may still go on, so only what there is is compared.
    const ids = async () => {
      const { text } = await api.send('deploy-agent', 'GET', '/operations');
      return listing.parse(JSON.parse(text)).value.map(({ id }) => id);
    };
    const before = await ids();
    const answer = await api.send('deploy-agent', 'POST', '/operations/assess', { target, justification: 'Would it be allowed?' });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({
      action: 'microsoft.storage/storageaccounts/delete',
      risk: { level: 'high', environment: 'production' },
      decision: { outcome: 'requireApproval', approval: { required: 1, groups: ['approvers'], expiresInSeconds: 14_400 } },
    });
    expect(await ids()).toEqual(before);
    expect(effectsOn('stproddata')).toEqual([]);
  });
});

describe('a listing', () => {
  it('is newest first, in pages whose links lead through all of it without a gap', async () => {
    const { api, endpoints } = running();
    const path = `${subscription}/resourceGroups`;
    const since = `status=succeeded&from=${new Date().toISOString()}`;
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const answer = await api.submit('audit-agent', { method: 'GET', path, apiVersion: '2021-04-01' }, { prefer: 'wait=20' });
      ids.unshift(answer.operation().id);
    }
    await expect.poll(async () => listed(await api.send('audit-agent', 'GET', `/operations?${since}`)), { timeout: 45_000 }).toEqual(ids);
    const seen: string[] = [];
    for (let next: string | undefined = `/operations?top=2&${since}`; next !== undefined; ) {
      const { text }: { text: string } = await api.send('audit-agent', 'GET', next);
      const page: { value: { id: string }[]; nextLink?: string } = JSON.parse(text);
      expect(page.value.length).toBeLessThanOrEqual(2);
      seen.push(...page.value.map(({ id }) => id));
      next = page.nextLink?.replace(endpoints.api, '');
    }
    expect(seen).toEqual(ids);
  });
});

function listed({ text }: { text: string }): readonly string[] {
  const page: { value: { id: string }[] } = JSON.parse(text);
  return page.value.map(({ id }) => id);
}
