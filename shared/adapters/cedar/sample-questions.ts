import { parseArmPath } from '../../domain/arm-path.ts';
import type { Assessment } from '../../domain/assessment.ts';
import { instant } from '../../domain/instant.ts';
import { askCedar } from './ask-cedar.ts';
import { agentQuestion, personQuestion } from './cedar-question.ts';
import type { CedarAction } from './policy-syntax.ts';

const now = instant('2026-01-01T00:00:00.000Z');
const action = 'microsoft.resources/subscriptions/resourcegroups/write';
const target = { method: 'PUT', path: '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/sample' } as const;
const assessment: Assessment = {
  level: 'low',
  environment: 'production',
  factors: [{ code: 'sample', level: 'low', detail: 'Stands for any factor.' }],
};

/** Whether Cedar understands what it will be told: one question of each kind, whatever the answer. A policy that cannot be evaluated is no matter of the schema. */
export function answersSamples(version: string): boolean {
  const path = parseArmPath(target.path);
  const asAgent = agentQuestion({
    agent: {
      tenantId: 'tenant',
      objectId: 'agent',
      name: 'sample',
      ownerId: 'owner',
      groups: ['samples'],
      purpose: 'sample',
      expiresAt: now,
      frozen: false,
    },
    request: { kind: 'arm', ...target, apiVersion: '2021-04-01', query: {}, headers: {}, body: undefined },
    path,
    action,
    assessment,
    facts: { existence: 'present', scopes: [{ scope: path.resourceId, tags: { sample: 'tag' } }], readAt: now },
    now,
  });
  const asPerson = personQuestion({ id: 'person', groups: ['samples'] }, { action, target, assessment }, now);
  const asked: readonly (readonly [CedarAction, typeof asAgent])[] = [
    ['execute', asAgent],
    ['request', asAgent],
    ['reveal', asAgent],
    ['approve', asPerson],
    ['read', asPerson],
  ];
  return asked.every(([name, question]) => {
    const answer = askCedar(version, name, question);
    return answer.kind !== 'faulty' || answer.policyIds.length > 0;
  });
}
