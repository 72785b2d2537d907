import { z } from 'zod';

const postedCard = z.looseObject({
  body: z.array(z.unknown()),
  actions: z.array(z.looseObject({ type: z.string(), title: z.string(), verb: z.string().optional(), data: z.unknown().optional() })),
});
const shownMessage = z.looseObject({
  message: z.looseObject({
    messageId: z.string(),
    postConversationId: z.string().optional(),
    text: z.string().optional(),
    attachments: z.array(z.looseObject({ contentType: z.string(), content: z.unknown() })),
  }),
});
const pageConfig = z.looseObject({
  config: z.looseObject({
    bot: z.looseObject({ id: z.string(), name: z.string() }),
    currentUser: z.looseObject({ id: z.string(), aadObjectId: z.string() }),
    users: z.array(z.looseObject({ id: z.string(), aadObjectId: z.string() })),
    personalChat: z.looseObject({ id: z.string() }),
  }),
});

type Shown = { readonly messageId: string; readonly conversationId: string; card: z.infer<typeof postedCard> };
export type PressedAnswer = { readonly status: number; readonly body: unknown };

/** What a page of the Playground does, without a browser: it sees what is posted from now on, and before that what is shown again to a page that opens. */
export type PlaygroundClient = {
  /** Resolves with the card's JSON text once the page has a card that holds the text. */
  readonly waitForCard: (text: string) => Promise<string>;
  /** Resolves once somebody wrote the text. */
  readonly waitForMessage: (text: string) => Promise<void>;
  /** Presses the button of that verb, as the page's person or as another whose object id is given, and gives the bot's answer. */
  readonly press: (cardText: string, verb: string, options?: { readonly as?: string; readonly reason?: string }) => Promise<PressedAnswer>;
  /** Starts a thread that mentions the bot. */
  readonly write: (conversationId: string, text: string) => Promise<void>;
  readonly close: () => void;
};

const timeoutMs = 30_000;

export async function openPlaygroundClient(address: string): Promise<PlaygroundClient> {
  const { config } = pageConfig.parse(await (await fetch(`${address}/_internal/v1/config`)).json());
  const shown = new Map<string, Shown>();
  const texts: string[] = [];
  const socket = new WebSocket(`${address.replace('http', 'ws')}/_ws_conversation/v1/conversations/stream`);
  const changed = new EventTarget();
  socket.addEventListener('message', ({ data }) => {
    receive(String(data), shown, texts);
    changed.dispatchEvent(new Event('change'));
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('The Playground took no connection.')));
  });
  await post(`${address}/_debug/conversation/${encodeURIComponent(config.personalChat.id)}/installation`, {});
  const personOf = (objectId: string) => config.users.find((user) => user.aadObjectId === objectId)?.id ?? 'nobody';
  return {
    waitForCard: async (text) => JSON.stringify((await waitFor(changed, () => findCard(shown, text), text)).card),
    waitForMessage: async (text) => {
      await waitFor(changed, () => texts.find((written) => written.includes(text)), text);
    },
    press: async (cardText, verb, { as, reason } = {}) => {
      const { card, messageId, conversationId } = await waitFor(changed, () => findCard(shown, cardText), cardText);
      const action = card.actions.find((candidate) => candidate.verb === verb);
      if (action === undefined) throw new Error(`The card has no button for "${verb}".`);
      const data = { ...z.looseObject({}).parse(action.data), ...(reason === undefined ? {} : { reason }) };
      return await post(`${address}/_conversation/v1/invoke`, {
        name: 'adaptiveCard/action',
        value: { action: { ...action, data } },
        from: { id: as === undefined ? config.currentUser.id : personOf(as) },
        conversation: { id: conversationId },
        replyToId: messageId,
      });
    },
    write: async (conversationId, text) => {
      const mention = `<at>${config.bot.name}</at>`;
      await post(`${address}/_conversation/v1/conversations/${encodeURIComponent(conversationId)}/messages`, {
        from: { id: config.currentUser.id },
        text: `${mention} ${text}`,
        textFormat: 'plain',
        mentions: [{ mentioned: { id: config.bot.id }, text: mention }],
      });
    },
    close: () => socket.close(),
  };
}

function receive(data: string, shown: Map<string, Shown>, texts: string[]): void {
  const parsed = shownMessage.safeParse(JSON.parse(data));
  if (!parsed.success) return;
  const { messageId, postConversationId, text, attachments } = parsed.data.message;
  if (text !== undefined) texts.push(text);
  const card = postedCard.safeParse(attachments[0]?.content);
  if (!card.success) return;
  const known = shown.get(messageId);
  if (known !== undefined) known.card = card.data;
  else if (postConversationId !== undefined) shown.set(messageId, { messageId, conversationId: postConversationId, card: card.data });
}

/** The newest card that holds the text. */
function findCard(shown: ReadonlyMap<string, Shown>, text: string): Shown | undefined {
  return [...shown.values()].reverse().find(({ card }) => JSON.stringify(card).includes(text));
}

async function waitFor<Found>(changed: EventTarget, find: () => Found | undefined, what: string): Promise<Found> {
  const timeout = AbortSignal.timeout(timeoutMs);
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (timeout.aborted) throw new Error(`The page does not show "${what}".`);
    await new Promise((resolve) => {
      changed.addEventListener('change', resolve, { once: true });
      timeout.addEventListener('abort', resolve, { once: true });
    });
  }
}

async function post(url: string, body: unknown): Promise<PressedAnswer> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}
