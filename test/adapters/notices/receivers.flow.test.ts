import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { makeEventGridReceiver } from '../../../shared/adapters/notices/event-grid-receiver.ts';
import { makeWebhookReceiver, type WebhookParts } from '../../../shared/adapters/notices/webhook-receiver.ts';
import { systemClock } from '../../../shared/adapters/system/system.ts';
import { makeLiteralClock } from '../../support/literal-clock.ts';
import { notice, startReceiving } from './receiving.ts';

let receiving: Awaited<ReturnType<typeof startReceiving>>;
beforeAll(async () => {
  receiving = await startReceiving();
});
afterAll(() => receiving.stop());
beforeEach(() => {
  receiving.received.length = 0;
  receiving.answerWith((response) => response.writeHead(204).end());
});

const publicUrl = 'https://countersign.example';
const [first, second] = [new Uint8Array(24).fill(1), new Uint8Array(24).fill(2)];

function webhook(changes: Partial<WebhookParts> = {}) {
  const clock = makeLiteralClock('2026-11-21T20:12:10.900Z');
  return makeWebhookReceiver({ url: `${receiving.url}/hook?key=planted-key`, secrets: [first], publicUrl, clock, ...changes });
}

/** A port where nobody listens any more. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('a receiver whose certificate nobody vouches for', () => {
  it('is sent nothing', async () => {
    await expect(webhook().deliver(notice)).rejects.toMatchObject({ name: 'NoticeError', code: 'unreachable' });
    expect(receiving.received).toEqual([]);
    receiving.trust();
  });
});

describe('a webhook', () => {
  it('that sends elsewhere is not followed', async () => {
    receiving.answerWith((response) => response.writeHead(307, { location: '/elsewhere' }).end());
    await expect(webhook().deliver(notice)).rejects.toMatchObject({ code: 'refused', message: 'the receiver answered 307' });
    expect(receiving.received.map(({ path }) => path)).toEqual(['/hook?key=planted-key']);
  });

  it('that takes too long is waited for no longer', async () => {
    receiving.answerWith(() => undefined);
    await expect(webhook({ timeoutMs: 200 }).deliver(notice)).rejects.toMatchObject({
      message: 'the receiver could not be reached: timeout',
    });
  });

  it.each([200, 500])('that breaks off after it has answered %i has answered', async (status) => {
    receiving.answerWith((response) => {
      response.writeHead(status, { 'content-length': '1000000' });
      response.write('x'.repeat(100_000), () => response.destroy());
    });
    const told = webhook().deliver(notice);
    if (status === 200) await told;
    else await expect(told).rejects.toMatchObject({ name: 'NoticeError', message: 'the receiver answered 500' });
  });

  it('that is away is told of without its address, which may hold a key', async () => {
    const failure = await webhook({ url: `https://127.0.0.1:${await closedPort()}/hook?key=planted-key` })
      .deliver(notice)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: 'the receiver could not be reached: ECONNREFUSED' });
    expect(`${failure instanceof Error ? failure.stack : ''}${JSON.stringify(failure)}`).not.toContain('planted-key');
  });

  it('that is busy is given the time that it asks for', async () => {
    receiving.answerWith((response) => response.writeHead(503, { 'retry-after': '120' }).end('planted-key'));
    await expect(webhook().deliver(notice)).rejects.toMatchObject({ message: 'the receiver answered 503', retryAfterMs: 120_000 });
  });

  it('gets one CloudEvent that says how it ended, and nothing that was sent', async () => {
    await webhook().deliver(notice);
    const [request] = receiving.received;
    expect(request?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(JSON.parse(request?.body ?? '')).toEqual({
      specversion: '1.0',
      id: 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa-9',
      type: 'countersign.operation.succeeded',
      source: 'https://countersign.example',
      subject: 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa',
      time: '2026-11-21T20:12:09.000Z',
      datacontenttype: 'application/json',
      sequence: '00000009',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      data: {
        operationId: 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa',
        action: 'microsoft.storage/storageaccounts/delete',
        status: 'succeeded',
        level: 'high',
        agent: { id: '44444444-4444-4444-8444-000000000001', name: 'deploy-agent', tenantId: '11111111-1111-4111-8111-111111111111' },
        policies: ['deploy-agents-ask-one-person'],
        createdAt: '2026-11-21T20:12:00.000Z',
        at: '2026-11-21T20:12:09.000Z',
        url: 'https://countersign.example/api/operations/op_aaaaaaaaaaaaaaaaaaaaaaaaaa',
      },
    });
  });

  it('gets a signature of each secret, with the time of the attempt', async () => {
    await webhook({ secrets: [first, second] }).deliver(notice);
    const [headers] = receiving.received.map((request) => request.headers);
    expect(headers).toMatchObject({ 'webhook-id': 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa-9', 'webhook-timestamp': '1795291930' });
    expect(headers?.['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$/);
  });
});

describe('a topic of Event Grid', () => {
  const endpoint = () => `${receiving.url}/api/events`;

  it('gets nothing where there is no token', async () => {
    const credential = { getToken: () => Promise.reject(Object.assign(new Error('planted-key'), { code: 'CredentialUnavailable' })) };
    const receiver = makeEventGridReceiver({ endpoint: endpoint(), credential, publicUrl });
    await expect(receiver.deliver(notice)).rejects.toMatchObject({
      code: 'unreachable',
      message: 'no token for the receiver could be had: CredentialUnavailable',
    });
    expect(receiving.received).toEqual([]);
  });

  it('gets the event with a token for Event Grid', async () => {
    const asked: unknown[] = [];
    const credential = {
      getToken: async (scope: string | string[]) => {
        asked.push(scope);
        return { token: 'a.token', expiresOnTimestamp: 0 };
      },
    };
    await makeEventGridReceiver({ endpoint: endpoint(), credential, publicUrl }).deliver(notice);
    expect(asked).toEqual(['https://eventgrid.azure.net/.default']);
    expect(receiving.received).toMatchObject([
      {
        path: '/api/events?api-version=2018-01-01',
        headers: { authorization: 'Bearer a.token', 'content-type': 'application/cloudevents+json; charset=utf-8' },
      },
    ]);
  });
});

/** The receiver that the API's documentation shows, as a process of its own. */
async function startDocumentedReceiver(secret: Uint8Array) {
  const readme = await readFile(fileURLToPath(new URL('../../../functions/README.md', import.meta.url)), 'utf8');
  const from = readme.indexOf('import { createHmac');
  const code = readme.slice(from, readme.indexOf('```', from));
  const file = join(receiving.directory, 'receiver.mjs');
  await writeFile(file, code);
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PORT: '0',
      SECRET: `whsec_${Buffer.from(secret).toString('base64')}`,
      KEY_FILE: join(receiving.directory, 'server-key.pem'),
      CERTIFICATE_FILE: join(receiving.directory, 'server.pem'),
    },
  });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const line = await lines.next();
    return line.done === true ? 'ended' : line.value;
  };
  const port = (await nextLine()).replace('listening on ', '');
  return { url: `https://localhost:${port}/`, nextLine };
}

describe('the receiver of the documentation', () => {
  it('refuses what is not signed with its secret, and takes an event once, also while the secrets change', async () => {
    const { url, nextLine } = await startDocumentedReceiver(second);
    const told = (secrets: readonly Uint8Array[]) => webhook({ url, secrets, clock: systemClock });
    await expect(told([first]).deliver(notice)).rejects.toMatchObject({ message: 'the receiver answered 401' });
    await expect(webhook({ url, secrets: [second] }).deliver(notice)).rejects.toMatchObject({ message: 'the receiver answered 401' });
    await told([first, second]).deliver(notice);
    await told([second]).deliver(notice);
    await told([second]).deliver({ ...notice, id: 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa-12', kind: 'findingRecorded', found: 'effect' });
    const url1 = 'https://countersign.example/api/operations/op_aaaaaaaaaaaaaaaaaaaaaaaaaa';
    expect([await nextLine(), await nextLine()]).toEqual([
      `countersign.operation.succeeded succeeded ${url1}`,
      `countersign.operation.findingRecorded succeeded ${url1}`,
    ]);
  });
});
