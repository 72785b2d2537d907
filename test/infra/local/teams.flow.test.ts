import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { botAppId, people, tenantId } from '../../../infra/local/seed.ts';
import { startTeams } from '../../../infra/local/teams/start-teams.ts';
import type { CardAction } from '../../../shared/adapters/teams/activity-body.ts';
import type { TeamsPerson } from '../../../shared/adapters/teams/verify-activity.ts';
import { ada, approvalDigestOf, approvedByBoth, ben, sampleOperation, voteBy } from '../../adapters/teams/sample-operation.ts';
import { openPlaygroundClient, type PlaygroundClient } from '../../support/playground-client.ts';
import { helpText, startTeamsStage, type TeamsStage } from '../../support/teams-stage.ts';

let stage: TeamsStage;
let pageOfAda: PlaygroundClient;
let pageOfBen: PlaygroundClient;
let presses: { person: TeamsPerson; action: CardAction }[] = [];

beforeAll(async () => {
  stage = await startTeamsStage();
  pageOfAda = await openPlaygroundClient(addressOf('approver-1'));
  pageOfBen = await openPlaygroundClient(addressOf('approver-2'));
});

afterAll(async () => {
  pageOfAda.close();
  pageOfBen.close();
  await stage.stop();
});

beforeEach(() => {
  presses = [];
  stage.logged.length = 0;
  stage.answerWith((person, action) => {
    presses.push({ person, action });
    return Promise.resolve({ message: 'Noted.' });
  });
});

function addressOf(person: string): string {
  return stage.teams.pages.find((page) => page.person === person)?.address ?? '';
}

const letters = 'abcdefghijklmnopqrstuvwxyz';

/** An operation of its own for each test, so that tests share nothing but the pages. */
let operations = 0;
function freshId(): string {
  operations += 1;
  return `op_${(letters[operations] ?? 'z').repeat(26)}`;
}

function subjectOf(id: string, later: Parameters<typeof sampleOperation>[1] = []) {
  return { operation: sampleOperation({ id }, later), requestBody: undefined, targetState: { name: 'stproddata' } };
}

async function postActivity(authorization: string | undefined, changes: Readonly<Record<string, unknown>> = {}): Promise<Response> {
  const activity = {
    type: 'message',
    text: 'hello',
    channelId: 'msteams',
    serviceUrl: stage.teams.serviceUrl,
    from: { id: '29:ada', aadObjectId: ada.id, name: ada.name },
    conversation: { id: stage.teams.conversationId, tenantId },
    ...changes,
  };
  return await fetch(stage.botEndpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
    body: JSON.stringify(activity),
  });
}

describe('the bot takes nothing that the proxy did not sign', () => {
  it('no activity without a token', async () => {
    expect((await postActivity(undefined)).status).toBe(401);
    expect(stage.logged).toContain('An activity was refused. missingToken');
  });

  it('no activity that somebody else signed', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const token = await new SignJWT({ serviceurl: stage.teams.serviceUrl })
      .setProtectedHeader({ alg: 'RS256', kid: 'forged' })
      .setIssuer(stage.teams.issuer)
      .setAudience(botAppId)
      .setExpirationTime('1h')
      .sign(privateKey);
    expect((await postActivity(`Bearer ${token}`)).status).toBe(401);
    expect(stage.logged).toContain('An activity was refused. badSignature');
  });

  it("no activity with an agent's token for the bot", async () => {
    const token = await stage.identity.issueToken('deploy-agent', { claims: { aud: botAppId } });
    expect((await postActivity(`Bearer ${token}`)).status).toBe(401);
    expect(stage.logged).toContain('An activity was refused. wrongIssuer');
  });
});

describe('the proxy is no oracle', () => {
  const activity = {
    type: 'message',
    channelId: 'msteams',
    from: { id: '29:x', aadObjectId: ada.id },
    conversation: { id: 'x', tenantId },
  };

  async function postToProxy(path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
    const url = new URL(path, stage.teams.serviceUrl);
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(activity),
    });
    return answer.status;
  }

  it('signs nothing for whoever does not know the address of a Playground', async () => {
    expect(await postToProxy('/from/guess')).toBe(404);
    expect(await postToProxy('/api/messages')).toBe(404);
  });

  const posts = () => `/connector/v3/conversations/${encodeURIComponent(stage.teams.conversationId)}/activities`;

  it('posts nothing without a token', async () => {
    expect(await postToProxy(posts())).toBe(401);
  });

  it('posts nothing for another identity than the bot', async () => {
    const token = await stage.identity.issueToken('deploy-agent', { claims: { aud: 'https://api.botframework.com' } });
    expect(await postToProxy(posts(), { authorization: `Bearer ${token}` })).toBe(401);
  });

  it("posts nothing for the bot's token for something else", async () => {
    const token = await stage.identity.issueToken('deploy-agent', { claims: { azp: botAppId } });
    expect(await postToProxy(posts(), { authorization: `Bearer ${token}` })).toBe(401);
  });

  it('keeps its key to itself', () => {
    const directory = join(stage.directory, 'teams', 'signing-proxy');
    const modes = readdirSync(directory).map((name) => statSync(join(directory, name)).mode & 0o777);
    expect(modes).toEqual([0o600]);
  });

  it('delivers to this machine only', async () => {
    const elsewhere = startTeams({
      playgroundPort: 0,
      proxyPort: 0,
      directory: join(stage.directory, 'elsewhere'),
      botEndpoint: 'https://bot.example/api/messages',
      botTokenIssuer: stage.identity.issuer,
      botTokenJwksUri: stage.identity.jwksUri,
    });
    await expect(elsewhere).rejects.toThrow('The bot endpoint must be on loopback.');
  });
});

describe('the pages', () => {
  it('listen on loopback only', async () => {
    const outward = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4');
    const port = Number(new URL(stage.teams.address).port);
    const socket = connect({ host: outward?.address ?? '127.0.0.2', port });
    const [error] = await once(socket, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('show a card to everybody, and its replacement', async () => {
    const id = freshId();
    const card = await stage.channel.post(subjectOf(id), stage.group);
    expect(card).toMatchObject({ channel: 'teams', group: 'approvers', conversationId: stage.teams.conversationId });
    expect(await pageOfAda.waitForCard(id)).toContain('Your approval is needed');
    expect(await pageOfBen.waitForCard(id)).toContain('Your approval is needed');
    await stage.channel.update(subjectOf(id, approvedByBoth), card);
    await pageOfAda.waitForCard('Approved, about to run');
    await pageOfBen.waitForCard('Approved, about to run');
  });

  it('show what was posted before to a page that is opened later', async () => {
    const id = freshId();
    const card = await stage.channel.post(subjectOf(id), stage.group);
    await stage.channel.update(subjectOf(id, [voteBy(ada, 'approve')]), card);
    const later = await openPlaygroundClient(addressOf('approver-2'));
    expect(await later.waitForCard(id)).toContain('One more approval is needed');
    expect(await later.press(id, 'approve')).toMatchObject({ status: 200 });
    expect(presses).toMatchObject([{ person: { id: ben.id } }]);
    later.close();
  });

  it('refuse a replacement of what was never posted', async () => {
    const lost = { channel: 'teams', group: 'approvers', conversationId: stage.teams.conversationId, activityId: '1700000000000' } as const;
    await expect(stage.channel.update(subjectOf(freshId()), lost)).rejects.toMatchObject({ code: 'refused' });
  });

  it('refuse a card for a conversation that the bot is not in', async () => {
    const group = { ...stage.group, conversationId: '19:somewhere-else@thread.tacv2' };
    await expect(stage.channel.post(subjectOf(freshId()), group)).rejects.toMatchObject({ code: 'refused' });
  });
});

describe('a press', () => {
  it('is the vote of the person whose page it is, with the digest of the card and the reason', async () => {
    const id = freshId();
    await stage.channel.post(subjectOf(id), stage.group);
    const answer = await pageOfAda.press(id, 'approve', { reason: 'Checked with the team.' });
    expect(answer).toEqual({ status: 200, body: { type: 'application/vnd.microsoft.activity.message', value: 'Noted.' } });
    expect(presses).toEqual([
      {
        person: { id: ada.id, name: 'Ada Approver' },
        action: { verb: 'approve', operationId: id, approvalDigest: approvalDigestOf(), reason: 'Checked with the team.' },
      },
    ]);
  });

  it('is answered by the card as it is now', async () => {
    const id = freshId();
    await stage.channel.post(subjectOf(id), stage.group);
    stage.answerWith(() => Promise.resolve(subjectOf(id, [voteBy(ben, 'approve')])));
    expect(await pageOfBen.press(id, 'approve')).toMatchObject({
      status: 200,
      body: { type: 'application/vnd.microsoft.card.adaptive', value: { type: 'AdaptiveCard' } },
    });
  });

  it('of somebody else in the channel is theirs', async () => {
    const id = freshId();
    const auditor = people.find(({ name }) => name === 'auditor')?.objectId ?? '';
    await stage.channel.post(subjectOf(id), stage.group);
    await pageOfAda.press(id, 'reject', { as: auditor });
    expect(presses).toMatchObject([{ person: { id: auditor, name: 'Olga Auditor' }, action: { verb: 'reject' } }]);
  });

  it('that fails behind the endpoint is not said to have had no effect', async () => {
    const id = freshId();
    await stage.channel.post(subjectOf(id), stage.group);
    stage.answerWith(() => Promise.reject(new Error('The store is away.')));
    expect(await pageOfAda.press(id, 'approve')).toMatchObject({
      status: 200,
      body: { type: 'application/vnd.microsoft.error', value: { code: 'internalError' } },
    });
    expect(stage.logged).toContain('A button press could not be handled.');
  });
});

describe('a message to the bot', () => {
  it('is answered by what the bot is', async () => {
    await pageOfAda.write(stage.teams.conversationId, 'What are you?');
    await pageOfAda.waitForMessage(helpText);
    expect(presses).toEqual([]);
  });
});
