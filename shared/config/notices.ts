import { z } from 'zod';
import { guid, isLoopback, list, orNothing } from './values.ts';

/** Who is told how operations end. */
export type NoticeSettings =
  | { readonly kind: 'webhook'; readonly url: string; readonly secrets: readonly Uint8Array[] }
  | { readonly kind: 'eventGrid'; readonly endpoint: string; readonly clientId: string };

/** https, on this machine too: notices are signed, not sealed. */
const receiverUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && url.username === '' && url.password === '' && url.hash === '';
}, 'must be an https URL without credentials or fragment');

/** Hosts that a token for Event Grid may be sent to. */
const eventGridHost = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.eventgrid\.azure\.(?:net|us|cn)$/;

function isEventGrid(text: string): boolean {
  const host = URL.parse(text)?.hostname ?? '';
  return eventGridHost.test(host) || isLoopback(host);
}

const webhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/, 'must be whsec_ and 24 to 64 bytes in base64')
  .transform((text) => new Uint8Array(Buffer.from(text.slice('whsec_'.length), 'base64')))
  .refine((key) => key.length >= 24 && key.length <= 64, 'must be whsec_ and 24 to 64 bytes in base64');

export const notices = z
  .object({
    COUNTERSIGN_NOTICE_WEBHOOK_URL: orNothing(receiverUrl),
    COUNTERSIGN_NOTICE_WEBHOOK_SECRETS: orNothing(list.pipe(z.array(webhookSecret).max(2, 'must be one secret, or two while they change'))),
    COUNTERSIGN_NOTICE_EVENT_GRID_ENDPOINT: orNothing(receiverUrl.refine(isEventGrid, 'must be the endpoint of an Event Grid topic')),
    COUNTERSIGN_NOTICE_EVENT_GRID_CLIENT_ID: orNothing(
      z
        .string()
        .refine((text) => guid.safeParse(text).success, 'must be a GUID')
        .toLowerCase(),
    ),
  })
  .superRefine((settings, context) => {
    const wrong = (name: keyof typeof settings, message: string) => context.addIssue({ code: 'custom', path: [name], message });
    const needs = (one: keyof typeof settings, other: keyof typeof settings) => {
      if (settings[one] !== undefined && settings[other] === undefined) wrong(other, `is needed with ${one}`);
    };
    needs('COUNTERSIGN_NOTICE_WEBHOOK_URL', 'COUNTERSIGN_NOTICE_WEBHOOK_SECRETS');
    needs('COUNTERSIGN_NOTICE_WEBHOOK_SECRETS', 'COUNTERSIGN_NOTICE_WEBHOOK_URL');
    needs('COUNTERSIGN_NOTICE_EVENT_GRID_ENDPOINT', 'COUNTERSIGN_NOTICE_EVENT_GRID_CLIENT_ID');
    needs('COUNTERSIGN_NOTICE_EVENT_GRID_CLIENT_ID', 'COUNTERSIGN_NOTICE_EVENT_GRID_ENDPOINT');
    if (settings.COUNTERSIGN_NOTICE_WEBHOOK_URL !== undefined && settings.COUNTERSIGN_NOTICE_EVENT_GRID_ENDPOINT !== undefined) {
      wrong('COUNTERSIGN_NOTICE_WEBHOOK_URL', 'is one receiver too many: a webhook or a topic of Event Grid');
    }
  });

export function noticesOf(settings: z.output<typeof notices>): NoticeSettings | undefined {
  const { COUNTERSIGN_NOTICE_WEBHOOK_URL: url, COUNTERSIGN_NOTICE_WEBHOOK_SECRETS: secrets } = settings;
  const { COUNTERSIGN_NOTICE_EVENT_GRID_ENDPOINT: endpoint, COUNTERSIGN_NOTICE_EVENT_GRID_CLIENT_ID: clientId } = settings;
  if (url !== undefined && secrets !== undefined) return { kind: 'webhook', url, secrets };
  return endpoint !== undefined && clientId !== undefined ? { kind: 'eventGrid', endpoint, clientId } : undefined;
}
