import { instant } from '../../shared/domain/instant.ts';
import type { ApproverGroup, RegisteredAgent } from '../../shared/ports/agent-registry.ts';
import type { Caller } from '../../shared/ports/token-verifier.ts';

/** The people, agents and groups that the tests of use cases speak of. */
export const tenantId = '11111111-1111-4111-8111-111111111111';
export const issuer = 'https://login.example/11111111-1111-4111-8111-111111111111/v2.0';
export const consoleClientId = '66666666-6666-4666-8666-000000000001';

type Person = { readonly id: string; readonly name: string };

export const anna: Person = { id: '55555555-5555-4555-8555-000000000001', name: 'Anna Approver' };
export const boris: Person = { id: '55555555-5555-4555-8555-000000000002', name: 'Boris Approver' };
export const olga: Person = { id: '55555555-5555-4555-8555-000000000003', name: 'Olga Auditor' };
/** Answers for the deploy agent, and is in the approvers' group as well. */
export const owen: Person = { id: '55555555-5555-4555-8555-000000000004', name: 'Owen Owner' };
/** Belongs to the tenant and to none of our groups. */
export const stranger: Person = { id: '55555555-5555-4555-8555-000000000005', name: 'Sam Stranger' };

export const approvers: ApproverGroup = {
  name: 'approvers',
  id: '77777777-7777-4777-8777-000000000001',
  conversationId: '19:approvers@thread.tacv2',
};
export const security: ApproverGroup = {
  name: 'security',
  id: '77777777-7777-4777-8777-000000000002',
  conversationId: '19:security@thread.tacv2',
};
/** Reads; has no conversation. */
export const auditors: ApproverGroup = { name: 'auditors', id: '77777777-7777-4777-8777-000000000003' };

export const deployAgent: RegisteredAgent = {
  tenantId,
  objectId: '44444444-4444-4444-8444-000000000001',
  name: 'deploy-agent',
  ownerId: owen.id,
  groups: ['deployers'],
  purpose: 'Deploys the shop.',
  expiresAt: instant('2027-01-01T00:00:00.000Z'),
  frozen: false,
};
export const otherAgent: RegisteredAgent = { ...deployAgent, objectId: '44444444-4444-4444-8444-000000000002', name: 'other-agent' };

/** The caller that a verified token of an agent makes. */
export function agentCaller(
  agent: RegisteredAgent,
  roles: readonly string[] = ['Operation.Submit'],
): Caller & { readonly kind: 'agent' | 'ci' } {
  const { tenantId: tenant, objectId } = agent;
  return { kind: 'agent', issuer, tenantId: tenant, objectId, roles, absentGroups: [], proof: { issuer } };
}

/** The caller that a person's verified token for the API makes. */
export function personCaller(
  person: Person,
  scopes: readonly string[] = ['Operation.Approve'],
  clientId: string = consoleClientId,
): Extract<Caller, { kind: 'person' }> {
  const { id, name } = person;
  const proof = { issuer, client: clientId };
  return { kind: 'person', issuer, tenantId, objectId: id, name, scopes, clientId, absentGroups: [], proof };
}
