import { approvalDigest } from '../domain/approval.ts';
import { stricterAssessment } from '../domain/assessment.ts';
import { type Decision, stricter } from '../domain/decision.ts';
import { equalInConstantTime } from '../domain/digest.ts';
import type { Actor, CardReference, Happening } from '../domain/event.ts';
import { isDescribedTruly } from '../domain/execution.ts';
import { advance } from '../domain/history.ts';
import type { Instant } from '../domain/instant.ts';
import type { AwaitingApproval } from '../domain/operation.ts';
import { previewOf } from '../domain/preview.ts';
import { requestDigest } from '../domain/request-digest.ts';
import type { ApproverGroup, GroupRegistry } from '../ports/agent-registry.ts';
import type { Announcement } from '../ports/announcer.ts';
import { type ApprovalChannel, ChannelError } from '../ports/approval-channel.ts';
import type { Masker } from '../ports/masker.ts';
import type { OperationDocument, StoredOperation } from '../ports/operation-store.ts';
import { appendAnnounced } from './announce-then-commit.ts';
import { readCardSubject } from './card-subject.ts';
import { type FindAnnouncedDeps, findAnnounced, putOff } from './find-announced.ts';
import { type OpenedRequest, openRequest } from './open-request.ts';
import { type RejudgeDeps, rejudge } from './rejudge.ts';
import { deadlineOf } from './submit-operation.ts';
import { tellRequest } from './tell-request.ts';

export type RequestApprovalDeps = FindAnnouncedDeps &
  RejudgeDeps & { readonly groups: GroupRegistry; readonly channel: ApprovalChannel; readonly masker: Masker };

const actor: Actor = { kind: 'countersign', role: 'approvals' };

/**
 * Shows a waiting operation to those who may decide it. First the preview, with assessment and decision made again (only ever stricter), is stored;
 * then a card goes to the conversation of each group that may vote. A second delivery goes on where the first stopped.
 */
export function makeRequestApproval(deps: RequestApprovalDeps): (message: Announcement) => Promise<void> {
  return async (message) => {
    const found = await findAnnounced(deps, message);
    if (found === undefined) return;
    const shown = await storePreview(deps, found);
    if (shown === 'conflict') return await putOff(deps, message, 1_000);
    await postMissingCards(deps, shown);
  };
}

async function storePreview(deps: RequestApprovalDeps, stored: StoredOperation): Promise<StoredOperation | 'conflict'> {
  const { operation } = stored;
  if (operation.status !== 'awaitingApproval' || operation.shown !== undefined) return stored;
  const { happenings, documents } = await prepare(deps, operation);
  const outcome = await appendAnnounced(deps, stored, advance(operation.id, operation, happenings), documents);
  return outcome === 'conflict' ? 'conflict' : ((await deps.store.read(operation.id)) ?? 'conflict');
}

type Prepared = { readonly happenings: readonly Happening[]; readonly documents: readonly OperationDocument[] };

async function prepare(deps: RequestApprovalDeps, operation: AwaitingApproval): Promise<Prepared> {
  const request = await openRequest(deps.store, operation.id);
  if (request === undefined || !(await isTheOneSubmitted(deps, operation, request)))
    return refused(deps, operation, 'The stored request is not the one that was submitted.');
  const judgement = await rejudge(deps, operation, request.parsed);
  if (judgement.refusal !== undefined) return refused(deps, operation, judgement.refusal);
  if (judgement.path.resourceId !== operation.target.resourceId)
    return refused(deps, operation, 'The target is no longer where it was among the resources of Azure.');
  const at = deps.clock.now();
  const assessment = stricterAssessment(judgement.assessment, operation.assessment);
  const decision = stricter(judgement.decision, operation.decision);
  const deadline = earlier(operation.expiresAt, deadlineOf(decision, operation.createdAt));
  const judged: readonly Happening[] = [
    { actor, at, detail: { kind: 'assessed', assessment } },
    { actor, at, detail: { kind: 'decided', decision, deadline } },
  ];
  if (decision.outcome !== 'requireApproval') return { happenings: judged, documents: [] };
  const { target } = judgement.reading;
  const preview = previewOf(target, request.sealed.salt, at);
  const read = { part: 'answer', action: `${operation.target.type}/read`, path: operation.target.path } as const;
  const state = target.state === 'present' ? await deps.masker.mask(target.body, read) : undefined;
  const { requirements, policyVersion } = decision;
  const digest = approvalDigest({ requestDigest: operation.digest, assessment, policyVersion, requirements, preview });
  return {
    happenings: [...judged, { actor, at, detail: { kind: 'previewed', preview, approvalDigest: digest, masked: state?.masked ?? [] } }],
    documents: state === undefined ? [] : [{ name: 'preview', value: state.value }],
  };
}

/** Nobody is asked about events that tell something else than the sealed request, which is what would run. */
async function isTheOneSubmitted(
  { masker }: RequestApprovalDeps,
  operation: AwaitingApproval,
  { sealed }: OpenedRequest,
): Promise<boolean> {
  if (!equalInConstantTime(requestDigest(sealed), operation.digest)) return false;
  return isDescribedTruly(operation, sealed, await tellRequest(masker, sealed.request));
}

function refused(deps: RequestApprovalDeps, operation: AwaitingApproval, reason: string): Prepared {
  const decision: Decision = { outcome: 'deny', reasons: [reason], policyVersion: deps.policies.version };
  return {
    happenings: [{ actor, at: deps.clock.now(), detail: { kind: 'decided', decision, deadline: operation.expiresAt } }],
    documents: [],
  };
}

/**
 * Each card is posted, then recorded. A crash between the two posts it once more: a second card of one operation is harmless, since both carry the
 * same approval digest and one person is one vote, while a card that nobody sees is not. A conversation that takes no card keeps none from the others.
 */
async function postMissingCards(deps: RequestApprovalDeps, from: StoredOperation): Promise<void> {
  const failures: ChannelError[] = [];
  let stored: StoredOperation | undefined = from;
  for (const group of groupsToAsk(deps.groups, from)) {
    if (stored?.operation.status !== 'awaitingApproval') return;
    if (stored.operation.cards.some((card) => card.group === group.name)) continue;
    const card = await tryToPost(deps, stored, group);
    if (card instanceof ChannelError) {
      failures.push(card);
      continue;
    }
    await recordCard(deps, stored, { actor, at: deps.clock.now(), detail: { kind: 'approvalRequested', card } });
    stored = await deps.store.read(from.operation.id);
  }
  const [failure] = failures;
  if (failure !== undefined) throw failure;
}

async function tryToPost(
  deps: RequestApprovalDeps,
  { operation }: StoredOperation,
  group: ApproverGroup,
): Promise<CardReference | ChannelError> {
  try {
    return await deps.channel.post(await readCardSubject(deps, operation), group);
  } catch (error) {
    if (error instanceof ChannelError) return error;
    throw error;
  }
}

/** A card hangs where it hangs whatever else was written meanwhile, so a lost race is read again and written again. */
async function recordCard(deps: RequestApprovalDeps, from: StoredOperation, happening: Happening): Promise<void> {
  let stored: StoredOperation | undefined = from;
  while (stored !== undefined) {
    const { operation } = stored;
    if ((await appendAnnounced(deps, stored, advance(operation.id, operation, [happening]))) === 'committed') return;
    stored = await deps.store.read(operation.id);
  }
}

function groupsToAsk(registry: GroupRegistry, { operation }: StoredOperation): readonly ApproverGroup[] {
  if (operation.decision.outcome !== 'requireApproval') return [];
  const { groups } = operation.decision.requirements;
  return registry.groups.filter((group) => groups.includes(group.name) && group.conversationId !== undefined);
}

function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}
