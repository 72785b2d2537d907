import { digestOf } from '../../shared/domain/digest.ts';
import type { EventDetail, Happening } from '../../shared/domain/event.ts';
import { appendToChain } from '../../shared/domain/event-chain.ts';
import { instant } from '../../shared/domain/instant.ts';
import { isOperationId } from '../../shared/domain/operation.ts';
import { replay } from '../../shared/domain/transition.ts';
import type { Commit, OperationDocument, StoredOperation } from '../../shared/ports/operation-store.ts';

export const agent = {
  id: '44444444-4444-4444-8444-000000000001',
  name: 'deploy-agent',
  tenantId: '11111111-1111-4111-8111-111111111111',
  issuer: 'https://login.example/v2.0',
};

export const resourceId =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg-prod/providers/microsoft.storage/storageaccounts/stproddata';

/** An id for tests: `op_` and the text, which is of letters and the digits 2 to 7, filled up with `a`. */
export function operationIdOf(text: string): string {
  const id = `op_${text.padEnd(26, 'a')}`;
  if (!isOperationId(id)) throw new RangeError(`${id} is no operation id`);
  return id;
}

/** Ids that differ from each other and from those of another prefix. */
export function idsOf(prefix: string): () => string {
  let made = 0;
  return () => {
    made += 1;
    return operationIdOf(`${prefix}${[...String(made)].map((digit) => 'abcdefghij'[Number(digit)]).join('')}z`);
  };
}

export const submitted: Extract<EventDetail, { kind: 'submitted' }> = {
  kind: 'submitted',
  agent,
  ownerId: '55555555-5555-4555-8555-000000000004',
  target: {
    kind: 'arm',
    method: 'DELETE',
    path: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-prod/providers/Microsoft.Storage/storageAccounts/stproddata',
    apiVersion: '2024-01-01',
    query: {},
    headers: { 'if-match': '*' },
    resourceId,
    type: 'microsoft.storage/storageaccounts',
  },
  action: 'microsoft.storage/storageaccounts/delete',
  digest: digestOf('request'),
  requestMac: 'hmac-sha256:00',
  justification: 'The account is no longer needed.',
};

export const decided: Extract<EventDetail, { kind: 'decided' }> = {
  kind: 'decided',
  decision: {
    outcome: 'requireApproval',
    reasons: ['production-writes'],
    policyVersion: 'sha256:policy',
    requirements: { required: 1, groups: ['approvers'], expiresInMs: 14_400_000, voters: 'human' },
  },
  deadline: instant('2026-11-22T00:12:00.000Z'),
};

export const assessed: Extract<EventDetail, { kind: 'assessed' }> = {
  kind: 'assessed',
  assessment: {
    level: 'high',
    environment: 'production',
    factors: [{ code: 'destroysData', level: 'high', detail: 'Deletes a data store.', evidence: 'DELETE' }],
  },
};

export const refusedVote: Extract<EventDetail, { kind: 'voteRefused' }> = {
  kind: 'voteRefused',
  voter: { id: '55555555-5555-4555-8555-000000000003', name: 'Olga Auditor' },
  refusal: 'notInGroup',
  channel: 'api',
};

export function happening(detail: EventDetail, at = '2026-11-21T20:12:00.000Z'): Happening {
  return { actor: { kind: 'countersign', role: 'edge' }, at: instant(at), detail };
}

/** The first commit of an operation that waits for approval; `salt` makes its content differ. */
export function firstCommit(id: string, salt = 'one', documents: readonly OperationDocument[] = []): Commit {
  const details = [{ ...submitted, digest: digestOf(salt) }, assessed, decided];
  const events = appendToChain(
    id,
    undefined,
    details.map((detail) => happening(detail)),
  );
  return { operation: replay(events), events, documents };
}

/** A commit that continues what was read. */
export function furtherCommit(
  previous: StoredOperation,
  details: readonly EventDetail[],
  documents: readonly OperationDocument[] = [],
): Commit {
  const { id, head } = previous.operation;
  const events = appendToChain(
    id,
    head,
    details.map((detail) => happening(detail, '2026-11-21T20:13:00.000Z')),
  );
  return { operation: replay([...previous.events, ...events]), events, documents };
}
