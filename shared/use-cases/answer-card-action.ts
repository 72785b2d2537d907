import type { Voter } from '../domain/approval.ts';
import { RequestError } from '../domain/request-error.ts';
import type { GroupRegistry } from '../ports/agent-registry.ts';
import type { CardSubject } from '../ports/approval-channel.ts';
import type { Directory } from '../ports/directory.ts';
import type { Masker } from '../ports/masker.ts';
import type { OperationStore } from '../ports/operation-store.ts';
import type { PolicyEngine } from '../ports/policy-engine.ts';
import type { Clock } from '../ports/system.ts';
import { groupsOf } from './authorize-caller.ts';
import { readCardSubject } from './card-subject.ts';
import type { RecordVote, VotingCaller } from './record-vote.ts';

export type AnswerCardActionDeps = {
  readonly store: OperationStore;
  readonly directory: Directory;
  readonly groups: GroupRegistry;
  readonly policies: PolicyEngine;
  readonly clock: Clock;
  readonly masker: Masker;
  readonly recordVote: RecordVote;
};

/** A button that a verified person pressed on a card; the digest is the one of the card that the person saw. */
export type CardPress =
  | { readonly verb: 'approve' | 'reject'; readonly operationId: string; readonly approvalDigest: string; readonly reason: string }
  | { readonly verb: 'refresh'; readonly operationId: string };

/** Counts the vote behind a press and gives what the card should now show, or what to tell the person instead. */
export function makeAnswerCardAction(
  deps: AnswerCardActionDeps,
): (person: Voter, press: CardPress) => Promise<CardSubject | { readonly message: string }> {
  return async (person, press) => {
    try {
      const caller: VotingCaller = { kind: 'person', ...person, groups: await groupsOf(deps, person.id) };
      if (press.verb === 'refresh') return await refreshed(deps, caller, press.operationId);
      const { operationId, approvalDigest: digest, reason } = press;
      return await readCardSubject(
        deps,
        await deps.recordVote(caller, { operationId, digest, reason, decision: press.verb, channel: 'teams' }),
      );
    } catch (error) {
      if (error instanceof RequestError) return { message: error.message };
      throw error;
    }
  };
}

async function refreshed(
  deps: AnswerCardActionDeps,
  caller: Extract<VotingCaller, { kind: 'person' }>,
  operationId: string,
): Promise<CardSubject> {
  const stored = await deps.store.read(operationId);
  if (stored === undefined || !deps.policies.mayRead(caller, stored.operation, deps.clock.now())) {
    throw new RequestError('OperationNotFound', 'There is no such operation.');
  }
  return await readCardSubject(deps, stored.operation);
}
