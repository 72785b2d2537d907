import { randomBytes, timingSafeEqual } from 'node:crypto';
import { signatureOf } from '../../../shared/adapters/notices/webhook-receiver.ts';
import { type JsonValue, parseJson, property } from '../../../shared/domain/json.ts';
import { type LocalAnswer, type LocalRequest, startLoopbackServer } from '../loopback-server.ts';
import { noticesPage, type ShownNotice } from './notices-page.ts';

export type NoticeReceiverOptions = {
  readonly port: number;
  readonly certPem: string;
  readonly keyPem: string;
  /** Told of each notice once, in one line. */
  readonly onNotice?: (line: string) => void;
  readonly now?: () => number;
};

export type LocalNoticeReceiver = {
  /** Where Countersign posts to, and where a browser sees what came. */
  readonly address: string;
  /** As `COUNTERSIGN_NOTICE_WEBHOOK_SECRETS` has it; a new one each time. Not for logs. */
  readonly secret: string;
  /** What came, the newest first. */
  readonly notices: () => readonly ShownNotice[];
  readonly stop: () => Promise<void>;
};

const kept = 200;
const toleranceSeconds = 300;
const bodyLimitBytes = 256 * 1024;

/** Somebody whom Countersign tells how operations end: takes what is signed with its secret, each once, and shows it. */
export async function startNoticeReceiver(options: NoticeReceiverOptions): Promise<LocalNoticeReceiver> {
  const { certPem, keyPem, onNotice = () => undefined, now = Date.now } = options;
  const key = randomBytes(32);
  const came: ShownNotice[] = [];
  const take = (request: LocalRequest): LocalAnswer => {
    if (!isSigned(request, key, now())) return plain(401, 'The signature is not one of mine.');
    const notice = noticeIn(request.body);
    if (notice === undefined) return plain(400, 'That is no CloudEvent of an operation.');
    if (came.some(({ id }) => id === notice.id)) return { status: 204, headers: {}, body: undefined };
    came.unshift(notice);
    came.splice(kept);
    onNotice(`${notice.type} ${notice.operationId} ${notice.action}`);
    return { status: 204, headers: {}, body: undefined };
  };
  const { port, stop } = await startLoopbackServer({
    port: options.port,
    tls: { certPem, keyPem },
    bodyLimitBytes,
    makeHandlers: () => ({
      handle: async (request) => (request.method === 'POST' ? take(request) : show(request, came)),
      refuseTooLarge: () => plain(413, 'That is too much for a notice.'),
    }),
  });
  return {
    address: `https://localhost:${port}/notices`,
    secret: `whsec_${key.toString('base64')}`,
    notices: () => came,
    stop,
  };
}

/** Source: github.com/standard-webhooks/standard-webhooks, spec, verifying. */
function isSigned({ headers, body }: LocalRequest, key: Uint8Array, nowMs: number): boolean {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name]);
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return false;
  if (!(Math.abs(nowMs / 1_000 - Number(timestamp)) <= toleranceSeconds)) return false;
  const expected = Buffer.from(signatureOf(key, id, timestamp, body.toString('utf8')));
  return signatures.split(' ').some((given) => {
    const bytes = Buffer.from(given);
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
}

function noticeIn(body: Buffer): ShownNotice | undefined {
  const event = parsedOrNothing(body);
  const data = property(event, 'data');
  const [id, type, time, operationId, action] = [
    property(event, 'id'),
    property(event, 'type'),
    property(event, 'time'),
    property(data, 'operationId'),
    property(data, 'action'),
  ].map((value) => (typeof value === 'string' ? value : ''));
  if (!id || !type || !time || !operationId || !action) return undefined;
  const agent = property(property(data, 'agent'), 'name');
  return { id, type, time, operationId, action, agent: typeof agent === 'string' ? agent : '' };
}

function parsedOrNothing(body: Buffer): JsonValue | undefined {
  try {
    return parseJson(body);
  } catch {
    return undefined;
  }
}

function show({ method, rawUrl }: LocalRequest, came: readonly ShownNotice[]): LocalAnswer {
  if (method !== 'GET') return plain(405, 'Notices are posted here and looked at.');
  if (rawUrl !== '/notices') return plain(404, 'Look at /notices.');
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  };
  return { status: 200, headers, body: noticesPage(came) };
}

function plain(status: number, body: string): LocalAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
