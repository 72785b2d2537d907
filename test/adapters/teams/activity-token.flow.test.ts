import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makePublishedKeys } from '../../../shared/adapters/entra/published-keys.ts';
import { ActivityError } from '../../../shared/adapters/teams/activity-error.ts';
import { makeActivityVerifier } from '../../../shared/adapters/teams/verify-activity.ts';
import { epochMsOf } from '../../../shared/domain/instant.ts';
import { makeLiteralClock } from '../../support/literal-clock.ts';
import { makeRecordedLog } from '../../support/recorded-log.ts';
import { startJwksServer } from '../entra/jwks-server.ts';
import {
  agentClaims,
  authority,
  type Claims,
  firstVersion,
  inFirstVersion,
  now,
  nowSeconds,
  ours,
  part,
  personClaims,
  personId,
  sign,
  tenant,
  theirs,
} from '../entra/tokens.ts';

const issuer = 'https://api.botframework.com';
const botAppId = '22222222-2222-4222-8222-000000000001';
const serviceUrl = 'https://smba.trafficmanager.net/emea/';
const conversation = '19:countersign-approvals@thread.tacv2';
const connector: Claims = { iss: issuer, aud: botAppId, serviceurl: serviceUrl, nbf: nowSeconds - 10, exp: nowSeconds + 3600 };

const body = new TextEncoder().encode(
  JSON.stringify({
    type: 'message',
    channelId: 'msteams',
    serviceUrl,
    from: { name: 'Ada', aadObjectId: personId },
    conversation: { id: conversation, tenantId: tenant },
  }),
);

/** The bot's endpoint as it is wired, with the Bot Framework's keys on a server that counts how often it is asked. */
async function makeStage() {
  const { jwksUri, state } = await startJwksServer([ours]);
  const clock = makeLiteralClock(now);
  const verify = makeActivityVerifier({
    issuer,
    botAppId,
    tenantId: tenant,
    serviceUrls: [serviceUrl],
    conversationIds: [conversation],
    keys: makePublishedKeys({ jwksUri, clock, log: makeRecordedLog() }),
    nowMs: () => epochMsOf(clock.now()),
  });
  return { state, clock, deliver: (authorization: string) => verify({ authorization, body }) };
}

async function refusalOf(delivery: Promise<unknown>): Promise<string> {
  const outcome = await delivery.catch((error: unknown) => error);
  if (outcome instanceof ActivityError) return outcome.code;
  throw new Error('The activity was taken, or something else was thrown.', { cause: outcome });
}

describe("an agent's token does not press a person's button", () => {
  const forBot = { ...agentClaims, aud: botAppId, serviceurl: serviceUrl };

  it.each<[string, Claims]>([
    ['of version 2', forBot],
    ['of version 1', inFirstVersion(forBot)],
    ['for the API', agentClaims],
    ['of a person', { ...personClaims, aud: botAppId, serviceurl: serviceUrl }],
    ['that names two issuers', { ...forBot, iss: [authority, issuer] }],
    ['that names its issuer elsewhere as well', { ...forBot, iss: firstVersion, issuer }],
  ])('%s, and no key is asked for', async (_, claims) => {
    const { deliver, state } = await makeStage();
    expect([await refusalOf(deliver(`Bearer ${await sign(claims)}`)), state.asked]).toEqual(['wrongIssuer', 0]);
  });

  it('under the name of the Bot Framework, signed by the tenant', async () => {
    const { deliver } = await makeStage();
    expect(await refusalOf(deliver(`Bearer ${await sign({ ...forBot, iss: issuer }, {}, theirs.privateKey)}`))).toBe('badSignature');
  });
});

describe('a token under the name of the Bot Framework', () => {
  it.each<[string, Claims]>([
    ['with a key of its own', { jwk: theirs.jwk }],
    ['with the address of a key', { jku: 'https://evil.example/keys' }],
    ['with a certificate', { x5c: ['MIIB'] }],
  ])('%s is refused', async (_, header) => {
    const { deliver } = await makeStage();
    expect(await refusalOf(deliver(`Bearer ${await sign(connector, header, theirs.privateKey)}`))).toBe('badSignature');
  });

  it('without a signature is refused', async () => {
    const { deliver, state } = await makeStage();
    const unsigned = `${part('{"alg":"none","kid":"ours"}')}.${part(JSON.stringify(connector))}.`;
    expect([await refusalOf(deliver(`Bearer ${unsigned}`)), state.asked]).toEqual(['badSignature', 0]);
  });

  it('sent twice is refused', async () => {
    const { deliver } = await makeStage();
    const token = await sign(connector);
    expect(await refusalOf(deliver(`Bearer ${token}, Bearer ${token}`))).toBe('malformedToken');
  });

  it('that is too long is refused unread', async () => {
    const { deliver } = await makeStage();
    expect(await refusalOf(deliver(`Bearer ${'a'.repeat(16 * 1024)}`))).toBe('tokenTooLarge');
  });

  it('is taken where the Bot Framework signed it', async () => {
    const { deliver } = await makeStage();
    expect(await deliver(`Bearer ${await sign(connector)}`)).toMatchObject({ kind: 'message', person: { id: personId } });
  });
});

describe('whatever is sent as a token', () => {
  it('is refused with an error that the endpoint knows', async () => {
    const { deliver } = await makeStage();
    const parts = fc.oneof(
      fc.json(),
      fc.string(),
      fc.record({ alg: fc.constantFrom('RS256', 'none', 'HS256'), kid: fc.string() }).map((value) => JSON.stringify(value)),
      fc.jsonValue().map((value) => JSON.stringify({ ...connector, aud: value, serviceurl: value })),
    );
    const bytes = fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value).toString('base64url'));
    await fc.assert(
      fc.asyncProperty(parts, parts, bytes, fc.string({ unit: 'binary' }), async (first, second, third, text) => {
        await expect(deliver(`Bearer ${part(first)}.${part(second)}.${third}`)).rejects.toBeInstanceOf(ActivityError);
        await expect(deliver(text)).rejects.toBeInstanceOf(ActivityError);
      }),
      { seed: 20261121, numRuns: 300 },
    );
  });
});

describe("the Bot Framework's keys", () => {
  it('are asked for once, however many unknown keys are named', async () => {
    const { deliver, state } = await makeStage();
    const tokens = await Promise.all(Array.from({ length: 50 }, (_, index) => sign(connector, { kid: `made-up-${index}` })));
    expect(new Set(await Promise.all(tokens.map((token) => refusalOf(deliver(`Bearer ${token}`)))))).toEqual(new Set(['badSignature']));
    expect(state.asked).toBe(1);
  });

  it('go on for a day while they cannot be asked for', async () => {
    const { deliver, state, clock } = await makeStage();
    const token = await sign({ ...connector, exp: nowSeconds + 2 * 24 * 3600 });
    await deliver(`Bearer ${token}`);
    state.failing = true;
    clock.setTo('2026-11-22T20:11:59.999Z');
    await expect(deliver(`Bearer ${token}`)).resolves.toMatchObject({ kind: 'message' });
    clock.setTo('2026-11-22T20:12:00.000Z');
    expect(await refusalOf(deliver(`Bearer ${token}`))).toBe('keysUnavailable');
  });
});
