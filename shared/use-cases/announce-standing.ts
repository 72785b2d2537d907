import { followUps } from '../domain/follow-up.ts';
import { plusMs } from '../domain/instant.ts';
import { isTerminal, type Operation } from '../domain/operation.ts';
import type { Announcement } from '../ports/announcer.ts';
import type { Clock } from '../ports/system.ts';
import { announceStanding, type CommitDeps, type FollowingMessage } from './announce-then-commit.ts';

const askAgainMs = 15_000;

/**
 * What a message finds that set off a call and comes once more: the outcome may have been written while nobody could be told of it, so they are told now. Where they had
 * been, Service Bus drops these messages as the same, or their consumers find nothing to do.
 */
export async function announceOutcome(
  deps: Pick<CommitDeps, 'announcer'> & { readonly clock: Clock },
  message: Announcement,
  operation: Operation,
): Promise<void> {
  const messages = messagesOf(deps.clock, message, operation);
  if (messages.length > 0) await announceStanding(deps, operation, messages);
}

function messagesOf(clock: Clock, message: Announcement, operation: Operation): readonly FollowingMessage[] {
  if (isTerminal(operation))
    return [{ purpose: 'project' }, ...(operation.grants.length > 0 ? [{ purpose: 'revokeAccess' } as const] : [])];
  if (operation.status === 'approved') return message.purpose === 'execute' ? [] : [executeNext(operation)];
  if (operation.status !== 'executing') return [];
  switch (operation.phase) {
    case 'claimed':
    case 'awaitingAccess':
    case 'calling':
      return [];
    case 'polling':
      return [...followUps(undefined, operation), { purpose: 'poll', notBefore: plusMs(clock.now(), askAgainMs) }];
    case 'readingBack':
      return followUps(undefined, operation);
  }
}

function executeNext({ notBefore }: Extract<Operation, { status: 'approved' }>): FollowingMessage {
  return { purpose: 'execute', ...(notBefore === undefined ? {} : { notBefore }) };
}
