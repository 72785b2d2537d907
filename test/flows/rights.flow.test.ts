import { beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvironment } from '../support/running-environment.ts';
import { production, storageAccount, storageVersion, useRunningEnvironment } from '../support/running-environment.ts';
import { describeOwnerLeft } from './agent-owner-left.ts';

/** The directory is asked at most once a minute; here, every time, so that a change is known at once. */
const running = useRunningEnvironment({ settings: { COUNTERSIGN_DIRECTORY_MAX_AGE_SECONDS: '0' } });
const unknownId = 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa';
const consoleClientId = '22222222-2222-4222-8222-000000000002';
const approvers = '33333333-3333-4333-8333-000000000001';
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

function removal(name: string) {
  return { method: 'DELETE', path: storageAccount(production, name), apiVersion: storageVersion };
}

/** An operation of deploy-agent that waits and was shown. */
async function waiting({ api }: RunningEnvironment, name: string): Promise<{ id: string; digest: string }> {
  const { id } = (await api.submit('deploy-agent', removal(name))).operation();
  return { id, digest: await api.awaitApprovalDigest(id) };
}

describeOwnerLeft(running);

describe('an operation of somebody else', () => {
  let id: string;
  beforeAll(async () => {
    id = (await waiting(running(), 'strights')).id;
  });

  it('does not exist for another agent, as if its id had been guessed', async () => {
    const { api } = running();
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/events'],
      ['POST', '/cancel'],
    ] as const) {
      const foreign = await api.send('audit-agent', method, `/operations/${id}${path}`);
      const unknown = await api.send('audit-agent', method, `/operations/${unknownId}${path}`);
      expect([foreign.status, foreign.errorCode()]).toEqual([404, 'OperationNotFound']);
      expect(foreign.text).toBe(unknown.text);
    }
    expect((await api.read('deploy-agent', id)).operation().status).toBe('awaitingApproval');
  });

  it('gives another agent that votes the answer that an id nobody has gives', async () => {
    const { api } = running();
    const digest = `sha256:${'0'.repeat(64)}`;
    const foreign = await api.vote('audit-agent', id, 'approve', digest);
    const unknown = await api.vote('audit-agent', unknownId, 'approve', digest);
    expect([foreign.status, foreign.errorCode()]).toEqual([403, 'PersonRequired']);
    expect(foreign.text).toBe(unknown.text);
  });

  it.each([
    '?agent=44444444-4444-4444-8444-000000000001',
    '?status=awaitingApproval',
    '?action=microsoft.storage/storageaccounts/delete',
    '',
  ])('is in no listing of another agent, which asked with "%s"', async (query) => {
    const { api } = running();
    await expect.poll(async () => (await api.send('auditor', 'GET', `/operations${query}`)).text, { timeout: 45_000 }).toContain(id);
    expect(JSON.parse((await api.send('audit-agent', 'GET', `/operations${query}`)).text)).toEqual({ value: [] });
  });

  it('is read by approvers and auditors, with its events', async () => {
    const { api } = running();
    for (const person of ['approver-1', 'approver-2', 'auditor']) {
      expect((await api.read(person, id)).operation().id).toBe(id);
      expect((await api.send(person, 'GET', `/operations/${id}/events`)).status).toBe(200);
    }
  });
});

describe('an agent that may ask for a change', () => {
  it('does not learn by asking what the target is like: that is for the people who decide', async () => {
    const { api } = running();
    const { id } = await waiting(running(), 'stproddata');
    const seenBy = async (who: string): Promise<unknown> => JSON.parse((await api.read(who, id)).text);
    expect(await seenBy('approver-1')).toMatchObject({
      decision: { approval: { preview: { state: 'present', body: { kind: 'StorageV2' } } } },
    });
    expect(await seenBy('deploy-agent')).not.toHaveProperty('decision.approval.preview.body');
    expect((await api.send('deploy-agent', 'GET', `/operations/${id}/events`)).text).not.toContain('StorageV2');
  });
});

describe('a person', () => {
  it('who is in no group reads nothing, whatever the token says', async () => {
    const { api, identity } = running();
    const { id } = await waiting(running(), 'stnogroup');
    const token = await identity.issueToken('agent-owner', {
      claims: { scp: 'Audit.Read Operation.Approve', roles: ['Operation.Approve'] },
    });
    const answer = await api.send('auditor', 'GET', `/operations/${id}`, undefined, bearer(token));
    expect([answer.status, answer.errorCode()]).toEqual([404, 'OperationNotFound']);
    const list = await api.send('auditor', 'GET', '/operations', undefined, bearer(token));
    expect(JSON.parse(list.text)).toEqual({ value: [] });
  });

  it('without the scope for it does not vote', async () => {
    const { api } = running();
    const { id, digest } = await waiting(running(), 'stnoscope');
    const answer = await api.vote('auditor', id, 'approve', digest);
    expect([answer.status, answer.errorCode()]).toEqual([403, 'MissingRole']);
  });

  it('with the scope but in no group that votes does not vote, which is recorded', async () => {
    const { api, identity } = running();
    const { id, digest } = await waiting(running(), 'stnotvoter');
    const token = await identity.issueToken('auditor', { claims: { scp: 'Operation.Approve' } });
    const answer = await api.send('auditor', 'POST', `/operations/${id}/decisions`, { decision: 'approve', digest }, bearer(token));
    expect([answer.status, answer.errorCode()]).toEqual([403, 'VoterNotInGroup']);
    expect((await api.events(id)).at(-1)?.detail).toMatchObject({ kind: 'voteRefused', refusal: 'notInGroup' });
  });

  it.each([
    ['the Azure CLI', '04b07795-8ddb-461a-bbee-02f9e1bf7b46'],
    ['any other client', '22222222-2222-4222-8222-00000000dead'],
  ])('does not vote with a token that %s obtained', async (_, azp) => {
    const { api, identity } = running();
    const { id, digest } = await waiting(running(), 'stclient');
    const token = await identity.issueToken('approver-1', { claims: { azp } });
    const answer = await api.send('approver-1', 'POST', `/operations/${id}/decisions`, { decision: 'approve', digest }, bearer(token));
    expect([answer.status, answer.errorCode()]).toEqual([403, 'ClientNotAllowed']);
  });
});

describe('whoever answers for the agent', () => {
  it('does not vote on what it asks for, though a member of the group', async () => {
    const { api, identity, effectsOn } = running();
    const { id, digest } = await waiting(running(), 'stproddata');
    identity.changePerson('agent-owner', { groups: [approvers] });
    const claims = { scp: 'Operation.Approve', azp: consoleClientId };
    const token = await identity.issueToken('agent-owner', { claims });
    const answer = await api.send('approver-1', 'POST', `/operations/${id}/decisions`, { decision: 'approve', digest }, bearer(token));
    expect([answer.status, answer.errorCode()]).toEqual([403, 'VoterOwnsAgent']);
    expect(effectsOn('stproddata')).toEqual([]);
  });
});

describe('after it was approved', () => {
  it('does not run where a voter has left the group', async () => {
    const { api, identity, effectsOn } = running();
    const path = `${production}/providers/Microsoft.KeyVault/vaults/kv-prod-1`;
    const { id } = (await api.submit('deploy-agent', { method: 'DELETE', path, apiVersion: '2023-07-01' })).operation();
    const digest = await api.awaitApprovalDigest(id);
    expect((await api.vote('approver-1', id, 'approve', digest)).status).toBe(200);
    identity.changePerson('approver-1', { groups: [] });
    expect((await api.vote('approver-2', id, 'approve', digest)).status).toBe(200);
    expect(await api.awaitStatus(id, 'expired')).toMatchObject({ next: 'resubmit' });
    expect((await api.events(id)).at(-1)?.detail).toMatchObject({ kind: 'executionStopped', code: 'voterNoLongerMember' });
    expect(effectsOn('kv-prod-1')).toEqual([]);
  });

  it('does not run where the account of the agent’s owner was disabled; the agent is refused on every route', async () => {
    const { api, identity, effectsOn } = running();
    const { id, digest } = await waiting(running(), 'stproddata');
    identity.changePerson('agent-owner', { accountEnabled: false });
    expect((await api.vote('approver-2', id, 'approve', digest)).status).toBe(200);
    await api.awaitStatus(id, 'denied');
    expect((await api.events(id)).at(-1)?.detail).toMatchObject({ kind: 'executionStopped', code: 'agentRefused' });
    expect(effectsOn('stproddata')).toEqual([]);

    const submission = { target: { kind: 'arm', ...removal('stproddata') }, justification: 'Again' };
    for (const [method, path, body] of [
      ['POST', '/operations', submission],
      ['POST', '/operations/assess', submission],
      ['GET', `/operations/${id}`, undefined],
      ['GET', `/operations/${id}/events`, undefined],
      ['GET', '/operations', undefined],
      ['POST', `/operations/${id}/cancel`, undefined],
    ] as const) {
      const answer = await api.send('deploy-agent', method, path, body);
      expect([path, answer.status, answer.errorCode()]).toEqual([path, 403, 'AgentRefused']);
    }
  });
});
