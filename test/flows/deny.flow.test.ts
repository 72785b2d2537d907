import { describe, expect, it } from 'vitest';
import type { Target } from '../support/api-client.ts';
import {
  development,
  production,
  storageAccount,
  storageVersion,
  subscription,
  useSharedEnvironment,
} from '../support/running-environment.ts';

const running = useSharedEnvironment();

const own = `${subscription}/resourceGroups/rg-countersign`;
const roleAssignment = 'providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const vmVersion = '2024-11-01';

describe('what no policy lets happen', () => {
  it.each<[string, string, Target]>([
    [
      'the production database server',
      'deploy-agent',
      { method: 'DELETE', path: `${production}/providers/Microsoft.Sql/servers/sql-prod-1`, apiVersion: '2023-08-01' },
    ],
    [
      'a write of an agent that only reads',
      'audit-agent',
      { method: 'DELETE', path: storageAccount(development, 'stdevdata'), apiVersion: storageVersion },
    ],
    [
      'a lock in production',
      'deploy-agent',
      { method: 'DELETE', path: `${production}/providers/Microsoft.Authorization/locks/keep`, apiVersion: '2020-05-01' },
    ],
    [
      'access to the whole tenant',
      'deploy-agent',
      { method: 'POST', path: '/providers/Microsoft.Authorization/elevateAccess', apiVersion: '2016-07-01' },
    ],
    [
      "Countersign's own storage",
      'deploy-agent',
      { method: 'DELETE', path: storageAccount(own, 'stcountersign'), apiVersion: storageVersion },
    ],
    [
      "Countersign's own group",
      'deploy-agent',
      { method: 'DELETE', path: own.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'), apiVersion: '2021-04-01' },
    ],
    ['the subscription that holds it', 'deploy-agent', { method: 'DELETE', path: subscription, apiVersion: '2022-12-01' }],
    [
      'a role on what holds it',
      'deploy-agent',
      { method: 'PUT', path: `${subscription}/${roleAssignment}`, apiVersion: '2022-04-01', body: { properties: {} } },
    ],
    [
      'its identity on another machine',
      'deploy-agent',
      {
        method: 'PATCH',
        path: `${development}/providers/Microsoft.Compute/virtualMachines/vm-dev-1`,
        apiVersion: vmVersion,
        body: {
          identity: { userAssignedIdentities: { [`${own}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/operator`]: {} } },
        },
      },
    ],
  ])('is denied as an answer, not as an error, and is not sent: %s', async (_, agent, target) => {
    const { api, resourceManager } = running();
    const before = resourceManager.requests().filter(({ method }) => method !== 'GET');
    const answer = await api.submit(agent, target);
    expect(answer.status).toBe(200);
    const operation = answer.operation();
    expect(operation).toMatchObject({ status: 'denied', next: 'stop', decision: { outcome: 'deny' } });
    expect(operation.decision.reasons.join(' ')).not.toBe('');
    expect((await api.events(operation.id)).map(({ detail }) => detail.kind)).toEqual(['submitted', 'assessed', 'decided']);
    expect(resourceManager.requests().filter(({ method }) => method !== 'GET')).toEqual(before);
  });

  it('cannot be voted for, taken back, or asked for once more under the same id with another end', async () => {
    const { api, effectsOn } = running();
    const target = { method: 'DELETE', path: `${production}/providers/Microsoft.Sql/servers/sql-prod-1`, apiVersion: '2023-08-01' };
    const headers = { 'repeatability-request-id': 'denied-once' };
    const { id, digest } = (await api.submit('deploy-agent', target, headers)).operation();
    const vote = await api.vote('approver-1', id, 'approve', digest);
    expect([vote.status, vote.errorCode()]).toEqual([409, 'NotAwaitingApproval']);
    const cancel = await api.send('deploy-agent', 'POST', `/operations/${id}/cancel`);
    expect([cancel.status, cancel.errorCode()]).toEqual([409, 'NotCancellable']);
    expect((await api.submit('deploy-agent', target, headers)).operation()).toMatchObject({ id, status: 'denied' });
    expect(effectsOn('sql-prod-1')).toEqual([]);
  });
});
