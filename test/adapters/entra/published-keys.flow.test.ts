import { exportJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { KeysUnavailable, makePublishedKeys } from '../../../shared/adapters/entra/published-keys.ts';
import { makeLiteralClock } from '../../support/literal-clock.ts';
import { makeRecordedLog } from '../../support/recorded-log.ts';
import { signingKey, startJwksServer } from './jwks-server.ts';
import { agentClaims, makeStage, now, ours, refusalOf, sign, theirs } from './tokens.ts';

const minute = 60_000;
const hour = 60 * minute;
const newer = await signingKey('newer');
const givenAway = { ...(await exportJWK(ours.privateKey)), kid: 'ours' };

async function stageWithToken() {
  const stage = await makeStage();
  const token = await sign(agentClaims);
  return { ...stage, token, takes: async () => (await stage.verify(token)).kind };
}

describe('keys', () => {
  it('are asked for once by all who need them at the same time', async () => {
    const { takes, state } = await stageWithToken();
    await Promise.all([takes(), takes(), takes()]);
    await takes();
    expect(state.asked).toBe(1);
  });

  it('are not asked for before a token needs them', async () => {
    expect((await makeStage()).state.asked).toBe(0);
  });

  it('are not asked for by tokens of other issuers', async () => {
    const { verify, state } = await makeStage();
    expect(await refusalOf(verify(await sign({ ...agentClaims, iss: 'https://evil.example' })))).toBe('wrongIssuer');
    expect(state.asked).toBe(0);
  });

  it('are asked for again when they are ten minutes old', async () => {
    const { takes, state, clock } = await stageWithToken();
    await takes();
    clock.advanceMs(10 * minute - 1);
    await takes();
    expect(state.asked).toBe(1);
    clock.advanceMs(1);
    await takes();
    expect(state.asked).toBe(2);
  });
});

describe('a rotation', () => {
  it('is noticed by the first token of the new key', async () => {
    const { takes, verify, state, clock } = await stageWithToken();
    await takes();
    state.keys = [newer, ours];
    clock.advanceMs(30_000);
    await expect(verify(await sign(agentClaims, { kid: 'newer' }, newer.privateKey))).resolves.toMatchObject({ kind: 'agent' });
    expect(await takes()).toBe('agent');
    expect(state.asked).toBe(2);
  });

  it('that withdraws a key ends its tokens within ten minutes', async () => {
    const { takes, verify, token, state, clock } = await stageWithToken();
    await takes();
    state.keys = [newer];
    clock.advanceMs(10 * minute);
    expect(await refusalOf(verify(token))).toBe('invalid');
  });
});

describe('made-up key ids', () => {
  it('make us ask at most once in half a minute', async () => {
    const { verify, state, clock } = await stageWithToken();
    const flood = async (size: number) => {
      const tokens = await Promise.all(Array.from({ length: size }, (_, index) => sign(agentClaims, { kid: `made-up-${index}` })));
      return await Promise.all(tokens.map((token) => refusalOf(verify(token))));
    };
    expect(new Set(await flood(200))).toEqual(new Set(['invalid']));
    expect(state.asked).toBe(1);
    clock.advanceMs(29_999);
    await flood(50);
    expect(state.asked).toBe(1);
    clock.advanceMs(1);
    await flood(50);
    expect(state.asked).toBe(2);
  });

  it('keep nobody else waiting for a new key', async () => {
    const { takes, verify, state, clock } = await stageWithToken();
    await takes();
    expect(await refusalOf(verify(await sign(agentClaims, { kid: 'made-up' })))).toBe('invalid');
    expect(await takes()).toBe('agent');
    clock.advanceMs(30_000);
    state.keys = [newer];
    await expect(verify(await sign(agentClaims, { kid: 'newer' }, newer.privateKey))).resolves.toMatchObject({ kind: 'agent' });
  });
});

describe('an outage of the issuer', () => {
  it('is no fault of the token where no key was ever had', async () => {
    const { takes, verify, token, state, clock } = await stageWithToken();
    state.failing = true;
    expect(await refusalOf(verify(token))).toBe('keysUnavailable');
    state.failing = false;
    clock.advanceMs(1_000);
    expect(await takes()).toBe('agent');
  });

  it('makes us ask once a second where there is no key, however many need one', async () => {
    const { verify, token, state, clock } = await stageWithToken();
    state.failing = true;
    const flood = () => Promise.all(Array.from({ length: 50 }, () => refusalOf(verify(token))));
    expect(new Set([...(await flood()), ...(await flood())])).toEqual(new Set(['keysUnavailable']));
    expect(state.asked).toBe(1);
    clock.advanceMs(1_000);
    await flood();
    expect(state.asked).toBe(2);
  });

  it('is bridged by the keys that are held, for a day and no longer', async () => {
    const { takes, verify, token, state, clock } = await stageWithToken();
    await takes();
    state.failing = true;
    const long = await sign({ ...agentClaims, exp: Number(agentClaims['exp']) + 2 * 24 * 3600 });
    clock.advanceMs(24 * hour - 1);
    await expect(verify(long)).resolves.toMatchObject({ kind: 'agent' });
    expect(await refusalOf(verify(token))).toBe('expired');
    clock.advanceMs(1);
    expect(await refusalOf(verify(long))).toBe('keysUnavailable');
    state.failing = false;
    clock.advanceMs(1_000);
    await expect(verify(long)).resolves.toMatchObject({ kind: 'agent' });
  });

  it('makes us ask at most once in half a minute while keys are held', async () => {
    const { takes, state, clock } = await stageWithToken();
    await takes();
    state.failing = true;
    clock.advanceMs(10 * minute);
    await Promise.all([takes(), takes(), takes()]);
    await takes();
    expect(state.asked).toBe(2);
    clock.advanceMs(30_000);
    await takes();
    expect(state.asked).toBe(3);
  });

  it('leaves open whether an unknown key is a new one', async () => {
    const { takes, verify, state, clock } = await stageWithToken();
    await takes();
    state.failing = true;
    clock.advanceMs(10 * minute);
    expect(await refusalOf(verify(await sign(agentClaims, { kid: 'newer' }, newer.privateKey)))).toBe('keysUnavailable');
  });

  it('is logged with the host and without the token', async () => {
    const { verify, token, state, log } = await stageWithToken();
    state.failing = true;
    await refusalOf(verify(token));
    expect(log.lines).toEqual([
      expect.stringMatching(
        /^warn: The keys of an issuer could not be read\. \{"host":"127\.0\.0\.1:\d+","reason":"The answer was 503\.","keysHeld":false\}$/,
      ),
    ]);
  });
});

describe('an answer that is no set of keys counts as an outage', () => {
  it.each([
    ['no JSON', '<html>'],
    ['another shape', '{"key":[]}'],
    ['no key', '{"keys":[]}'],
    ['only secrets', '{"keys":[{"kty":"oct","kid":"ours","k":"c2VjcmV0"}]}'],
    ['only keys that are too short', '{"keys":[{"kty":"RSA","kid":"ours","n":"AQAB","e":"AQAB"}]}'],
    ['only keys whose private half it gives away', JSON.stringify({ keys: [givenAway] })],
    ['only keys on another curve', '{"keys":[{"kty":"EC","crv":"P-384","kid":"ours","x":"AQAB","y":"AQAB"}]}'],
    ['names given twice', `{"keys":[],"keys":${JSON.stringify([ours.jwk])}}`],
    ['more than half a megabyte', `{"keys":${JSON.stringify([ours.jwk])},"x":"${'x'.repeat(512 * 1024)}"}`],
  ])('%s', async (_, body) => {
    const { verify, token, state } = await stageWithToken();
    state.body = body;
    expect(await refusalOf(verify(token))).toBe('keysUnavailable');
  });

  it('an answer that does not come to its end in time', async () => {
    const { jwksUri, state } = await startJwksServer([ours]);
    state.trickles = true;
    const log = makeRecordedLog();
    const keys = makePublishedKeys({ jwksUri, clock: makeLiteralClock(now), log, timeoutMs: 50 });
    await expect(keys({ alg: 'RS256', kid: 'ours' }, { payload: '', signature: '' })).rejects.toBeInstanceOf(KeysUnavailable);
    expect(log.lines).toEqual([expect.stringContaining('"reason":"The operation was aborted due to timeout"')]);
  });

  it('a redirect, which is not followed', async () => {
    const elsewhere = await startJwksServer([ours]);
    const { verify, token, state } = await stageWithToken();
    state.redirect = elsewhere.jwksUri;
    expect([await refusalOf(verify(token)), elsewhere.state.asked]).toEqual(['keysUnavailable', 0]);
  });
});

describe('a set of keys', () => {
  it('may hold keys that we cannot use beside those that we can', async () => {
    const { takes, state } = await stageWithToken();
    state.body = JSON.stringify({
      keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'ed', x: 'AQAB' }, null, { kty: 'oct', k: 'AQAB' }, ours.jwk],
    });
    expect(await takes()).toBe('agent');
  });

  it('never lends a key that is for encryption', async () => {
    const { verify, token, state } = await stageWithToken();
    state.body = JSON.stringify({ keys: [{ ...ours.jwk, use: 'enc' }] });
    expect(await refusalOf(verify(token))).toBe('invalid');
  });

  it('never lends one of two keys of the same name', async () => {
    const { verify, token, state } = await stageWithToken();
    state.body = JSON.stringify({ keys: [{ ...theirs.jwk, kid: 'ours' }, ours.jwk] });
    expect(await refusalOf(verify(token))).toBe('invalid');
  });

  it('tells for which channels a key signs', async () => {
    const { jwksUri, state } = await startJwksServer([ours]);
    state.body = JSON.stringify({ keys: [{ ...ours.jwk, endorsements: ['msteams'] }] });
    const keys = makePublishedKeys({ jwksUri, clock: makeLiteralClock(now), log: makeRecordedLog() });
    expect(keys.jwks()).toBeUndefined();
    await keys({ alg: 'RS256', kid: 'ours' }, { payload: '', signature: '' });
    expect(keys.jwks()?.keys).toMatchObject([{ kid: 'ours', endorsements: ['msteams'] }]);
  });
});
