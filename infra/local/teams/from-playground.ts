import { z } from 'zod';
import { jsonAnswer, type LocalAnswer, parseJsonBody } from '../loopback-server.ts';
import { tenantId } from '../seed.ts';
import type { ActivitySigner } from './activity-signer.ts';
import { splitConversation } from './connector.ts';
import type { Playground } from './playground.ts';
import { personalConversationId, playgroundUsers } from './playground-config.ts';
import type { Threads } from './threads.ts';

export type DeliveryDeps = {
  readonly signer: ActivitySigner;
  readonly threads: Threads;
  /** The bot's messaging endpoint. */
  readonly botEndpoint: string;
  /** The connector's address, which activities name as the service URL. */
  readonly serviceUrl: string;
  /** Called when a page was opened, after the bot was told. */
  readonly onPageOpened: (page: Playground) => Promise<void>;
};

const timeoutMs = 20_000;

const playgroundActivity = z.looseObject({
  type: z.string(),
  channelId: z.literal('msteams'),
  from: z.looseObject({ id: z.string(), aadObjectId: z.string() }),
  conversation: z.looseObject({ id: z.string(), tenantId: z.literal(tenantId) }),
  replyToId: z.string().optional(),
});
type PlaygroundActivity = z.infer<typeof playgroundActivity>;

/**
 * Takes an activity from a Playground, signs it as the Bot Connector would, delivers it and gives the bot's answer back.
 * Only an activity of somebody in the Playground's configuration is signed.
 */
export async function deliverActivity(page: Playground, body: Buffer, deps: DeliveryDeps): Promise<LocalAnswer> {
  const parsed = playgroundActivity.safeParse(parseJsonBody(body));
  if (!parsed.success || !isKnownPerson(parsed.data)) {
    return jsonAnswer(403, { error: { code: 'Forbidden', message: 'Only activities of the people in the configuration are signed.' } });
  }
  const answer = await callBot(forBot(page, parsed.data, deps), deps);
  if (isPageOpened(page, parsed.data)) await deps.onPageOpened(page);
  return answer;
}

function isKnownPerson({ from }: PlaygroundActivity): boolean {
  return playgroundUsers.some((user) => user.id === from.id && user.aadObjectId === from.aadObjectId);
}

/** Every page that is opened announces itself in the personal conversation first. */
function isPageOpened(page: Playground, { type, conversation }: PlaygroundActivity): boolean {
  return type === 'installationUpdate' && conversation.id === personalConversationId(page.owner);
}

/** The activity with the ids that the bot knows. */
function forBot(page: Playground, activity: PlaygroundActivity, deps: DeliveryDeps): PlaygroundActivity {
  const [base, root] = splitConversation(activity.conversation.id);
  const id = root === undefined ? base : `${base};messageid=${deps.threads.rootForBot(page, root)}`;
  const replyToId = activity.replyToId === undefined ? {} : { replyToId: deps.threads.rootForBot(page, activity.replyToId) };
  return { ...activity, ...replyToId, serviceUrl: deps.serviceUrl, conversation: { ...activity.conversation, id } };
}

async function callBot(activity: PlaygroundActivity, deps: DeliveryDeps): Promise<LocalAnswer> {
  const authorization = await deps.signer.authorizationFor(deps.serviceUrl);
  try {
    const answer = await fetch(deps.botEndpoint, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(activity),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const contentType = answer.headers.get('content-type') ?? 'application/json';
    return { status: answer.status, headers: { 'content-type': contentType }, body: await answer.text() };
  } catch {
    return jsonAnswer(502, { error: { code: 'BotNotReachable', message: 'The bot could not be reached.' } });
  }
}
