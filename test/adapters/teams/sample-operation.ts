import { approvalDigest, type Preview, type Vote } from '../../../shared/domain/approval.ts';
import type { ArmMethod } from '../../../shared/domain/arm-method.ts';
import { parseArmRequest } from '../../../shared/domain/arm-request.ts';
import type { Assessment } from '../../../shared/domain/assessment.ts';
import type { ApprovalRequirements } from '../../../shared/domain/decision.ts';
import { type Digest, digestOf } from '../../../shared/domain/digest.ts';
import type { EventDetail, Happening } from '../../../shared/domain/event.ts';
import { advance } from '../../../shared/domain/history.ts';
import { instant } from '../../../shared/domain/instant.ts';
import type { Operation } from '../../../shared/domain/operation.ts';

export const sampleId = 'op_k3v2x2a7mq5r4t6w2y7z3b5c4d';
export const ada = { id: '55555555-5555-4555-8555-000000000001', name: 'Ada Approver' };
export const ben = { id: '55555555-5555-4555-8555-000000000002', name: 'Ben Approver' };

/** What a sample may differ in from the deletion of a storage account in production. */
export type SampleOptions = {
  readonly id?: string;
  readonly method?: ArmMethod;
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agentName?: string;
  readonly justification?: string;
  readonly assessment?: Assessment;
  readonly required?: number;
  readonly groups?: readonly string[];
  readonly preview?: Preview;
};

const storagePath =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-prod/providers/Microsoft.Storage/storageAccounts/stproddata';

export const criticalAssessment: Assessment = {
  level: 'critical',
  environment: 'production',
  factors: [
    {
      code: 'destroysData',
      level: 'critical',
      detail: 'Deleting a storage account deletes all data in it.',
      evidence: 'DELETE microsoft.storage/storageaccounts',
    },
    { code: 'production', level: 'high', detail: 'The resource group is tagged as production.', evidence: 'environment=prod on rg-prod' },
  ],
};

const presentPreview: Preview = {
  state: 'present',
  digest: digestOf({ state: 'sample' }),
  readAt: instant('2026-11-21T20:12:05.000Z'),
};

/** An operation as it stands after the happenings that follow its preview. */
export function sampleOperation(options: SampleOptions = {}, later: readonly Happening[] = []): Operation {
  return advance(options.id ?? sampleId, undefined, [...firstHappenings(options), ...later]).operation;
}

export const deadline = instant('2026-11-22T00:12:00.000Z');

function requirementsOf({ required = 2, groups = ['approvers'] }: SampleOptions): ApprovalRequirements {
  return { required, groups, expiresInMs: 4 * 60 * 60 * 1000, voters: 'human' };
}

export function approvalDigestOf(options: SampleOptions = {}): Digest {
  return approvalDigest({
    requestDigest: digestOf({ request: 'sample' }),
    assessment: options.assessment ?? criticalAssessment,
    policyVersion: 'sha256:policies',
    requirements: requirementsOf(options),
    preview: options.preview ?? presentPreview,
  });
}

function firstHappenings(options: SampleOptions): readonly Happening[] {
  const { request, path } = parseArmRequest({
    method: options.method ?? 'DELETE',
    path: options.path ?? storagePath,
    apiVersion: '2024-01-01',
    query: options.query ?? {},
    headers: options.headers ?? {},
    body: undefined,
  });
  const { method, apiVersion, query, headers } = request;
  const assessment = options.assessment ?? criticalAssessment;
  return [
    happening({
      kind: 'submitted',
      agent: {
        id: '44444444-4444-4444-8444-000000000001',
        tenantId: '11111111-1111-4111-8111-111111111111',
        name: options.agentName ?? 'deploy-agent',
        issuer: 'https://issuer.example',
      },
      ownerId: '55555555-5555-4555-8555-000000000004',
      target: { kind: 'arm', method, path: request.path, apiVersion, query, headers, resourceId: path.resourceId, type: path.type },
      action: 'microsoft.storage/storageaccounts/delete',
      digest: digestOf({ request: 'sample' }),
      requestMac: 'hmac-sha256:sample',
      justification: options.justification ?? 'The account is unused since the migration of October; ticket OPS-4711.',
    }),
    happening({ kind: 'assessed', assessment }),
    happening({
      kind: 'decided',
      decision: {
        outcome: 'requireApproval',
        reasons: ['critical-needs-two'],
        policyVersion: 'sha256:policies',
        requirements: requirementsOf(options),
      },
      deadline,
    }),
    happening({ kind: 'previewed', preview: options.preview ?? presentPreview, approvalDigest: approvalDigestOf(options), masked: [] }),
  ];
}

export function happening(detail: EventDetail, at = '2026-11-21T20:12:05.000Z'): Happening {
  return { actor: { kind: 'countersign', role: 'approvals' }, at: instant(at), detail };
}

export function voteBy(
  voter: { id: string; name: string },
  decision: 'approve' | 'reject',
  reason = '',
  options: SampleOptions = {},
): Happening {
  const at = instant('2026-11-21T20:30:00.000Z');
  const vote: Vote = { voter, decision, digest: approvalDigestOf(options), reason, channel: 'teams', at };
  return { actor: { kind: 'person', ...voter }, at, detail: { kind: 'voteRecorded', vote } };
}

const executeBy = instant('2026-11-21T21:30:00.000Z');

/** Two approvals of a sample that needs two. */
export const approvedByBoth: readonly Happening[] = [
  voteBy(ada, 'approve', 'Checked with the team.'),
  voteBy(ben, 'approve'),
  happening({ kind: 'approved', executeBy }, '2026-11-21T20:30:00.000Z'),
];

export const started: readonly Happening[] = [
  ...approvedByBoth,
  happening({ kind: 'executionStarted', attempt: 1, leaseUntil: executeBy }, '2026-11-21T20:30:01.000Z'),
];

export const called: readonly Happening[] = [
  ...started,
  happening({ kind: 'callStarted', digest: digestOf({ request: 'sample' }), leaseUntil: executeBy }, '2026-11-21T20:30:02.000Z'),
];
