import { createHmac } from 'node:crypto';
import { exportSPKI, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { makeTokenVerifier } from '../../../shared/adapters/entra/token-verifier.ts';
import { instant } from '../../../shared/domain/instant.ts';
import { TokenError } from '../../../shared/ports/token-verifier.ts';
import { type SigningKey, signingKey, startJwksServer } from './jwks-server.ts';

const now = instant('2026-11-21T20:12:00.000Z');
/** 2026-11-21T20:12:00Z in seconds. */
const nowSeconds = 1795291920;
const tenant = '11111111-1111-4111-8111-111111111111';
const issuer = `https://login.example/${tenant}/v2.0`;
const objectId = '44444444-4444-4444-8444-000000000001';

const times = { iat: nowSeconds - 10, nbf: nowSeconds - 10, exp: nowSeconds + 3600 };
const common = { iss: issuer, aud: 'api://countersign', tid: tenant, ver: '2.0', ...times };
const agent = { ...common, oid: objectId, sub: objectId, azp: 'c', idtyp: 'app', roles: ['Operation.Submit'] };
const person = {
  ...common,
  oid: objectId,
  sub: 'pairwise',
  azp: 'console',
  scp: 'Operation.Approve Audit.Read',
  name: 'Ada',
  roles: ['Operation.Approve'],
};

const ours = await signingKey('ours');
const theirs = await signingKey('theirs');

type Changes = Readonly<Record<string, unknown>>;

function sign(claims: Changes, header: Changes = {}, key: SigningKey['privateKey'] | Uint8Array = ours.privateKey): Promise<string> {
  const present = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  return new SignJWT(present).setProtectedHeader({ alg: 'RS256', kid: 'ours', typ: 'JWT', ...header }).sign(key, { crit: { odd: true } });
}

async function verifier({ idtypIssued = true, keys = [ours] }: { idtypIssued?: boolean; keys?: readonly SigningKey[] } = {}) {
  const { jwksUri, state } = await startJwksServer(keys);
  const trusted = { issuer, audiences: ['api://countersign'], tenantId: tenant, jwksUri, algorithms: ['RS256'] as const, idtypIssued };
  return { ...makeTokenVerifier({ issuers: [trusted], clock: { now: () => now } }), state, trusted };
}

async function refusal(authorization: string | undefined, options?: Parameters<typeof verifier>[0]): Promise<string> {
  const { verify } = await verifier(options);
  const outcome = await verify(authorization).catch((error: unknown) => error);
  if (outcome instanceof TokenError) return outcome.code;
  throw new Error('The token was accepted, or something else was thrown.', { cause: outcome });
}

describe('what is not one signed JWT', () => {
  it.each([
    ['no header', undefined, 'missing'],
    ['an empty header', ' ', 'missing'],
    ['another scheme', 'Basic YTpi', 'malformed'],
    ['a bearer without a token', 'Bearer ', 'malformed'],
    ['two parts', 'Bearer a.b', 'malformed'],
    ['an encrypted token', 'Bearer a.b.c.d.e', 'malformed'],
    ['no base64', 'Bearer a.b.c', 'malformed'],
    ['two tokens', 'Bearer a.b.c, Bearer d.e.f', 'malformed'],
    ['17 KiB', `Bearer a.${'b'.repeat(17 * 1024)}.c`, 'malformed'],
  ])('%s', async (_, authorization, code) => {
    expect(await refusal(authorization)).toBe(code);
  });

  it('two tokens, each of which would do', async () => {
    const token = await sign(agent);
    expect(await refusal(`Bearer ${token} ${token}`)).toBe('malformed');
  });
});

describe('a forged or foreign token', () => {
  it.each<[string, Changes, Changes, string]>([
    ['of another issuer', { iss: `https://login.example/${tenant}` }, {}, 'wrongIssuer'],
    ['of our issuer in other case', { iss: issuer.toUpperCase() }, {}, 'wrongIssuer'],
    ['of our issuer with a slash', { iss: `${issuer}/` }, {}, 'wrongIssuer'],
    ['of no issuer', { iss: undefined }, {}, 'wrongIssuer'],
    ['for another application', { aud: 'https://management.azure.com/' }, {}, 'wrongAudience'],
    ['for no application', { aud: undefined }, {}, 'wrongAudience'],
    ['of another tenant', { tid: '99999999-1111-4111-8111-111111111111' }, {}, 'wrongTenant'],
    ['of no tenant', { tid: undefined }, {}, 'invalid'],
    ['expired for 60 s', { exp: nowSeconds - 60 }, {}, 'expired'],
    ['without an end', { exp: undefined }, {}, 'invalid'],
    ['valid in 61 s', { nbf: nowSeconds + 61 }, {}, 'invalid'],
    ['without a beginning', { nbf: undefined }, {}, 'invalid'],
    ['issued in 61 s', { iat: nowSeconds + 61 }, {}, 'invalid'],
    ['with an end that is no number', { exp: '9999999999' }, {}, 'invalid'],
    ['about an id that is no GUID', { oid: '../groups', sub: '../groups' }, {}, 'invalid'],
    ['with roles that are no list', { roles: 'Operation.Submit' }, {}, 'invalid'],
    ['without a key id', {}, { kid: undefined }, 'invalid'],
    ['with an unknown key id', {}, { kid: 'unknown' }, 'invalid'],
    ['of a type that is no access token', {}, { typ: 'dpop+jwt' }, 'invalid'],
    ['with a key address', {}, { jku: 'https://evil.example/keys' }, 'invalid'],
    ['with a certificate address', {}, { x5u: 'https://evil.example/cert' }, 'invalid'],
    ['with a certificate', {}, { x5c: ['MII'] }, 'invalid'],
    ['with a critical extension', {}, { crit: ['odd'], odd: 1 }, 'invalid'],
  ])('%s', async (_, claims, header, code) => {
    expect(await refusal(`Bearer ${await sign({ ...agent, ...claims }, header)}`)).toBe(code);
  });

  it('signed by somebody else under our key id', async () => {
    expect(await refusal(`Bearer ${await sign(agent, {}, theirs.privateKey)}`)).toBe('invalid');
  });

  it('signed by a key that it brings along', async () => {
    expect(await refusal(`Bearer ${await sign(agent, { jwk: theirs.jwk }, theirs.privateKey)}`)).toBe('invalid');
  });

  it('not signed at all', async () => {
    const part = (value: Changes) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${part({ alg: 'none', kid: 'ours', typ: 'JWT' })}.${part(agent)}`;
    expect(await refusal(`Bearer ${unsigned}.`)).toBe('malformed');
    expect(await refusal(`Bearer ${unsigned}.AAAA`)).toBe('invalid');
  });

  it('signed with our public key as a secret', async () => {
    const secret = Buffer.from(await exportSPKI(ours.publicKey));
    expect(await refusal(`Bearer ${await sign(agent, { alg: 'HS256' }, secret)}`)).toBe('invalid');
  });

  it('signed by an algorithm that is not configured', async () => {
    const other = await signingKey('ours', 'PS256');
    expect(await refusal(`Bearer ${await sign(agent, { alg: 'PS256' }, other.privateKey)}`, { keys: [other] })).toBe('invalid');
  });

  it('changed after it was signed', async () => {
    const [header, , signature] = (await sign(agent)).split('.');
    const payload = Buffer.from(JSON.stringify({ ...agent, roles: ['Audit.Read'] })).toString('base64url');
    expect(await refusal(`Bearer ${header}.${payload}.${signature}`)).toBe('invalid');
  });

  it('with another signature of the right length', async () => {
    const [header, payload] = (await sign(agent)).split('.');
    const signature = createHmac('sha512', 'x').update('y').digest();
    const forged = Buffer.concat([signature, signature, signature, signature]).toString('base64url');
    expect(await refusal(`Bearer ${header}.${payload}.${forged}`)).toBe('invalid');
  });
});

describe('the kind of caller', () => {
  it.each<[string, Changes]>([
    ['an application with delegated scopes', { ...agent, scp: 'Operation.Approve' }],
    ['neither application nor scopes', { ...person, scp: undefined }],
    ['an application that is not said to be one', { ...agent, idtyp: undefined }],
    ['an application whose subject is somebody else', { ...agent, sub: 'pairwise' }],
    ['a device', { ...person, idtyp: 'device' }],
  ])('%s is refused', async (_, claims) => {
    expect(await refusal(`Bearer ${await sign(claims)}`)).toBe('wrongKind');
  });

  it('is an application without idtyp where the tenant does not issue it', async () => {
    const { verify } = await verifier({ idtypIssued: false });
    expect(await verify(`Bearer ${await sign({ ...agent, idtyp: undefined })}`)).toMatchObject({ kind: 'agent' });
  });

  it('is never an application with a user token where idtyp is not issued', async () => {
    expect(await refusal(`Bearer ${await sign({ ...person, scp: undefined })}`, { idtypIssued: false })).toBe('wrongKind');
  });

  it('needs the client of a person', async () => {
    expect(await refusal(`Bearer ${await sign({ ...person, azp: undefined })}`)).toBe('invalid');
  });
});

describe('a good token', () => {
  it('of an agent', async () => {
    const { verify } = await verifier();
    expect(await verify(`Bearer ${await sign(agent)}`)).toEqual({
      kind: 'agent',
      issuer,
      tenantId: tenant,
      objectId,
      roles: ['Operation.Submit'],
    });
  });

  it('of a person', async () => {
    const { verify } = await verifier();
    expect(await verify(`bearer ${await sign(person)}`)).toEqual({
      kind: 'person',
      issuer,
      tenantId: tenant,
      objectId,
      name: 'Ada',
      scopes: ['Operation.Approve', 'Audit.Read'],
      clientId: 'console',
    });
  });

  it('of a person, as version 1 names the client', async () => {
    const { verify } = await verifier();
    expect(await verify(`Bearer ${await sign({ ...person, azp: undefined, appid: 'console' })}`)).toMatchObject({ clientId: 'console' });
  });

  it('is good until a minute after its end and from a minute before its beginning', async () => {
    const { verify } = await verifier();
    await expect(verify(`Bearer ${await sign({ ...agent, exp: nowSeconds - 59 })}`)).resolves.toMatchObject({ kind: 'agent' });
    await expect(verify(`Bearer ${await sign({ ...agent, nbf: nowSeconds + 60, iat: nowSeconds + 60 })}`)).resolves.toMatchObject({
      kind: 'agent',
    });
  });
});

describe('the keys', () => {
  it('are asked for once', async () => {
    const { verify, state } = await verifier();
    const token = await sign(agent);
    await Promise.all([verify(`Bearer ${token}`), verify(`Bearer ${token}`)]);
    await verify(`Bearer ${token}`);
    expect(state.asked).toBe(1);
  });

  it('are not asked for again and again by forged key ids', async () => {
    const { verify, state } = await verifier();
    for (const kid of ['a', 'b', 'c'])
      await expect(verify(`Bearer ${await sign(agent, { kid })}`)).rejects.toMatchObject({ code: 'invalid' });
    expect(state.asked).toBe(1);
  });

  it('are not asked for by tokens of other issuers', async () => {
    const { verify, state } = await verifier();
    await expect(verify(`Bearer ${await sign({ ...agent, iss: 'https://evil.example' })}`)).rejects.toMatchObject({ code: 'wrongIssuer' });
    expect(state.asked).toBe(0);
  });

  it('that cannot be had are no fault of the token', async () => {
    const { verify, state } = await verifier();
    state.failing = true;
    const token = await sign(agent);
    await expect(verify(`Bearer ${token}`)).rejects.toMatchObject({ code: 'keysUnavailable' });
    state.failing = false;
    await expect(verify(`Bearer ${token}`)).resolves.toMatchObject({ kind: 'agent' });
  });
});

describe('a configuration that makes no sense is refused', () => {
  const trusted = {
    issuer,
    audiences: ['a'],
    tenantId: tenant,
    jwksUri: 'https://login.example/keys',
    algorithms: ['RS256'] as const,
    idtypIssued: true,
  };
  const clock = { now: () => now };
  it.each([
    ['no issuer', []],
    ['one issuer twice', [trusted, trusted]],
    ['no audience', [{ ...trusted, audiences: [] }]],
    ['no algorithm', [{ ...trusted, algorithms: [] }]],
    ['a tenant that is no GUID', [{ ...trusted, tenantId: 'common' }]],
    ['keys over plain http', [{ ...trusted, jwksUri: 'http://login.example/keys' }]],
  ])('%s', (_, issuers) => {
    expect(() => makeTokenVerifier({ issuers, clock })).toThrow(RangeError);
  });

  it('a symmetric algorithm', () => {
    const issuers = [{ ...trusted, algorithms: JSON.parse('["HS256"]') }];
    expect(() => makeTokenVerifier({ issuers, clock })).toThrow(RangeError);
  });
});
