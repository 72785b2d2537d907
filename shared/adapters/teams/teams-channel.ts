import type { IAdaptiveCard } from '@microsoft/teams.cards';
import { z } from 'zod';
import type { CardReference } from '../../domain/event.ts';
import { type ApprovalChannel, type CardSubject, ChannelError } from '../../ports/approval-channel.ts';
import type { OperationCard } from './operation-card.ts';
import type { TeamsBot } from './teams-bot.ts';

/** Ids as Teams makes them; they become part of a URL, so nothing else passes. */
const conversationIdShape = /^[A-Za-z0-9:@._=-]{1,300}$/;
const activityIdShape = /^[A-Za-z0-9:_.-]{1,200}$/;

/** Posts and updates cards in the conversations of approver groups. Nothing is retried here: the message that asked for it is redelivered. */
export function makeTeamsChannel(bot: TeamsBot, cardOf: (subject: CardSubject) => OperationCard): ApprovalChannel {
  return {
    post: async (subject, group) => {
      const { conversationId } = group;
      if (conversationId === undefined) throw new ChannelError('refused', `The group "${group.name}" has no conversation.`);
      const activityId = await send(bot, conversationId, undefined, cardOf(subject));
      return { channel: 'teams', group: group.name, conversationId, activityId };
    },
    update: async (subject, card: CardReference) => {
      if (!activityIdShape.test(card.activityId)) throw new ChannelError('refused', 'The recorded activity id is not one of Teams.');
      await send(bot, card.conversationId, card.activityId, cardOf(subject));
    },
  };
}

/** Posts, or replaces where there is an activity id; gives the id of what now hangs there. */
async function send(bot: TeamsBot, conversationId: string, activityId: string | undefined, card: OperationCard): Promise<string> {
  if (!conversationIdShape.test(conversationId)) throw new ChannelError('refused', 'The conversation id is not one of Teams.');
  const message = {
    type: 'message' as const,
    summary: card.summary,
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive' as const, content: card.content satisfies IAdaptiveCard }],
  };
  try {
    const sent = await bot.app.send(conversationId, activityId === undefined ? message : { ...message, id: activityId });
    if (activityId !== undefined) return activityId;
    if (!activityIdShape.test(sent.id)) throw new ChannelError('refused', 'Teams gave the card an id that cannot be used.');
    return sent.id;
  } catch (error) {
    throw translate(error);
  }
}

const answered = z.looseObject({ response: z.looseObject({ status: z.number() }) });

/** The SDK throws its HTTP client's errors, which hold the request with its token: only the status leaves this file. */
function translate(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  const parsed = answered.safeParse(error);
  if (!parsed.success) return new ChannelError('unreachable', 'Teams could not be reached, or the bot got no token.');
  const { status } = parsed.data.response;
  const again = status === 408 || status === 429 || status >= 500;
  return new ChannelError(again ? 'unreachable' : 'refused', `Teams answered ${status}.`);
}
