import { describe, expect, it } from 'vitest';
import type { Answer } from '../support/api-client.ts';
import { production, storageAccount, storageVersion, useRunningEnvironment } from '../support/running-environment.ts';

const running = useRunningEnvironment({ storageData: 'disk' });
const reading = { method: 'GET', path: `${production}/providers/Microsoft.Storage/storageAccounts`, apiVersion: storageVersion };
const removal = { method: 'DELETE', path: storageAccount(production, 'stproddata'), apiVersion: storageVersion };

function expectUnavailable(answer: Answer): void {
  expect([answer.status, answer.errorCode()]).toEqual([503, 'Unavailable']);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
}

async function waiting(): Promise<{ id: string; digest: string }> {
  const { api } = running();
  const { id } = (await api.submit('deploy-agent', removal)).operation();
  return { id, digest: await api.awaitApprovalDigest(id) };
}

describe('while messages cannot be sent', () => {
  it('nothing new is taken and no vote is counted; afterwards both go through, once', async () => {
    const { api, outages, effectsOn } = running();
    const { id, digest } = await waiting();
    const headers = { 'repeatability-request-id': 'sent-into-an-outage' };
    await outages.messages.stop();
    const events = await api.events(id);
    expectUnavailable(await api.submit('deploy-agent', reading, headers));
    expectUnavailable(await api.vote('approver-1', id, 'approve', digest));
    expectUnavailable(await api.send('deploy-agent', 'POST', `/operations/${id}/cancel`));
    expect(await api.events(id)).toEqual(events);

    await outages.messages.start();
    expect((await api.submit('deploy-agent', reading, { ...headers, prefer: 'wait=40' })).operation().status).toBe('succeeded');
    expect((await api.vote('approver-1', id, 'approve', digest)).status).toBe(200);
    await api.awaitStatus(id, 'succeeded');
    expect(effectsOn('stproddata')).toHaveLength(1);
  });
});

describe('while nothing can be stored', () => {
  it('says so on every route, and goes on afterwards as if nothing had been asked', async () => {
    const { api, endpoints, outages, effectsOn } = running();
    const { id, digest } = await waiting();
    const before = effectsOn('stproddata');
    const headers = { 'repeatability-request-id': 'stored-into-an-outage' };
    const events = await api.events(id);
    await outages.storage.stop();
    const answers = await Promise.all([
      api.submit('deploy-agent', reading, headers),
      api.vote('approver-2', id, 'approve', digest),
      api.read('deploy-agent', id),
      api.send('auditor', 'GET', '/operations'),
    ]);
    for (const answer of answers) expectUnavailable(answer);
    const health = async () => {
      const answer = await fetch(`${endpoints.api}/health`);
      return [answer.status, await answer.text()];
    };
    await expect.poll(health, { timeout: 45_000 }).toEqual([503, '{"status":"down"}']);

    await outages.storage.start();
    expect(await api.events(id)).toEqual(events);
    expect((await api.submit('deploy-agent', reading, { ...headers, prefer: 'wait=40' })).operation().status).toBe('succeeded');
    expect((await api.vote('approver-2', id, 'approve', digest)).status).toBe(200);
    await api.awaitOperation(id, ({ next }) => next !== 'wait');
    expect(effectsOn('stproddata')).toHaveLength(before.length + 1);
    await expect.poll(health, { timeout: 45_000 }).toEqual([200, '{"status":"up"}']);
  });
});

describe('where the functions are killed while messages cannot be sent', () => {
  it('what waits for people goes on waiting, and runs once when they approve', async () => {
    const { api, outages, effectsOn } = running();
    const target = {
      ...removal,
      path: `${production}/providers/Microsoft.Network/networkSecurityGroups/nsg-prod`,
      apiVersion: '2024-05-01',
    };
    const { id } = (await api.submit('deploy-agent', target)).operation();
    const digest = await api.awaitApprovalDigest(id);
    await outages.messages.stop();
    await running().host.kill();
    await outages.functions.stop();
    await outages.messages.start();
    await outages.functions.start();
    expect((await api.vote('approver-1', id, 'approve', digest)).status).toBe(200);
    await api.awaitStatus(id, 'succeeded');
    expect(effectsOn('nsg-prod')).toHaveLength(1);
  });
});
