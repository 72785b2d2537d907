import { createServer, type IncomingMessage, type Server } from 'node:http';
import { UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeOperationCard } from '../../../shared/adapters/teams/operation-card.ts';
import { makeTeamsBot } from '../../../shared/adapters/teams/teams-bot.ts';
import { makeTeamsChannel } from '../../../shared/adapters/teams/teams-channel.ts';
import type { ApprovalChannel } from '../../../shared/ports/approval-channel.ts';
import { sampleOperation } from './sample-operation.ts';

type Seen = { readonly method: string; readonly url: string; readonly authorization: string; readonly body: unknown };
type Scripted = { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };

/** The SDK reads what a token says, whoever signed it. */
const botToken = `${new UnsecuredJWT({ appid: '22222222-2222-4222-8222-000000000001' }).encode()}c2lnbmF0dXJl`;

let connector: Server;
let address = '';
let seen: Seen[] = [];
let answer: Scripted = { status: 201, body: { id: '1795292752209' } };

beforeAll(async () => {
  connector = createServer((incoming, outgoing) => {
    void readJson(incoming).then((body) => {
      seen.push({ method: incoming.method ?? '', url: incoming.url ?? '', authorization: incoming.headers.authorization ?? '', body });
      outgoing.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(JSON.stringify(answer.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => connector.listen(0, '127.0.0.1', resolve));
  const at = connector.address();
  address = `http://127.0.0.1:${typeof at === 'object' && at !== null ? at.port : 0}`;
});

afterAll(async () => {
  await new Promise((resolve) => connector.close(resolve));
});

beforeEach(() => {
  seen = [];
  answer = { status: 201, body: { id: '1795292752209' } };
});

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(Buffer.from(part));
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}

function channelAt(serviceUrl: string, token: () => Promise<string> = () => Promise.resolve(botToken)): ApprovalChannel {
  const bot = makeTeamsBot({
    botAppId: '22222222-2222-4222-8222-000000000001',
    tenantId: '11111111-1111-4111-8111-111111111111',
    issuer: 'https://api.botframework.com',
    openIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
    serviceUrl,
    token,
  });
  return makeTeamsChannel(
    bot,
    makeOperationCard((id) => `https://countersign.example/console/operations/${id}`),
  );
}

const subject = { operation: sampleOperation(), requestBody: undefined, targetState: undefined };
const group = { name: 'approvers', id: '33333333-3333-4333-8333-000000000001', conversationId: '19:approvals@thread.tacv2' };
const posted = { channel: 'teams', group: 'approvers', conversationId: '19:approvals@thread.tacv2', activityId: '1795292752209' } as const;

describe('posting a card fails', () => {
  it('as unreachable where nobody listens', async () => {
    await expect(channelAt('http://127.0.0.1:1').post(subject, group)).rejects.toMatchObject({ name: 'ChannelError', code: 'unreachable' });
  });

  it('as unreachable where the bot gets no token, and says nothing of why', async () => {
    const channel = channelAt(address, () => Promise.reject(new Error('secret reason')));
    const failure = await channel.post(subject, group).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unreachable', message: 'Teams could not be reached, or the bot got no token.' });
    expect(failure).not.toHaveProperty('cause');
    expect(seen).toEqual([]);
  });

  it.each([408, 429, 500, 503])('as unreachable, to be tried again, on %i', async (status) => {
    answer = { status };
    await expect(channelAt(address).post(subject, group)).rejects.toMatchObject({
      code: 'unreachable',
      message: `Teams answered ${status}.`,
    });
    expect(seen).toHaveLength(1);
  });

  it.each([400, 401, 403, 404, 413])('as refused on %i', async (status) => {
    answer = { status };
    await expect(channelAt(address).post(subject, group)).rejects.toMatchObject({ code: 'refused' });
  });

  it('rather than follow a redirect with the token', async () => {
    answer = { status: 307, headers: { location: `${address}/elsewhere` } };
    await expect(channelAt(address).post(subject, group)).rejects.toMatchObject({ code: 'refused' });
    expect(seen.map(({ url }) => url)).toEqual(['/v3/conversations/19:approvals@thread.tacv2/activities']);
  });

  it('where the group has no conversation', async () => {
    const { conversationId: _none, ...silent } = group;
    await expect(channelAt(address).post(subject, silent)).rejects.toMatchObject({ code: 'refused' });
  });

  it.each(['../../v3/bot', '19:a/b', 'a?b', ''])('before anything is sent, for the conversation "%s"', async (conversationId) => {
    await expect(channelAt(address).post(subject, { ...group, conversationId })).rejects.toMatchObject({ code: 'refused' });
    expect(seen).toEqual([]);
  });

  it('where Teams gives the card an id that cannot be used', async () => {
    answer = { status: 201, body: { id: '../x' } };
    await expect(channelAt(address).post(subject, group)).rejects.toMatchObject({ code: 'refused' });
  });
});

describe('a card', () => {
  it('is posted once, with the bot’s token, and its place is told', async () => {
    await expect(channelAt(address).post(subject, group)).resolves.toEqual(posted);
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: '/v3/conversations/19:approvals@thread.tacv2/activities',
        authorization: `Bearer ${botToken}`,
        body: {
          type: 'message',
          summary: 'Your approval is needed: deploy-agent, delete stproddata',
          attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard', version: '1.5' } }],
        },
      },
    ]);
  });

  it('is replaced where it hangs', async () => {
    answer = { status: 200, body: { id: '1795292752209' } };
    await channelAt(address).update(subject, posted);
    expect(seen).toMatchObject([{ method: 'PUT', url: '/v3/conversations/19:approvals@thread.tacv2/activities/1795292752209' }]);
  });

  it('is not replaced under an id that is none', async () => {
    await expect(channelAt(address).update(subject, { ...posted, activityId: '1/../2' })).rejects.toMatchObject({ code: 'refused' });
    expect(seen).toEqual([]);
  });

  it('takes neither credentials nor addresses of the environment', async () => {
    const before = { ...process.env };
    Object.assign(process.env, { CLIENT_SECRET: 'of somebody else', CLOUD: 'China', SERVICE_URL: 'https://elsewhere.example' });
    try {
      await channelAt(address).post(subject, group);
    } finally {
      for (const name of ['CLIENT_SECRET', 'CLOUD', 'SERVICE_URL']) delete process.env[name];
      Object.assign(process.env, before);
    }
    expect(seen).toMatchObject([{ authorization: `Bearer ${botToken}` }]);
  });
});
