import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPolicies } from '../../../shared/adapters/cedar/load-policies.ts';
import { loadRegisters } from '../../../shared/adapters/policy-files/load-registers.ts';
import type { Environment, RiskLevel } from '../../../shared/domain/assessment.ts';
import type { OperationCore } from '../../../shared/domain/operation.ts';
import { defaultPolicies } from './policy-directory.ts';
import { agentIn, now, question, subscription } from './questions.ts';

const engine = await loadPolicies(defaultPolicies, { protectedScopes: [] });
const registers = await loadRegisters(defaultPolicies);

const account = `${subscription}/resourceGroups/rg-prod/providers/Microsoft.Storage/storageAccounts/stproddata`;
const read = `GET ${account}`;
const write = `PUT ${account}`;
const server = `${subscription}/resourceGroups/rg-prod/providers/Microsoft.Sql/servers/sql-prod-1`;

type Row = [group: string, call: string, environment: Environment, level: RiskLevel, decision: string];

describe('the default set', () => {
  it.each<Row>([
    ['deploy-agents', read, 'production', 'low', 'allow'],
    ['deploy-agents', read, 'production', 'medium', 'allow'],
    ['deploy-agents', read, 'production', 'high', 'requireApproval 1'],
    ['deploy-agents', write, 'nonProduction', 'low', 'allow'],
    ['deploy-agents', write, 'production', 'low', 'allow'],
    ['deploy-agents', write, 'nonProduction', 'medium', 'allow'],
    ['deploy-agents', write, 'production', 'medium', 'requireApproval 1'],
    ['deploy-agents', write, 'nonProduction', 'high', 'requireApproval 1'],
    ['deploy-agents', write, 'production', 'high', 'requireApproval 1'],
    ['deploy-agents', write, 'nonProduction', 'critical', 'requireApproval 2'],
    ['deploy-agents', write, 'production', 'critical', 'requireApproval 2'],
    ['deploy-agents', `DELETE ${server}`, 'production', 'critical', 'deny'],
    ['deploy-agents', `DELETE ${server}`, 'nonProduction', 'high', 'requireApproval 1'],
    ['deploy-agents', `DELETE ${server}/databases/db`, 'production', 'critical', 'requireApproval 2'],
    ['deploy-agents', `DELETE ${account}/providers/Microsoft.Authorization/locks/l`, 'production', 'critical', 'deny'],
    ['deploy-agents', `DELETE ${account}/providers/Microsoft.Authorization/locks/l`, 'nonProduction', 'medium', 'allow'],
    ['deploy-agents', 'POST /providers/Microsoft.Authorization/elevateAccess', 'production', 'critical', 'deny'],
    ['readers', read, 'production', 'low', 'allow'],
    ['readers', read, 'production', 'medium', 'deny'],
    ['readers', write, 'nonProduction', 'low', 'deny'],
    ['readers', write, 'production', 'critical', 'deny'],
    ['unheard-of', read, 'nonProduction', 'low', 'deny'],
  ])('%s, %s, %s, %s: %s', (group, call, environment, level, expected) => {
    const decision = engine.decide(question({ agent: agentIn(group), call, environment, level }));
    expect(decision.outcome === 'requireApproval' ? `requireApproval ${decision.requirements.required}` : decision.outcome).toBe(expected);
  });

  it('does not let an agent of both groups change anything', () => {
    const decision = engine.decide(question({ agent: agentIn('deploy-agents', 'readers'), call: write, level: 'low' }));
    expect(decision).toMatchObject({ outcome: 'deny', reasons: [expect.stringMatching(/^Agents of the group readers may only read/)] });
  });

  it('advises where it forbids', () => {
    const decision = engine.decide(question({ call: `DELETE ${server}`, level: 'critical' }));
    expect(decision.reasons).toEqual([expect.stringMatching(/^Production database servers are retired by the database team/)]);
  });
});

describe('people under the default set', () => {
  const operation = subject('DELETE', account);
  const person = (...groups: readonly string[]) => ({ id: '55555555-5555-4555-8555-000000000001', groups });

  it.each([
    [['approvers'], true, true],
    [['auditors'], false, true],
    [['auditors', 'approvers'], true, true],
    [['somebody-else'], false, false],
    [[], false, false],
  ])('in %j: approve %s, read %s', (groups, approve, reads) => {
    expect(engine.mayApprove(person(...groups), operation, now)).toBe(approve);
    expect(engine.mayRead(person(...groups), operation, now)).toBe(reads);
  });

  it('may nothing where the operation is not understood', () => {
    const odd = { ...operation, target: { ...operation.target, path: 'not a path' } };
    expect(engine.mayRead(person('approvers'), odd, now)).toBe(false);
  });
});

/** The parts of a stored operation, as it would be read back. */
function subject(method: 'DELETE', path: string): OperationCore {
  const asked = question({ call: `${method} ${path}`, level: 'critical' });
  const digest = JSON.parse('"sha256:0000000000000000000000000000000000000000000000000000000000000000"');
  return {
    id: 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa',
    head: { sequence: 1, hash: digest },
    createdAt: now,
    updatedAt: now,
    agent: { id: asked.agent.objectId, tenantId: asked.agent.tenantId, name: asked.agent.name, issuer: 'https://issuer.example' },
    ownerId: asked.agent.ownerId,
    target: {
      kind: 'arm',
      method,
      path,
      apiVersion: '2024-01-01',
      query: {},
      headers: {},
      resourceId: path.toLowerCase(),
      type: asked.path.type,
    },
    action: asked.action,
    digest,
    requestMac: 'hmac-sha256:0',
    justification: 'because',
    traceparent: undefined,
    assessment: asked.assessment,
    decision: engine.decide(asked),
    cards: [],
    votes: [],
    refusedVotes: 0,
    shown: undefined,
    grants: [],
  };
}

describe('the default registers', () => {
  it('know the seeded agents and nobody else', () => {
    const tenant = '11111111-1111-4111-8111-111111111111';
    expect(registers.agents.find(tenant, '44444444-4444-4444-8444-000000000001')).toMatchObject({
      name: 'deploy-agent',
      groups: ['deploy-agents'],
    });
    expect(registers.agents.find(tenant, '44444444-4444-4444-8444-000000000002')).toMatchObject({
      name: 'audit-agent',
      groups: ['readers'],
    });
    expect(registers.agents.find(tenant, '44444444-4444-4444-8444-000000000003')).toMatchObject({
      name: 'operate-agent',
      groups: ['operators'],
    });
    expect(registers.agents.find(tenant, '44444444-4444-4444-8444-000000000004')).toBeUndefined();
    expect(registers.agents.find('99999999-1111-4111-8111-111111111111', '44444444-4444-4444-8444-000000000001')).toBeUndefined();
  });

  it('have every group that the policies speak of, and the policies let those approve that they ask', () => {
    expect(engine.groupFaults({ ...registers, groups: registers.groups.groups })).toEqual([]);
  });

  it('may be replaced by the examples as they are', async () => {
    const examples = await loadRegisters(join(defaultPolicies, 'examples'));
    expect(engine.groupFaults({ ...examples, groups: examples.groups.groups })).toEqual([]);
  });

  it('say where approvers are asked', () => {
    expect(registers.groups.groups.find(({ name }) => name === 'approvers')?.conversationId).toBe('19:countersign-approvals@thread.tacv2');
  });
});
