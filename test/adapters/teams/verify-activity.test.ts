import { createLocalJWKSet, exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BotFrameworkKeys } from '../../../shared/adapters/teams/activity-token.ts';
import { makeActivityVerifier, type VerifiedActivity } from '../../../shared/adapters/teams/verify-activity.ts';

const issuer = 'https://api.botframework.com';
const botAppId = '22222222-2222-4222-8222-000000000001';
const tenantId = '11111111-1111-4111-8111-111111111111';
const region = 'https://smba.trafficmanager.net/emea/';
const serviceUrl = 'https://smba.trafficmanager.net/emea/11111111-1111-4111-8111-111111111111/';
const conversation = '19:countersign-approvals@thread.tacv2';
const approver = '55555555-5555-4555-8555-000000000001';
/** 2026-11-21T20:12:00Z, in seconds. */
const now = 1_795_291_920;
const operationId = 'op_k3v2x2a7mq5r4t6w2y7z3b5c4d';
const digest = `sha256:${'a'.repeat(64)}`;

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;
let botFramework: KeyPair;
let somebody: KeyPair;
let keys: BotFrameworkKeys;

beforeAll(async () => {
  botFramework = await generateKeyPair('RS256');
  somebody = await generateKeyPair('RS256');
  keys = await publish(['msteams']);
});

async function publish(endorsements: readonly string[]): Promise<BotFrameworkKeys> {
  const jwk = { ...(await exportJWK(botFramework.publicKey)), kid: 'bot-framework-1', use: 'sig', endorsements };
  return createLocalJWKSet({ keys: [jwk] });
}

type Forgery = {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, string>>;
  readonly activity?: Readonly<Record<string, unknown>>;
};

async function sign(claims: Readonly<Record<string, unknown>> = {}, header: Readonly<Record<string, string>> = {}): Promise<string> {
  const all = { iss: issuer, aud: botAppId, serviceurl: serviceUrl, nbf: now - 10, exp: now + 3600, ...claims };
  return await new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid: 'bot-framework-1', ...header }).sign(botFramework.privateKey);
}

const action = { action: { type: 'Action.Execute', verb: 'approve', data: { operationId, digest, reason: 'Fine.' } }, trigger: 'manual' };

function activityWith(changes: Readonly<Record<string, unknown>>): Uint8Array {
  const activity = {
    type: 'invoke',
    name: 'adaptiveCard/action',
    id: 'f:1',
    channelId: 'msteams',
    serviceUrl,
    from: { id: '29:ada', name: 'Ada Approver', aadObjectId: approver },
    conversation: { id: conversation, tenantId, conversationType: 'channel' },
    channelData: { tenant: { id: tenantId } },
    value: action,
    ...changes,
  };
  return new TextEncoder().encode(JSON.stringify(activity));
}

function verifierWith(trusted: BotFrameworkKeys = keys) {
  return makeActivityVerifier({
    issuer,
    botAppId,
    tenantId,
    keys: trusted,
    serviceUrls: [region],
    conversationIds: [conversation],
    nowMs: () => now * 1000,
  });
}

async function verify({ claims, header, activity = {} }: Forgery): Promise<VerifiedActivity> {
  return await verifierWith()({ authorization: `Bearer ${await sign(claims, header)}`, body: activityWith(activity) });
}

async function verifyToken(token: string | undefined): Promise<VerifiedActivity> {
  return await verifierWith()({ authorization: token === undefined ? undefined : `Bearer ${token}`, body: activityWith({}) });
}

describe('an activity whose token is forged is refused', () => {
  it('without a token', async () => {
    await expect(verifyToken(undefined)).rejects.toMatchObject({ code: 'missingToken', status: 401 });
  });

  it('with a token that is no JWT', async () => {
    await expect(verifyToken('opaque')).rejects.toMatchObject({ code: 'malformedToken' });
  });

  it('with a token of another scheme', async () => {
    const token = await sign();
    await expect(verifierWith()({ authorization: `Basic ${token}`, body: activityWith({}) })).rejects.toMatchObject({
      code: 'malformedToken',
    });
  });

  it('issued by Entra for the audience of the bot', async () => {
    const iss = `https://login.microsoftonline.com/${tenantId}/v2.0`;
    await expect(verify({ claims: { iss, tid: tenantId } })).rejects.toMatchObject({ code: 'wrongIssuer', status: 401 });
  });

  it('issued by Entra in the older form', async () => {
    await expect(verify({ claims: { iss: `https://sts.windows.net/${tenantId}/` } })).rejects.toMatchObject({ code: 'wrongIssuer' });
  });

  it('of an issuer that only starts as ours does', async () => {
    await expect(verify({ claims: { iss: `${issuer}.example` } })).rejects.toMatchObject({ code: 'wrongIssuer' });
  });

  it('for another bot', async () => {
    await expect(verify({ claims: { aud: '22222222-2222-4222-8222-00000000ffff' } })).rejects.toMatchObject({ code: 'wrongAudience' });
  });

  it('for the bot by another name', async () => {
    await expect(verify({ claims: { aud: `api://${botAppId}` } })).rejects.toMatchObject({ code: 'wrongAudience' });
  });

  it('expired 61 seconds ago', async () => {
    await expect(verify({ claims: { exp: now - 61 } })).rejects.toMatchObject({ code: 'expired' });
  });

  it('without an end', async () => {
    await expect(verify({ claims: { exp: undefined } })).rejects.toMatchObject({ code: 'malformedToken' });
  });

  it('not valid for another 61 seconds', async () => {
    await expect(verify({ claims: { nbf: now + 61 } })).rejects.toMatchObject({ code: 'notYetValid' });
  });

  it('without a signature (alg none)', async () => {
    const token = new UnsecuredJWT({ iss: issuer, aud: botAppId, serviceurl: serviceUrl, exp: now + 3600 }).encode();
    await expect(verifyToken(token)).rejects.toMatchObject({ code: 'badSignature' });
  });

  it('signed by HS256 with the public key as the secret', async () => {
    const secret = new TextEncoder().encode(await exportSPKI(botFramework.publicKey));
    const token = await new SignJWT({ iss: issuer, aud: botAppId, serviceurl: serviceUrl, exp: now + 3600 })
      .setProtectedHeader({ alg: 'HS256', kid: 'bot-framework-1' })
      .sign(secret);
    await expect(verifyToken(token)).rejects.toMatchObject({ code: 'badSignature' });
  });

  it('signed by a key that the Bot Framework does not publish', async () => {
    await expect(verify({ header: { kid: 'unknown' } })).rejects.toMatchObject({ code: 'badSignature' });
  });

  it('signed by somebody else under a published key id', async () => {
    const token = await new SignJWT({ iss: issuer, aud: botAppId, serviceurl: serviceUrl, exp: now + 3600 })
      .setProtectedHeader({ alg: 'RS256', kid: 'bot-framework-1' })
      .sign(somebody.privateKey);
    await expect(verifyToken(token)).rejects.toMatchObject({ code: 'badSignature' });
  });

  it('that brings its own key in its header', async () => {
    const jwk = await exportJWK(somebody.publicKey);
    const token = await new SignJWT({ iss: issuer, aud: botAppId, serviceurl: serviceUrl, exp: now + 3600 })
      .setProtectedHeader({ alg: 'RS256', jwk })
      .sign(somebody.privateKey);
    await expect(verifyToken(token)).rejects.toMatchObject({ code: 'badSignature' });
  });

  it('signed by a key that does not sign for Teams', async () => {
    const trusted = await publish(['directline']);
    const delivered = { authorization: `Bearer ${await sign()}`, body: activityWith({}) };
    await expect(verifierWith(trusted)(delivered)).rejects.toMatchObject({ code: 'wrongChannel' });
  });

  it('of more than 16 KiB', async () => {
    await expect(verify({ claims: { padding: 'x'.repeat(16 * 1024) } })).rejects.toMatchObject({ code: 'tokenTooLarge' });
  });

  it('without the claim serviceurl', async () => {
    await expect(verify({ claims: { serviceurl: undefined } })).rejects.toMatchObject({ code: 'missingServiceUrl', status: 403 });
  });

  it('while the keys cannot be read', async () => {
    const unreachable: BotFrameworkKeys = Object.assign(() => Promise.reject(new TypeError('fetch failed')), { jwks: () => undefined });
    const delivered = { authorization: `Bearer ${await sign()}`, body: activityWith({}) };
    await expect(verifierWith(unreachable)(delivered)).rejects.toMatchObject({ code: 'keysUnavailable', status: 503 });
  });
});

describe('an activity that does not fit its token or us is refused', () => {
  it('that names no service URL', async () => {
    await expect(verify({ activity: { serviceUrl: undefined } })).rejects.toMatchObject({ code: 'missingServiceUrl' });
  });

  it('that names another service URL than its token', async () => {
    await expect(verify({ activity: { serviceUrl: 'https://evil.example/' } })).rejects.toMatchObject({ code: 'serviceUrlMismatch' });
  });

  it('whose service URL is not on our list, though its token names the same', async () => {
    const elsewhere = 'https://smba.trafficmanager.net/amer/';
    const forged = verify({ claims: { serviceurl: elsewhere }, activity: { serviceUrl: elsewhere } });
    await expect(forged).rejects.toMatchObject({ code: 'serviceUrlNotAllowed' });
  });

  it('whose service URL only starts as one on our list', async () => {
    const longer = `${serviceUrl}more`;
    const forged = verify({ claims: { serviceurl: longer }, activity: { serviceUrl: longer } });
    await expect(forged).rejects.toMatchObject({ code: 'serviceUrlNotAllowed' });
  });

  it('whose service URL is on our list, with another tenant behind it', async () => {
    const stranger = `${region}99999999-9999-4999-8999-999999999999/`;
    const forged = verify({ claims: { serviceurl: stranger }, activity: { serviceUrl: stranger } });
    await expect(forged).rejects.toMatchObject({ code: 'serviceUrlNotAllowed' });
  });

  it('of another channel', async () => {
    await expect(verify({ activity: { channelId: 'directline' } })).rejects.toMatchObject({ code: 'wrongChannel', status: 403 });
  });

  it('of another tenant', async () => {
    const other = { id: conversation, tenantId: '11111111-1111-4111-8111-00000000ffff' };
    await expect(verify({ activity: { conversation: other } })).rejects.toMatchObject({ code: 'wrongTenant' });
  });

  it('whose channel data name another tenant than its conversation', async () => {
    const channelData = { tenant: { id: '11111111-1111-4111-8111-00000000ffff' } };
    await expect(verify({ activity: { channelData } })).rejects.toMatchObject({ code: 'wrongTenant' });
  });

  it('that names no tenant', async () => {
    const forged = verify({ activity: { conversation: { id: conversation }, channelData: {} } });
    await expect(forged).rejects.toMatchObject({ code: 'wrongTenant' });
  });

  it.each([
    '19:somewhere-else@thread.tacv2',
    `${conversation}x`,
    `${conversation};messageid=12;messageid=13`,
    `${conversation};messageid=`,
    `;messageid=12`,
    `x;${conversation}`,
  ])('of the conversation %s', async (id) => {
    await expect(verify({ activity: { conversation: { id, tenantId } } })).rejects.toMatchObject({ code: 'unknownConversation' });
  });

  it('that is a message in any other conversation', async () => {
    const elsewhere = { type: 'message', text: 'hello', conversation: { id: 'a:personal', tenantId } };
    await expect(verify({ activity: elsewhere })).rejects.toMatchObject({ code: 'unknownConversation' });
  });

  it('that names nobody of the directory', async () => {
    const forged = verify({ activity: { from: { id: '29:ada', name: 'Ada Approver' } } });
    await expect(forged).rejects.toMatchObject({ code: 'missingPerson', status: 403 });
  });

  it('whose person is no object id', async () => {
    const forged = verify({ activity: { from: { id: '29:ada', aadObjectId: 'approver-1' } } });
    await expect(forged).rejects.toMatchObject({ code: 'missingPerson' });
  });

  it('of more than 256 KiB', async () => {
    await expect(verify({ activity: { text: 'x'.repeat(256 * 1024) } })).rejects.toMatchObject({ code: 'bodyTooLarge', status: 413 });
  });

  it('that is no JSON object', async () => {
    const delivered = { authorization: `Bearer ${await sign()}`, body: new TextEncoder().encode('[]') };
    await expect(verifierWith()(delivered)).rejects.toMatchObject({ code: 'malformedActivity', status: 400 });
  });

  it('that names a field twice', async () => {
    const body = new TextEncoder().encode(`{"type":"message",${new TextDecoder().decode(activityWith({})).slice(1)}`);
    await expect(verifierWith()({ authorization: `Bearer ${await sign()}`, body })).rejects.toMatchObject({ code: 'malformedActivity' });
  });
});

describe('news that has no effect', () => {
  it.each([
    ['installationUpdate', 'installationUpdate'],
    ['conversationUpdate', 'conversationUpdate'],
    ['typing', 'other'],
  ])('may come from any conversation of the tenant: %s', async (type, kind) => {
    const elsewhere = { type, conversation: { id: 'a:personal', tenantId } };
    await expect(verify({ activity: elsewhere })).resolves.toMatchObject({ kind });
  });

  it('comes from no other tenant', async () => {
    const elsewhere = { type: 'installationUpdate', conversation: { id: 'a:personal', tenantId: '11111111-1111-4111-8111-00000000ffff' } };
    await expect(verify({ activity: elsewhere })).rejects.toMatchObject({ code: 'wrongTenant' });
  });
});

describe('an action that is none of our buttons is refused', () => {
  const data = { operationId, digest, reason: '' };

  it.each([
    ['another verb', { type: 'Action.Execute', verb: 'approveAll', data }],
    ['another kind of action', { type: 'Action.Submit', verb: 'approve', data }],
    ['no digest', { type: 'Action.Execute', verb: 'approve', data: { operationId } }],
    ['a digest that is none', { type: 'Action.Execute', verb: 'approve', data: { ...data, digest: 'sha256:A' } }],
    ['an id that is none', { type: 'Action.Execute', verb: 'approve', data: { ...data, operationId: '../op' } }],
    ['a field that we never send', { type: 'Action.Execute', verb: 'approve', data: { ...data, voter: approver } }],
    ['a reason over 1,000 characters', { type: 'Action.Execute', verb: 'approve', data: { ...data, reason: 'x'.repeat(1001) } }],
    ['a digest where none belongs', { type: 'Action.Execute', verb: 'refresh', data: { operationId, digest } }],
  ])('%s', async (_what, forged) => {
    await expect(verify({ activity: { value: { action: forged } } })).rejects.toMatchObject({ code: 'malformedAction', status: 400 });
  });

  it('a vote that Teams cast by refreshing the card', async () => {
    const forged = verify({ activity: { value: { ...action, trigger: 'automatic' } } });
    await expect(forged).rejects.toMatchObject({ code: 'malformedAction' });
  });
});

describe('an activity of the Bot Connector is taken', () => {
  it('as the vote of the person whom the activity names', async () => {
    await expect(verify({})).resolves.toMatchObject({
      kind: 'action',
      person: { id: approver, name: 'Ada Approver' },
      action: { verb: 'approve', operationId, approvalDigest: digest, reason: 'Fine.' },
    });
  });

  it('without a reason', async () => {
    const value = { action: { type: 'Action.Execute', verb: 'reject', data: { operationId, digest } } };
    await expect(verify({ activity: { value } })).resolves.toMatchObject({ action: { verb: 'reject', reason: '' } });
  });

  it('as a request to refresh', async () => {
    const value = { action: { type: 'Action.Execute', verb: 'refresh', data: { operationId } }, trigger: 'automatic' };
    await expect(verify({ activity: { value } })).resolves.toMatchObject({ action: { verb: 'refresh', operationId } });
  });

  it('from a thread of the conversation', async () => {
    const thread = { id: `${conversation};messageid=1700000000000`, tenantId };
    await expect(verify({ activity: { conversation: thread } })).resolves.toMatchObject({ kind: 'action' });
  });

  it('with the object id in capitals', async () => {
    const from = { id: '29:ada', name: 'Ada', aadObjectId: 'ABCDEF00-5555-4555-8555-000000000001' };
    await expect(verify({ activity: { from } })).resolves.toMatchObject({ person: { id: 'abcdef00-5555-4555-8555-000000000001' } });
  });

  it('whose service URL does not name the tenant', async () => {
    const named = verify({ claims: { serviceurl: region }, activity: { serviceUrl: region } });
    await expect(named).resolves.toMatchObject({ kind: 'action' });
  });

  it('whose service URL lacks the final slash', async () => {
    await expect(verify({ activity: { serviceUrl: serviceUrl.slice(0, -1) } })).resolves.toMatchObject({ kind: 'action' });
  });

  it.each([{ exp: now - 59 }, { nbf: now + 59 }])('within 60 seconds of %o', async (claims) => {
    await expect(verify({ claims })).resolves.toMatchObject({ kind: 'action' });
  });

  it('as a message', async () => {
    await expect(verify({ activity: { type: 'message', name: undefined, value: undefined, text: 'hello' } })).resolves.toMatchObject({
      kind: 'message',
      person: { id: approver },
    });
  });

  it.each(['installationUpdate', 'conversationUpdate'] as const)('as %s, which needs no person', async (type) => {
    await expect(verify({ activity: { type, name: undefined, value: undefined, from: undefined } })).resolves.toMatchObject({ kind: type });
  });

  it('as something else where it is another invoke', async () => {
    await expect(verify({ activity: { name: 'signin/tokenExchange', value: {} } })).resolves.toMatchObject({ kind: 'other' });
  });
});
