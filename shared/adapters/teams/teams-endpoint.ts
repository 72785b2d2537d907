import { AsyncLocalStorage } from 'node:async_hooks';
import type { AdaptiveCardActionResponse } from '@microsoft/teams.api';
import type { CardSubject } from '../../ports/approval-channel.ts';
import type { Log } from '../../ports/system.ts';
import type { CardAction } from './activity-body.ts';
import { ActivityError } from './activity-error.ts';
import type { OperationCard } from './operation-card.ts';
import type { TeamsBot } from './teams-bot.ts';
import type { DeliveredActivity, TeamsPerson, VerifiedActivity } from './verify-activity.ts';

export type TeamsRequest = { readonly headers: Readonly<Record<string, string | undefined>>; readonly body: Uint8Array };
/** `body` is JSON to be; undefined for none. */
export type TeamsAnswer = { readonly status: number; readonly body: unknown };

/** Does what a person's button press asks for; gives the operation as it is now, or what to tell the person instead. */
export type OnCardAction = (person: TeamsPerson, action: CardAction) => Promise<CardSubject | { readonly message: string }>;

export type TeamsEndpointDeps = {
  readonly bot: TeamsBot;
  readonly verify: (delivered: DeliveredActivity) => Promise<VerifiedActivity>;
  readonly cardOf: (subject: CardSubject) => OperationCard;
  readonly onAction: OnCardAction;
  /** What somebody who writes to the bot is told. */
  readonly helpText: string;
  readonly log: Log;
};

/**
 * Makes the handler of the bot's messaging endpoint: check, hand to the Teams SDK, answer. Only presses of our buttons and messages
 * reach the SDK; everything else that Teams tells a bot is acknowledged and has no effect. Never throws.
 */
export function makeTeamsEndpoint(deps: TeamsEndpointDeps): (request: TeamsRequest) => Promise<TeamsAnswer> {
  const verified = new AsyncLocalStorage<VerifiedActivity>();
  registerRoutes(deps, verified);
  return async ({ headers, body }) => {
    const authorization = headers['authorization'];
    try {
      const activity = await deps.verify({ authorization, body });
      if (activity.kind !== 'action' && activity.kind !== 'message') return { status: 200, body: undefined };
      const { status, body: answer } = await verified.run(activity, () => deps.bot.deliver(activity.body, authorization ?? ''));
      if (status >= 400) deps.log.error('The Teams SDK did not take a verified activity.', { kind: activity.kind, status });
      return { status, body: answer };
    } catch (error) {
      return refuse(error, deps.log);
    }
  };
}

function refuse(error: unknown, log: Log): TeamsAnswer {
  if (error instanceof ActivityError) {
    log.warn('An activity was refused.', { code: error.code });
    return { status: error.status, body: { error: { code: error.code, message: error.message } } };
  }
  log.error('An activity could not be handled.', { error: nameOf(error) });
  return { status: 500, body: undefined };
}

/** The SDK routes by its own reading of the body; the handlers use only what was verified in the same call. */
function registerRoutes(deps: TeamsEndpointDeps, verified: AsyncLocalStorage<VerifiedActivity>): void {
  deps.bot.app.on('card.action', async () => {
    const activity = verified.getStore();
    if (activity?.kind !== 'action') throw new Error('No verified action is being handled.');
    return await answerAction(deps, activity.person, activity.action);
  });
  deps.bot.app.on('message', async ({ send }) => {
    if (verified.getStore()?.kind !== 'message') throw new Error('No verified message is being handled.');
    await send(deps.helpText);
  });
}

async function answerAction(deps: TeamsEndpointDeps, person: TeamsPerson, action: CardAction): Promise<AdaptiveCardActionResponse> {
  try {
    const outcome = await deps.onAction(person, action);
    if ('message' in outcome) return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: outcome.message };
    return { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: deps.cardOf(outcome).content };
  } catch (error) {
    deps.log.error('A button press could not be handled.', { verb: action.verb, operationId: action.operationId, error: nameOf(error) });
    const message = 'Countersign could not answer. It is not known whether this was recorded; press again: one person is one vote.';
    return {
      statusCode: 500,
      type: 'application/vnd.microsoft.error',
      value: { code: 'internalError', message, innerHttpError: { statusCode: 500, body: null } },
    };
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
