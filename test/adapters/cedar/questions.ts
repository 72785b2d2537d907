import { actionOf } from '../../../shared/domain/action.ts';
import { parseArmRequest } from '../../../shared/domain/arm-request.ts';
import type { Environment, RiskLevel, ScopeTags } from '../../../shared/domain/assessment.ts';
import { instant } from '../../../shared/domain/instant.ts';
import type { JsonValue } from '../../../shared/domain/json.ts';
import type { RegisteredAgent } from '../../../shared/ports/agent-registry.ts';
import type { PolicyQuestion } from '../../../shared/ports/policy-engine.ts';

export const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';
export const now = instant('2026-11-21T20:12:00.000Z');

export function agentIn(...groups: readonly string[]): RegisteredAgent {
  return {
    tenantId: '11111111-1111-4111-8111-111111111111',
    objectId: '44444444-4444-4444-8444-000000000001',
    name: 'deploy-agent',
    ownerId: '55555555-5555-4555-8555-000000000004',
    groups,
    purpose: 'Rolls out releases.',
    expiresAt: instant('2030-01-01T00:00:00.000Z'),
    frozen: false,
  };
}

export type Asked = {
  readonly agent?: RegisteredAgent;
  /** Method and path, as `DELETE /subscriptions/…`. */
  readonly call: string;
  readonly level?: RiskLevel;
  readonly environment?: Environment;
  readonly body?: JsonValue;
  readonly query?: Readonly<Record<string, string>>;
  readonly scopes?: readonly ScopeTags[];
};

/** A question as the use cases put it: the path parsed, the action named. */
export function question({
  agent = agentIn('deploy-agents'),
  call,
  level = 'low',
  environment = 'production',
  ...rest
}: Asked): PolicyQuestion {
  const [method = '', path = ''] = call.split(' ');
  const parsed = parseArmRequest({ method, path, apiVersion: '2024-01-01', query: rest.query ?? {}, headers: {}, body: rest.body });
  return {
    agent,
    request: parsed.request,
    path: parsed.path,
    action: actionOf(parsed.request.method, parsed.path),
    assessment: { level, environment, factors: [{ code: 'sample', level, detail: 'A factor.' }] },
    facts: { existence: 'present', scopes: rest.scopes ?? [], readAt: now },
    now,
  };
}
