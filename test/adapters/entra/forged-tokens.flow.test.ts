import { createHmac } from 'node:crypto';
import { exportSPKI } from 'jose';
import { describe, expect, it } from 'vitest';
import type { OidcIssuer } from '../../../shared/ports/trusted-issuer.ts';
import { signingKey, startJwksServer } from './jwks-server.ts';
import {
  agentClaims,
  authority,
  type Claims,
  firstVersion,
  makeStage,
  nowSeconds,
  ours,
  part,
  personClaims,
  refusalOf,
  sign,
  signText,
  tenant,
  theirs,
} from './tokens.ts';

/** Another issuer, which takes anything that it signed for an agent. */
const contractor: OidcIssuer = {
  kind: 'oidc',
  issuer: 'https://contractor.example',
  tenantId: 'contractor',
  audiences: ['api://countersign'],
  jwksUri: 'https://contractor.example/keys',
  algorithms: ['RS256'],
  tokens: 'access',
  require: [],
  callers: [{ kind: 'agent', when: [], subject: 'sub', client: undefined }],
  roles: { 'Operation.Submit': [] },
  groups: {},
};

/** The code that a token ends with, and how often the issuer's keys were asked for until then. */
async function verdict(token: string, options?: Parameters<typeof makeStage>[0]): Promise<[string, number]> {
  const { verify, state } = await makeStage(options);
  return [await refusalOf(verify(token)), state.asked];
}

describe('a signature that is none', () => {
  it('alg none, with no signature', async () => {
    const unsigned = `${part(JSON.stringify({ alg: 'none', kid: 'ours', typ: 'JWT' }))}.${part(JSON.stringify(agentClaims))}`;
    expect(await verdict(`${unsigned}.`)).toEqual(['malformed', 0]);
  });

  it('alg none, with something in its place', async () => {
    const unsigned = `${part(JSON.stringify({ alg: 'none', kid: 'ours', typ: 'JWT' }))}.${part(JSON.stringify(agentClaims))}`;
    expect(await verdict(`${unsigned}.AAAA`)).toEqual(['invalid', 0]);
  });

  it.each(['None', 'NONE', 'nOnE', ''])('alg %j', async (alg) => {
    const token = `${part(JSON.stringify({ alg, kid: 'ours' }))}.${part(JSON.stringify(agentClaims))}.AAAA`;
    expect((await verdict(token))[1]).toBe(0);
  });

  it('HS256 with the public key as the secret', async () => {
    const secret = Buffer.from(await exportSPKI(ours.publicKey));
    expect(await verdict(await sign(agentClaims, { alg: 'HS256' }, secret))).toEqual(['invalid', 0]);
  });

  it('HS256 with the published key as the secret', async () => {
    const secret = Buffer.from(JSON.stringify(ours.jwk));
    expect(await verdict(await sign(agentClaims, { alg: 'HS256' }, secret))).toEqual(['invalid', 0]);
  });

  it('of an algorithm that is not configured', async () => {
    const other = await signingKey('ours', 'PS256');
    const token = await sign(agentClaims, { alg: 'PS256' }, other.privateKey);
    expect(await verdict(token, { keys: [other] })).toEqual(['invalid', 0]);
  });

  it('of somebody else under our key id', async () => {
    expect(await verdict(await sign(agentClaims, {}, theirs.privateKey))).toEqual(['invalid', 1]);
  });

  it('of the right length', async () => {
    const [header, payload] = (await sign(agentClaims)).split('.');
    const block = createHmac('sha512', 'x').update('y').digest();
    const forged = Buffer.concat([block, block, block, block]).toString('base64url');
    expect(await verdict(`${header}.${payload}.${forged}`)).toEqual(['invalid', 1]);
  });

  it('taken from another token', async () => {
    const [header, , signature] = (await sign(agentClaims)).split('.');
    const payload = part(JSON.stringify({ ...agentClaims, roles: ['Operation.Approve'] }));
    expect(await verdict(`${header}.${payload}.${signature}`)).toEqual(['invalid', 1]);
  });
});

describe('a key that is not ours', () => {
  it('unknown kid', async () => {
    expect(await verdict(await sign(agentClaims, { kid: 'unknown' }))).toEqual(['invalid', 1]);
  });

  it('no kid', async () => {
    expect(await verdict(await sign(agentClaims, { kid: undefined }))).toEqual(['invalid', 0]);
  });

  it('a kid that is no text', async () => {
    const token = await signText('{"alg":"RS256","kid":["ours"]}', JSON.stringify(agentClaims));
    expect(await verdict(token)).toEqual(['invalid', 0]);
  });

  it('the kid of another trusted issuer, signed with its key', async () => {
    const other = await startJwksServer([theirs]);
    const stage = await makeStage({ others: [{ ...contractor, jwksUri: other.jwksUri }] });
    const token = await sign(agentClaims, { kid: 'theirs' }, theirs.privateKey);
    expect([await refusalOf(stage.verify(token)), stage.state.asked, other.state.asked]).toEqual(['invalid', 1, 0]);
  });

  it('our kid and key under the name of another trusted issuer', async () => {
    const other = await startJwksServer([theirs]);
    const stage = await makeStage({ others: [{ ...contractor, jwksUri: other.jwksUri }] });
    const token = await sign({ ...agentClaims, iss: contractor.issuer });
    expect([await refusalOf(stage.verify(token)), stage.state.asked, other.state.asked]).toEqual(['invalid', 0, 1]);
  });

  it.each<[string, Claims]>([
    ['jwk', { jwk: theirs.jwk }],
    ['jku', { jku: 'https://evil.example/keys' }],
    ['x5u', { x5u: 'https://evil.example/certificate' }],
    ['x5c', { x5c: ['MIIB'] }],
  ])('brought along as %s', async (_, header) => {
    expect(await verdict(await sign(agentClaims, header, theirs.privateKey))).toEqual(['invalid', 0]);
  });

  it('brought along as jwk, beside a good signature', async () => {
    expect(await verdict(await sign(agentClaims, { jwk: ours.jwk }))).toEqual(['invalid', 0]);
  });
});

describe('rules of its own', () => {
  it.each<[string, Claims]>([
    ['a critical header that is not known', { crit: ['odd'], odd: 1 }],
    ['an unencoded payload', { crit: ['b64'], b64: false }],
    ['compression', { zip: 'DEF' }],
    ['a token inside the token', { cty: 'JWT' }],
    ['the type of a proof of possession', { typ: 'dpop+jwt' }],
    ['the type of a logout token', { typ: 'logout+jwt' }],
    ['the type of a client assertion', { typ: 'client-authentication+jwt' }],
  ])('%s', async (_, header) => {
    const token = await signText(JSON.stringify({ alg: 'RS256', kid: 'ours', typ: 'JWT', ...header }), JSON.stringify(agentClaims));
    expect(await verdict(token)).toEqual(['invalid', 0]);
  });
});

describe('another issuer, audience or tenant', () => {
  it.each<[string, unknown]>([
    ['of the tenant under an older name', `https://login.example/${tenant}`],
    ['in capitals', authority.toUpperCase()],
    ['with a slash more', `${authority}/`],
    ['of another tenant', 'https://login.example/99999999-1111-4111-8111-111111111111/v2.0'],
    ['that only starts as ours does', `${authority}.evil.example`],
    ['in a list', [authority]],
    ['that is missing', undefined],
  ])('an issuer %s', async (_, iss) => {
    expect(await verdict(await sign({ ...agentClaims, iss }))).toEqual(['wrongIssuer', 0]);
  });

  it.each<[string, unknown]>([
    ['of another application', 'https://management.azure.com/'],
    ['that only starts as ours does', 'api://countersign-test'],
    ['in capitals', 'API://COUNTERSIGN'],
    ['in a list with another', ['api://countersign', 'https://management.azure.com/']],
    ['in a list in a list', [['api://countersign']]],
    ['in an object', { name: 'api://countersign' }],
    ['that is missing', undefined],
  ])('an audience %s', async (_, aud) => {
    expect((await verdict(await sign({ ...agentClaims, aud })))[0]).toMatch(/^(wrongAudience|invalid)$/);
  });

  it('a tenant that is not ours, signed by a key that both have', async () => {
    const token = await sign({ ...agentClaims, tid: '99999999-1111-4111-8111-111111111111' });
    expect(await verdict(token)).toEqual(['wrongTenant', 1]);
  });

  it.each<[string, unknown]>([
    ['in a list', [tenant]],
    ['in an object', { id: tenant }],
    ['that is missing', undefined],
  ])('a tenant %s', async (_, tid) => {
    expect(await verdict(await sign({ ...agentClaims, tid }))).toEqual(['invalid', 1]);
  });

  it('the version of another issuer', async () => {
    expect(await verdict(await sign({ ...agentClaims, ver: '1.0' }))).toEqual(['invalid', 1]);
    expect(await verdict(await sign({ ...agentClaims, iss: firstVersion }))).toEqual(['invalid', 1]);
  });
});

describe('another time', () => {
  it('expired for a minute', async () => {
    expect(await verdict(await sign({ ...agentClaims, exp: nowSeconds - 60 }))).toEqual(['expired', 1]);
  });

  it('valid in 61 seconds', async () => {
    expect(await verdict(await sign({ ...agentClaims, nbf: nowSeconds + 61 }))).toEqual(['invalid', 1]);
  });

  it('issued in 61 seconds', async () => {
    expect(await verdict(await sign({ ...agentClaims, iat: nowSeconds + 61 }))).toEqual(['invalid', 1]);
  });

  it.each(['exp', 'nbf', 'iat'])('without %s', async (name) => {
    expect((await verdict(await sign({ ...agentClaims, [name]: undefined })))[0]).toBe('invalid');
  });

  it.each<[string, unknown]>([
    ['text', '9999999999'],
    ['a list', [9_999_999_999]],
  ])('an end that is %s', async (_, exp) => {
    expect((await verdict(await signText('{"alg":"RS256","kid":"ours"}', JSON.stringify({ ...agentClaims, exp }))))[0]).toBe('invalid');
  });
});

describe('claims that say two things', () => {
  const once = JSON.stringify(agentClaims).slice(1, -1);

  it.each([
    ['the object id', `{${once},"oid":"44444444-4444-4444-8444-0000000000ff"}`],
    ['the roles', `{${once},"roles":["Operation.Approve"]}`],
    ['the issuer', `{"iss":"https://evil.example",${once}}`],
    ['an object id whose name is escaped', `{${once},"\\u006fid":"44444444-4444-4444-8444-0000000000ff"}`],
  ])('%s twice', async (_, claims) => {
    expect(await verdict(await signText('{"alg":"RS256","kid":"ours"}', claims))).toEqual(['malformed', 0]);
  });

  it('the algorithm twice', async () => {
    const token = await signText('{"alg":"RS256","alg":"none","kid":"ours"}', JSON.stringify(agentClaims));
    expect(await verdict(token)).toEqual(['malformed', 0]);
  });

  it('nesting without end', async () => {
    const token = await signText('{"alg":"RS256","kid":"ours"}', `{${once},"x":${'['.repeat(100)}${']'.repeat(100)}}`);
    expect(await verdict(token)).toEqual(['malformed', 0]);
  });

  it('bytes that are no text', async () => {
    const token = `${part('{"alg":"RS256","kid":"ours"}')}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.AAAA`;
    expect(await verdict(token)).toEqual(['malformed', 0]);
  });
});

describe('claims of another shape', () => {
  it.each<[string, Claims]>([
    ['roles that are text', { roles: 'Operation.Submit' }],
    ['roles that are an object', { roles: { 0: 'Operation.Submit', length: 1 } }],
    ['roles in a list in the list', { roles: [['Operation.Submit']] }],
    ['an object id that is no GUID', { oid: '../groups', sub: '../groups' }],
    ['an object id in capitals', { oid: 'ABCDEFAB-4444-4444-8444-000000000001', sub: 'ABCDEFAB-4444-4444-8444-000000000001' }],
    ['an object id in a list', { oid: [agentClaims['oid']] }],
    ['an object id that only an ancestor has', { oid: undefined, ['__proto__']: { oid: agentClaims['oid'] } }],
    ['a managed identity that is no resource id', { xms_mirid: 'deploy-agent' }],
    ['a managed identity with a line break', { xms_mirid: '/subscriptions/x\n"level":"info"' }],
  ])('%s', async (_, claims) => {
    expect(await verdict(await sign({ ...agentClaims, ...claims }))).toEqual(['invalid', 1]);
  });
});

describe('a token that is for something else', () => {
  it.each<[string, Claims]>([
    ['an answer to a sign-in, whose client is the API itself', { nonce: 'n-0S6_WzA2Mj', scp: undefined }],
    ['one with scopes', { nonce: 'n-0S6_WzA2Mj' }],
    ['one that goes with an access token', { at_hash: '77QmUPtjPfzWtF2AnpK9RQ' }],
    ['one that goes with a code', { c_hash: 'LDktKdoQak3Pk0cnXxCltA' }],
  ])('an identity token: %s', async (_, claims) => {
    expect(await verdict(await sign({ ...personClaims, ...claims }))).toEqual(['wrongKind', 1]);
  });

  it.each<[string, Claims]>([
    ['an application with delegated scopes', { ...agentClaims, scp: 'Operation.Approve' }],
    ['neither application nor scopes', { ...personClaims, scp: undefined }],
    ['an application that is not said to be one', { ...agentClaims, idtyp: undefined }],
    ['an application whose subject is somebody else', { ...agentClaims, sub: 'pairwise' }],
    ['a device', { ...personClaims, idtyp: 'device' }],
  ])('%s', async (_, claims) => {
    expect(await verdict(await sign(claims))).toEqual(['wrongKind', 1]);
  });

  it('a person without scopes where idtyp is not issued', async () => {
    expect((await verdict(await sign({ ...personClaims, scp: undefined }), { idtypIssued: false }))[0]).toBe('wrongKind');
  });

  it('a person whose client is not named', async () => {
    expect((await verdict(await sign({ ...personClaims, azp: undefined })))[0]).toBe('invalid');
  });

  it('a person whose client is named as the other version names it', async () => {
    expect((await verdict(await sign({ ...personClaims, azp: undefined, appid: personClaims['azp'] })))[0]).toBe('invalid');
  });
});

describe('a token of an issuer whose rules', () => {
  const stageWith = async (changes: Partial<OidcIssuer>) => {
    const { jwksUri } = await startJwksServer([theirs]);
    const { verify } = await makeStage({ others: [{ ...contractor, ...changes, jwksUri }] });
    const claims = { iss: contractor.issuer, aud: 'api://countersign', sub: 'worker', iat: nowSeconds, exp: nowSeconds + 60 };
    return async (more: Claims = {}) => await verify(await sign({ ...claims, ...more }, { kid: 'theirs' }, theirs.privateKey));
  };

  it('describe it twice is of no kind', async () => {
    const verify = await stageWith({ callers: [...contractor.callers, ...contractor.callers] });
    expect(await refusalOf(verify())).toBe('wrongKind');
  });

  it('describe it never is of no kind', async () => {
    const verify = await stageWith({ callers: [] });
    expect(await refusalOf(verify())).toBe('wrongKind');
  });

  it('take access tokens must not come from a sign-in', async () => {
    const verify = await stageWith({});
    expect(await refusalOf(verify({ nonce: 'n' }))).toBe('wrongKind');
  });

  it('name no subject in it has none', async () => {
    const verify = await stageWith({});
    expect(await refusalOf(verify({ sub: undefined }))).toBe('invalid');
  });

  it('take it for an agent cannot make it one of the tenant', async () => {
    const verify = await stageWith({});
    const caller = await verify({ sub: String(agentClaims['oid']), oid: agentClaims['oid'], tid: tenant, ver: '2.0' });
    expect(caller).toMatchObject({ kind: 'agent', tenantId: 'contractor', issuer: 'https://contractor.example' });
  });
});

describe('what is not one signed JWT', () => {
  it.each([
    ['no header', undefined, 'missing'],
    ['an empty header', ' ', 'missing'],
    ['another scheme', 'Basic YTpi', 'malformed'],
    ['a bearer without a token', 'Bearer ', 'malformed'],
    ['two parts', 'Bearer a.b', 'malformed'],
    ['an encrypted token', 'Bearer a.b.c.d.e', 'malformed'],
    ['no base64', 'Bearer a.b.c', 'malformed'],
    ['17 KiB', `Bearer a.${'b'.repeat(17 * 1024)}.c`, 'malformed'],
    ['a megabyte', `Bearer ${'a'.repeat(1024 * 1024)}`, 'malformed'],
  ])('%s', async (_, authorization, code) => {
    const { tokens, state } = await makeStage();
    expect([await refusalOf(tokens.verify(authorization)), state.asked]).toEqual([code, 0]);
  });

  it('a good token that is too long', async () => {
    expect(await verdict(await sign({ ...agentClaims, filler: 'x'.repeat(16 * 1024) }))).toEqual(['malformed', 0]);
  });

  it.each([
    ['two headers, as a proxy joins them', (token: string) => `Bearer ${token}, Bearer ${token}`],
    ['two headers, as the functions host joins them', (token: string) => `Bearer ${token},Bearer ${token}`],
    ['two tokens', (token: string) => `Bearer ${token} ${token}`],
    ['another scheme first', (token: string) => `Basic YTpi, Bearer ${token}`],
    ['a line break', (token: string) => `Bearer ${token}\r\nx: y`],
    ['a tab', (token: string) => `Bearer\t${token}`],
  ])('%s, though each token would do', async (_, headerOf) => {
    const { tokens, state } = await makeStage();
    expect([await refusalOf(tokens.verify(headerOf(await sign(agentClaims)))), state.asked]).toEqual(['malformed', 0]);
  });
});
