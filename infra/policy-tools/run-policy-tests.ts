import { parseArmRequest } from '../../shared/domain/arm-request.ts';
import type { Assessment, RiskFactor, TargetFacts } from '../../shared/domain/assessment.ts';
import type { Decision } from '../../shared/domain/decision.ts';
import { instant } from '../../shared/domain/instant.ts';
import { assess } from '../../shared/domain/risk/assess.ts';
import { assessSecret } from '../../shared/domain/risk/assess-secret.ts';
import type { ScriptReader } from '../../shared/domain/risk/scripts/script-reader.ts';
import { carriedCalls } from '../../shared/domain/risk/template/inspect-template.ts';
import { secretPath } from '../../shared/domain/secrets/secret-action.ts';
import { parseSecretRequest } from '../../shared/domain/secrets/secret-request.ts';
import { actionOfTarget, type PlacedRequest } from '../../shared/domain/target-request.ts';
import type { RegisteredAgent } from '../../shared/ports/agent-registry.ts';
import type { PolicyEngine } from '../../shared/ports/policy-engine.ts';
import { type AgentTest, isAgentTest, type PersonTest, type PolicyTest } from './policy-test-file.ts';

/** How one question was answered, in words, and in what it is not what was expected. */
export type TestOutcome = {
  readonly name: string;
  readonly risk: string;
  readonly answer: string;
  readonly by: string;
  readonly misses: readonly string[];
};

export type Judges = { readonly policies: PolicyEngine; readonly scripts: ScriptReader };

/** Puts one question to the policies, as Countersign would. Throws ArmRequestError where its call is none. */
export function runPolicyTest(test: PolicyTest, judges: Judges): TestOutcome {
  const [method = '', path = ''] = test.call.split(' ');
  const parsed = path.startsWith('/')
    ? parseArmRequest({ method, path, apiVersion: test.apiVersion, query: test.query, headers: {}, body: test.sentBody })
    : parseSecretCall(test);
  const action = actionOfTarget(
    parsed.request.kind === 'arm' ? { request: parsed.request, path: parsed.path } : { request: parsed.request },
  );
  const facts = factsOf(test, parsed);
  const assessment = assessmentOf(test, parsed, action, facts, judges.scripts);
  const risk = `${assessment.level}: ${assessment.factors.map(({ code }) => code).join(', ')}`;
  if (!isAgentTest(test)) return { name: test.name, risk, ...answerToPerson(test, parsed, action, assessment, judges.policies) };
  const now = instant(test.at);
  const decision = judges.policies.decide({
    agent: agentIn(test.agent),
    request: parsed.request,
    path: parsed.path,
    action,
    assessment,
    facts,
    now,
  });
  return {
    name: test.name,
    risk,
    answer: answerText(decision),
    by: (decision.policies ?? []).map(({ id }) => id).join(', '),
    misses: missesOf(test, decision, assessment),
  };
}

/** A key for `reveal`, which a test does not give. */
const someKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY',
  y: 'T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU',
};

function parseSecretCall({ call, vaultId }: PolicyTest): PlacedRequest {
  const [asked = '', vault = '', name = ''] = call.split(' ');
  const method = asked === 'reveal' ? 'get' : asked;
  const fields = {
    ...{ kind: 'keyvaultSecret', method, vault },
    ...(name === '' ? {} : { name }),
    ...(method === 'set' ? { value: 'of a test' } : {}),
    ...(asked === 'reveal' ? { reveal: true, revealTo: someKey } : {}),
  };
  const request = parseSecretRequest({ kind: 'keyvaultSecret', fields });
  return { request, path: secretPath(request, vaultId) };
}

/** The target, and what a template in it would write, have the tags that the test gives; the subscription says what environment it is. */
function factsOf(test: PolicyTest, placed: PlacedRequest): TargetFacts {
  const { path } = placed;
  const named = test.environment === 'production' ? {} : { environment: 'dev' };
  const scopes = [path.resourceId, ...path.containers].filter((scope) => scope !== '/');
  const existence = test.exists ? 'present' : 'absent';
  return {
    existence,
    scopes: scopes.map((scope, index) => ({ scope, tags: { ...(index === scopes.length - 1 ? named : {}), ...test.tags[scope] } })),
    readAt: instant(test.at),
    locks: test.locks.map((scope) => ({ id: `${scope.toLowerCase()}/providers/microsoft.authorization/locks/l`, level: 'CanNotDelete' })),
    carried: carriedIds(placed).map((id) => ({ id, existence, current: undefined, tags: test.tags[id] ?? {} })),
  };
}

function carriedIds({ request, path }: PlacedRequest): readonly string[] {
  if (request.kind !== 'arm') return [];
  return carriedCalls({ request, path }).calls.map((call) => call.path.toLowerCase());
}

function assessmentOf(
  test: PolicyTest,
  { request, path }: PlacedRequest,
  action: string,
  facts: TargetFacts,
  scripts: ScriptReader,
): Assessment {
  const { risk, environment } = test;
  if (risk === undefined && request.kind === 'keyvaultSecret') {
    const vault = { resourceId: test.vaultId, softDelete: true, purgeProtection: false };
    return assessSecret(request, { scopes: facts, vault, state: undefined });
  }
  if (risk === undefined && request.kind === 'arm') return assess(request, path, action, facts, scripts);
  if (risk === undefined) throw new RangeError('a call of no kind');
  const factors = risk.factors.map((code): RiskFactor => ({ code, level: risk.level, detail: 'Given by a test.' }));
  return { level: risk.level, environment, factors };
}

/** Who asks is in the groups of the test, and nobody else. */
function agentIn(groups: readonly string[]): RegisteredAgent {
  const id = '00000000-0000-4000-8000-000000000000';
  return {
    tenantId: id,
    objectId: id,
    name: 'agent-of-a-test',
    ownerId: id,
    groups,
    purpose: 'Asks what a test asks.',
    expiresAt: instant('9999-01-01T00:00:00.000Z'),
    frozen: false,
  };
}

function answerToPerson(
  test: PersonTest,
  { request, path }: PlacedRequest,
  action: string,
  assessment: Assessment,
  policies: PolicyEngine,
): Pick<TestOutcome, 'answer' | 'by' | 'misses'> {
  const person = { id: '00000000-0000-4000-8000-000000000001', groups: test.person };
  const ask = test.may === 'approve' ? policies.mayApprove : policies.mayRead;
  const answer = ask(person, { action, assessment, target: { method: request.method, path: path.canonical } }, instant(test.at))
    ? 'yes'
    : 'no';
  const misses = answer === test.expect.outcome ? [] : [`${test.may}: expected ${test.expect.outcome}`];
  return { answer: `${answer}, ${answer === 'yes' ? 'may' : 'may not'} ${test.may}`, by: '', misses };
}

function answerText(decision: Decision): string {
  if (decision.outcome !== 'requireApproval') return decision.outcome;
  const { required, groups, expiresInMs } = decision.requirements;
  return `requireApproval: ${required} of ${groups.join(', ')} in ${expiresInMs / 60_000} min`;
}

function missesOf({ expect }: AgentTest, decision: Decision, assessment: Assessment): readonly string[] {
  const requirements = decision.outcome === 'requireApproval' ? decision.requirements : undefined;
  const compared: readonly (readonly [string, unknown, unknown])[] = [
    ['outcome', expect.outcome, decision.outcome],
    ['risk', expect.risk, assessment.level],
    ['approvals', expect.approvals, requirements?.required],
    ['groups', expect.groups, requirements?.groups],
    ['expiresInMinutes', expect.expiresInMinutes, requirements === undefined ? undefined : requirements.expiresInMs / 60_000],
    ['policies', expect.policies, decision.policies?.map(({ id }) => id)],
  ];
  const differing = compared.filter(([, expected, given]) => expected !== undefined && JSON.stringify(expected) !== JSON.stringify(given));
  const misses = differing.map(([what, expected, given]) => `${what}: expected ${JSON.stringify(expected)}, is ${JSON.stringify(given)}`);
  const { advice } = expect;
  if (advice === undefined || decision.reasons.some((reason) => reason.includes(advice))) return misses;
  return [...misses, `advice: expected ${JSON.stringify(advice)}, is ${JSON.stringify(decision.reasons)}`];
}
