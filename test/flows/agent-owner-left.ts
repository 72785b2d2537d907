import { describe, expect, it } from 'vitest';
import type { OperationView } from '../support/api-client.ts';
import { production, type RunningEnvironment, storageAccount, storageVersion } from '../support/running-environment.ts';

const account = storageAccount(production, 'stproddata');
const look = { method: 'GET', path: account, apiVersion: storageVersion };
const removal = { method: 'DELETE', path: account, apiVersion: storageVersion };
const asked = (target: typeof look) => ({ target: { kind: 'arm', ...target }, justification: 'Nobody needs it any more.' });
const wait = { prefer: 'wait=20' };

/** Everything that an agent can do. */
const routes: readonly (readonly [string, 'GET' | 'POST', (id: string) => string, unknown])[] = [
  ['ask for something', 'POST', () => '/operations', asked(look)],
  ['ask what would be', 'POST', () => '/operations/assess', asked(look)],
  ['read', 'GET', (id) => `/operations/${id}`, undefined],
  ['read the evidence', 'GET', (id) => `/operations/${id}/events`, undefined],
  ['list', 'GET', () => '/operations', undefined],
  ['cancel', 'POST', (id) => `/operations/${id}/cancel`, undefined],
  ['vote', 'POST', (id) => `/operations/${id}/decisions`, { decision: 'approve', digest: `sha256:${'0'.repeat(64)}` }],
];

/**
 * The token of a managed identity is good for a day and says nothing of the agent's owner: when that account ends, only what Countersign asks for itself
 * can stop the agent. In the end the account is as it was.
 */
export function describeOwnerLeft(running: () => RunningEnvironment): void {
  describe('the contractor who left and whose agent went on', () => {
    let waiting: OperationView;

    it('while the contractor is there, the agent reads, and asks for a deletion that people must approve', async () => {
      const { api } = running();
      expect((await api.submit('deploy-agent', look, wait)).operation().status).toBe('succeeded');
      waiting = (await api.submit('deploy-agent', removal)).operation();
      expect(waiting.status).toBe('awaitingApproval');
    });

    it('the last approval comes after the contractor has left, and nothing is sent to Azure', async () => {
      const { api, identity, effectsOn } = running();
      const digest = await api.awaitApprovalDigest(waiting.id);
      const voters = ['approver-1', 'approver-2'].slice(0, waiting.decision.approval?.required);
      const last = voters.pop() ?? '';
      for (const voter of voters) expect((await api.vote(voter, waiting.id, 'approve', digest)).status).toBe(200);
      expect(identity.changePerson('agent-owner', { accountEnabled: false })).toBe(true);
      expect((await api.vote(last, waiting.id, 'approve', digest)).status).toBe(200);
      await api.awaitStatus(waiting.id, 'denied');
      expect((await api.events(waiting.id)).map(({ detail }) => detail)).toContainEqual({
        kind: 'executionStopped',
        code: 'agentRefused',
        detail: "The account of the agent's owner is disabled or gone.",
        end: 'denied',
      });
      expect(effectsOn('stproddata')).toEqual([]);
    });

    it.each(routes)('with its good token of that day the agent may not %s', async (_, method, pathOf, body) => {
      const refusal = await running().api.send('deploy-agent', method, pathOf(waiting.id), body);
      expect([refusal.status, refusal.errorCode()]).toEqual([403, 'AgentRefused']);
    });

    it('a new token is good and helps as little', async () => {
      const { api, identity } = running();
      const authorization = `Bearer ${await identity.issueToken('deploy-agent')}`;
      expect((await api.send('deploy-agent', 'GET', '/operations', undefined, { authorization })).errorCode()).toBe('AgentRefused');
    });

    it("the contractor's other agent is refused as well", async () => {
      expect((await running().api.submit('audit-agent', look)).errorCode()).toBe('AgentRefused');
    });

    it('once the account is deleted it is the same', async () => {
      const { api, identity } = running();
      identity.changePerson('agent-owner', { accountEnabled: true, deleted: true });
      expect((await api.read('deploy-agent', waiting.id)).errorCode()).toBe('AgentRefused');
    });

    it('people still read what the agent did', async () => {
      expect((await running().api.read('auditor', waiting.id)).operation().status).toBe('denied');
    });

    it('when the contractor is back the agent may ask again, and what was refused stays refused', async () => {
      const { api, identity, effectsOn } = running();
      identity.changePerson('agent-owner', { deleted: false });
      expect((await api.submit('deploy-agent', look, wait)).operation().status).toBe('succeeded');
      expect((await api.read('deploy-agent', waiting.id)).operation().status).toBe('denied');
      expect(effectsOn('stproddata')).toEqual([]);
    });
  });
}
