import type { CardReference } from '../domain/event.ts';
import type { Operation } from '../domain/operation.ts';
import type { Announcement } from '../ports/announcer.ts';
import { type ApprovalChannel, type CardSubject, ChannelError } from '../ports/approval-channel.ts';
import type { Masker } from '../ports/masker.ts';
import type { IndexEntry, OperationIndex } from '../ports/operation-index.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import { announceNotice } from './announce-notice.ts';
import { readCardSubject } from './card-subject.ts';
import { type FindAnnouncedDeps, findAnnounced } from './find-announced.ts';
export type ProjectDeps = FindAnnouncedDeps & {
  readonly index: OperationIndex;
  readonly channel: ApprovalChannel;
  readonly masker: Masker;
  /** Whether anybody is told how operations end. */
  readonly notices: boolean;
};

/**
 * Brings up to date what is derived from an operation: its line in the listing and its cards. Both are overwritten from what is stored,
 * so a repeated or late message does no harm; when the operation moved on meanwhile, it is done once more, so that no card is left behind.
 */
export function makeProjectOperation(deps: ProjectDeps): (message: Announcement) => Promise<void> {
  return async (message) => {
    let stored = await findAnnounced(deps, message);
    if (deps.notices && stored !== undefined) await announceNotice(deps.announcer, stored, message);
    for (
      let shown = 0;
      stored !== undefined && stored.operation.head.sequence > shown;
      stored = await deps.store.read(message.operationId)
    ) {
      const { operation } = stored;
      await deps.index.put(indexEntryOf(operation));
      if (operation.cards.length > 0 && changesCards(stored, message)) {
        const subject = await readCardSubject(deps, operation);
        for (const card of operation.cards) await updateCard(deps, subject, card);
      }
      shown = operation.head.sequence;
    }
  };
}

/**
 * Whether what was announced shows on a card. A card that is replaced loses the reason that somebody is writing on it, so that nobody who is
 * refused may bring that about; and a card that was just posted, which shows all that was known then, is not posted again.
 */
function changesCards({ events }: StoredOperation, { sequence }: Announcement): boolean {
  const kinds = events.map(({ detail }) => detail.kind);
  if (kinds[sequence - 1] === 'voteRefused') return false;
  const sincePreview = kinds.slice(kinds.lastIndexOf('previewed') + 1, sequence);
  return sincePreview.some((kind) => kind !== 'approvalRequested' && kind !== 'voteRefused');
}

/** A card that somebody deleted cannot be brought up to date, however often it is tried; what cannot be reached now is tried again. */
async function updateCard(deps: ProjectDeps, subject: CardSubject, card: CardReference): Promise<void> {
  try {
    await deps.channel.update(subject, card);
  } catch (error) {
    if (!(error instanceof ChannelError) || error.code !== 'refused') throw error;
    deps.log.warn('a card could not be brought up to date', { operationId: subject.operation.id, group: card.group });
  }
}

export function indexEntryOf(operation: Operation): IndexEntry {
  return {
    id: operation.id,
    sequence: operation.head.sequence,
    status: operation.status,
    action: operation.action,
    agentId: operation.agent.id,
    agentName: operation.agent.name,
    riskLevel: operation.assessment.level,
    resourceId: operation.target.resourceId,
    createdAt: operation.createdAt,
    updatedAt: operation.updatedAt,
  };
}
