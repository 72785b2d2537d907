import { z } from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/domain/json.ts';
import { jsonAnswer, type LocalAnswer, type LocalRequest, parseJsonBody } from '../loopback-server.ts';
import { approversConversationId } from './conversation.ts';
import type { Playground } from './playground.ts';
import type { PostedCards } from './posted-cards.ts';
import type { Threads } from './threads.ts';

/**
 * The part of the Bot Connector that the bot uses: post into the approvers' conversation or one of its threads, and replace a post.
 * Teams shows a conversation to everybody in it, so each call goes to the Playground of every page.
 */
export type Connector = {
  readonly answer: (request: LocalRequest, path: string) => Promise<LocalAnswer>;
  /** Shows a page that was just opened what was posted before: the Playground itself shows a page only what comes while it is open. */
  readonly showAgain: (page: Playground) => Promise<void>;
};

const timeoutMs = 10_000;
const created = z.looseObject({ id: z.string().min(1) });

export function makeConnector(pages: readonly Playground[], posts: PostedCards, threads: Threads): Connector {
  return {
    answer: async (request, path) => {
      const route = /^\/v3\/conversations\/([^/]+)\/activities(?:\/([^/]+))?$/.exec(path);
      const conversation = decode(route?.[1]);
      if (conversation === undefined) return notFound('ServiceError', 'The stand-in has no such operation.');
      const [base, root] = splitConversation(conversation);
      if (base !== approversConversationId) return notFound('ConversationNotFound', 'The bot is in no such conversation.');
      const activity = parseActivity(request.body);
      if (activity === undefined) return refusal(400, 'BadSyntax', 'The activity is not a JSON object.');
      const activityId = decode(route?.[2]);
      if (request.method === 'POST' && activityId === undefined) {
        return root === undefined ? await post(activity) : await reply(root, activity);
      }
      if (request.method === 'PUT' && activityId !== undefined) return await replace(activityId, activity);
      return refusal(405, 'MethodNotAllowed', 'The stand-in posts (POST) and replaces (PUT).');
    },
    showAgain: async (page) => {
      for (const { id, content } of posts.entries()) await copyTo(page, id, content);
    },
  };

  async function post(activity: JsonObject): Promise<LocalAnswer> {
    const id = posts.add(activity);
    await Promise.all(pages.map((page) => copyTo(page, id, activity)));
    return jsonAnswer(201, { id });
  }

  async function copyTo(page: Playground, id: string, content: JsonObject): Promise<void> {
    const answer = await send(page, 'POST', activitiesOf(approversConversationId), content);
    posts.addCopy(id, page.owner.id, answer.id);
  }

  async function replace(id: string, activity: JsonObject): Promise<LocalAnswer> {
    if (!posts.replace(id, activity)) return notFound('ActivityNotFoundInConversation', 'There is no such activity.');
    const copies = pages.flatMap((page) => posts.copiesOn(id, page.owner.id).map((copy) => ({ page, copy })));
    await Promise.all(
      copies.map(({ page, copy }) => send(page, 'PUT', `${activitiesOf(approversConversationId)}/${encodeURIComponent(copy)}`, activity)),
    );
    return jsonAnswer(200, { id });
  }

  async function reply(root: string, activity: JsonObject): Promise<LocalAnswer> {
    const where = pages.flatMap((page) => {
      const local = threads.rootOn(page, root);
      return local === undefined ? [] : [{ page, conversation: `${approversConversationId};messageid=${local}` }];
    });
    const answers = await Promise.all(where.map(({ page, conversation }) => send(page, 'POST', activitiesOf(conversation), activity)));
    const [first] = answers;
    return first === undefined ? notFound('ConversationNotFound', 'There is no such thread.') : jsonAnswer(201, { id: first.id });
  }
}

function activitiesOf(conversation: string): string {
  return `/v3/conversations/${encodeURIComponent(conversation)}/activities`;
}

async function send(page: Playground, method: 'POST' | 'PUT', path: string, activity: JsonObject): Promise<{ id: string }> {
  const answer = await fetch(`${page.connector}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(activity),
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!answer.ok) throw new Error(`The Playground of ${page.owner.name} answered ${answer.status} to a ${method}.`);
  const body: unknown = await answer.json();
  return created.parse(body);
}

/** Splits `19:…;messageid=…` into the channel and the thread's root. */
export function splitConversation(id: string): readonly [string, string | undefined] {
  const [, base = id, root] = /^([^;]+);messageid=(\d+)$/.exec(id) ?? [];
  return [base, root];
}

function parseActivity(body: Buffer): JsonObject | undefined {
  const value: JsonValue | undefined = z.json().optional().parse(parseJsonBody(body));
  return isJsonObject(value) ? value : undefined;
}

function decode(segment: string | undefined): string | undefined {
  try {
    return segment === undefined ? undefined : decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function notFound(code: string, message: string): LocalAnswer {
  return refusal(404, code, message);
}

function refusal(status: number, code: string, message: string): LocalAnswer {
  return jsonAnswer(status, { error: { code, message } });
}
