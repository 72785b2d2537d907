import { beforeAll, describe, expect, it } from 'vitest';
import { production, storageAccount, storageVersion, useRunningEnvironment } from '../support/running-environment.ts';

/** Time enough for the votes of this file, and little enough to wait for. */
const running = useRunningEnvironment({ policies: (text) => text.replaceAll('@expires("PT4H")', '@expires("PT30S")') });

function removal(name: string) {
  return { method: 'DELETE', path: storageAccount(production, name), apiVersion: storageVersion };
}

let unanswered: string;
beforeAll(async () => {
  unanswered = (await running().api.submit('deploy-agent', removal('stunanswered'))).operation().id;
});

describe('one person who rejects', () => {
  it('ends it: nothing is sent, and an approval comes too late', async () => {
    const { api, effectsOn } = running();
    const { id } = (await api.submit('deploy-agent', removal('stproddata'))).operation();
    const digest = await api.awaitApprovalDigest(id);
    const rejected = (await api.vote('approver-1', id, 'reject', digest, 'The shop still uses it')).operation();
    expect(rejected).toMatchObject({ status: 'rejected', next: 'stop', detail: 'The shop still uses it' });
    const late = await api.vote('approver-2', id, 'approve', digest);
    expect([late.status, late.errorCode()]).toEqual([409, 'NotAwaitingApproval']);
    expect(effectsOn('stproddata')).toEqual([]);
  });

  it('overrules one who approved before', async () => {
    const { api, effectsOn } = running();
    const path = `${production}/providers/Microsoft.KeyVault/vaults/kv-prod-1`;
    const { id } = (await api.submit('deploy-agent', { method: 'DELETE', path, apiVersion: '2023-07-01' })).operation();
    const digest = await api.awaitApprovalDigest(id);
    expect((await api.vote('approver-1', id, 'approve', digest)).operation().status).toBe('awaitingApproval');
    expect((await api.vote('approver-2', id, 'reject', digest)).operation().status).toBe('rejected');
    expect(effectsOn('kv-prod-1')).toEqual([]);
  });
});

describe('the agent', () => {
  it('takes back what waits: nobody can approve it any more', async () => {
    const { api, effectsOn } = running();
    const { id } = (await api.submit('deploy-agent', removal('stproddata'))).operation();
    const digest = await api.awaitApprovalDigest(id);
    const cancelled = await api.send('deploy-agent', 'POST', `/operations/${id}/cancel`);
    expect(cancelled.operation()).toMatchObject({ status: 'cancelled', next: 'stop' });
    expect((await api.send('deploy-agent', 'POST', `/operations/${id}/cancel`)).operation().status).toBe('cancelled');
    const vote = await api.vote('approver-1', id, 'approve', digest);
    expect([vote.status, vote.errorCode()]).toEqual([409, 'NotAwaitingApproval']);
    expect(effectsOn('stproddata')).toEqual([]);
  });

  it('that takes back while a person approves gets one of the two, never half of each', async () => {
    const { api, effectsOn } = running();
    const path = `${production}/providers/Microsoft.Network/networkSecurityGroups/nsg-prod`;
    const { id } = (await api.submit('deploy-agent', { method: 'DELETE', path, apiVersion: '2024-05-01' })).operation();
    const digest = await api.awaitApprovalDigest(id);
    await Promise.all([api.vote('approver-1', id, 'approve', digest), api.send('deploy-agent', 'POST', `/operations/${id}/cancel`)]);
    const { status } = await api.awaitOperation(id, ({ next }) => next !== 'wait');
    expect(['cancelled', 'succeeded']).toContain(status);
    expect(effectsOn('nsg-prod')).toHaveLength(status === 'succeeded' ? 1 : 0);
  });

  it('is not let take back what a person would have to', async () => {
    const { api } = running();
    const { id } = (await api.submit('deploy-agent', removal('stpeople'))).operation();
    const answer = await api.send('approver-1', 'POST', `/operations/${id}/cancel`);
    expect([answer.status, answer.errorCode()]).toEqual([403, 'AgentRequired']);
  });
});

describe('what nobody decides in time', () => {
  it('expires by itself, is said to be worth asking again, and takes no vote any more', { timeout: 120_000 }, async () => {
    const { api, effectsOn } = running();
    const digest = await api.awaitApprovalDigest(unanswered);
    await expect
      .poll(async () => (await api.read('auditor', unanswered)).operation().status, { timeout: 90_000, interval: 500 })
      .toBe('expired');
    expect((await api.read('deploy-agent', unanswered)).operation()).toMatchObject({ next: 'resubmit', detail: 'Nobody decided in time.' });
    const vote = await api.vote('approver-1', unanswered, 'approve', digest);
    expect([vote.status, vote.errorCode()]).toEqual([409, 'VotingEnded']);
    expect(effectsOn('stunanswered')).toEqual([]);
  });
});
