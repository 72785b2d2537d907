import type { EntityJson, EntityUid, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import { parseArmCall } from '../../domain/arm-call.ts';
import type { ArmPath } from '../../domain/arm-path.ts';
import { riskRank, type ScopeTags } from '../../domain/assessment.ts';
import { epochMsOf, type Instant } from '../../domain/instant.ts';
import type { JudgedOperation, PersonInGroups, PolicyQuestion } from '../../ports/policy-engine.ts';

/** Everything that Cedar is told of one question, except for the action. */
export type CedarQuestion = Pick<StatefulAuthorizationCall, 'principal' | 'resource' | 'context' | 'entities'>;

/** An agent's question, as the schema in `infra/policy` describes it. */
export function agentQuestion(question: PolicyQuestion): CedarQuestion {
  const { agent, request, path, action, assessment, facts, now } = question;
  const principal = { type: 'Agent', id: agent.objectId };
  const entity: EntityJson = {
    uid: principal,
    attrs: { name: agent.name, owner: agent.ownerId, tenant: agent.tenantId },
    parents: agent.groups.map((id) => ({ type: 'AgentGroup', id })),
  };
  const circumstances = { action, method: request.method, type: path.type, assessment, now };
  const entities = [entity, ...scopesOf(path, facts.scopes)];
  return { principal, resource: scopeOf(path.resourceId), context: contextOf(circumstances), entities };
}

/** A person's question about an operation that exists. Tags are not part of it: what the agent was asked to have is decided already. */
export function personQuestion(person: PersonInGroups, operation: JudgedOperation, now: Instant): CedarQuestion {
  const path = parseArmCall(operation.target.method, operation.target.path);
  const principal = { type: 'Person', id: person.id };
  const entity: EntityJson = { uid: principal, attrs: {}, parents: person.groups.map((id) => ({ type: 'Group', id })) };
  const { action, target, assessment } = operation;
  const circumstances = { action, method: target.method, type: path.type, assessment, now };
  return { principal, resource: scopeOf(path.resourceId), context: contextOf(circumstances), entities: [entity, ...scopesOf(path, [])] };
}

type Circumstances = Pick<PolicyQuestion, 'action' | 'assessment' | 'now'> & { readonly method: string; readonly type: string };

function contextOf({ action, method, type, assessment, now }: Circumstances): StatefulAuthorizationCall['context'] {
  return {
    action,
    method,
    type,
    environment: assessment.environment,
    riskLevel: assessment.level,
    riskRank: riskRank(assessment.level),
    factorCodes: [...new Set(assessment.factors.map(({ code }) => code))],
    time: epochMsOf(now),
  };
}

function scopeOf(id: string): EntityUid & { readonly type: string; readonly id: string } {
  return { type: 'Scope', id };
}

/** The target and what contains it, each a child of the next. */
function scopesOf(path: ArmPath, tagged: readonly ScopeTags[]): EntityJson[] {
  const chain = [path.resourceId, ...path.containers];
  return chain.map((id, index) => {
    const container = chain[index + 1];
    return { uid: scopeOf(id), attrs: {}, parents: container === undefined ? [] : [scopeOf(container)], tags: tagsOf(id, tagged) };
  });
}

/** Azure takes tag names in any case for the same; policies see them in lower case. */
function tagsOf(id: string, tagged: readonly ScopeTags[]): Record<string, string> {
  const tags = tagged.find(({ scope }) => scope.toLowerCase() === id)?.tags ?? {};
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]));
}
