import { generateKeyPairSync } from 'node:crypto';
import { CompactEncrypt, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  agentClaims,
  authority,
  azureCli,
  botAppId,
  type Claims,
  connectorClaims,
  connectorIssuer,
  consoleClient,
  firstVersion,
  inFirstVersion,
  nowSeconds,
  ours,
  part,
  personClaims,
  serviceUrl,
  sign,
  signText,
  tenant,
} from '../adapters/entra/tokens.ts';
import { allRoutes, tokenStage } from './token-stage.ts';

const otherTenant = '99999999-1111-4111-8111-111111111111';
const claimsText = JSON.stringify(agentClaims).slice(1, -1);
const header = '{"alg":"RS256","kid":"ours","typ":"JWT"}';
const bearer = async (token: string | Promise<string>) => `Bearer ${await token}`;
const agent = (claims: Claims, headers: Claims = {}) => bearer(sign({ ...agentClaims, ...claims }, headers));
const person = (claims: Claims, headers: Claims = {}) => bearer(sign({ ...personClaims, ...claims }, headers));
const connector = (claims: Claims, headers: Claims = {}) => bearer(sign({ ...connectorClaims, ...claims }, headers));
/** Claims as no serializer writes them. */
const written = (claims: string, head = header) => bearer(signText(head, claims));

async function encrypted(): Promise<string> {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return await new CompactEncrypt(Buffer.from(await sign(agentClaims)))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT', kid: 'ours' })
    .encrypt(publicKey);
}

/** How the header is made, and what is odd about it. Every one is signed by the right key where it is signed at all, so that nothing but the oddness can be why it is refused. */
const oddHeaders: readonly (readonly [string, () => string | Promise<string>])[] = [
  ['two kinds in a list', () => agent({ idtyp: ['app', 'user'] })],
  ['two kinds in a text', () => agent({ idtyp: 'app user' })],
  ['a kind in capitals', () => agent({ idtyp: 'App' })],
  ['no kind, said aloud', () => agent({ idtyp: null })],
  ['a kind given twice', () => written(`{${claimsText},"idtyp":"user"}`)],
  ['scopes in a list', () => person({ scp: ['Operation.Approve'] })],
  ['empty scopes of an agent', () => agent({ scp: '' })],
  ['a kind and scopes that contradict each other', () => person({ idtyp: 'app' })],
  ['a person who is the subject of an agent', () => person({ idtyp: 'app', scp: undefined })],
  ['two clients that differ', () => person({ appid: azureCli })],
  ['two clients that differ, in the older version', () => bearer(sign({ ...inFirstVersion(personClaims), azp: azureCli }))],
  ['a client in a list', () => person({ azp: [consoleClient] })],
  ['an empty client', () => person({ azp: '' })],
  ['a key that only its holder may use, presented by somebody', () => agent({ cnf: { jkt: 'AQAB' } })],
  ['a certificate that was not shown', () => agent({ cnf: { 'x5t#S256': 'AQAB' } })],
  ['the audience of another beside ours', () => agent({ aud: ['api://countersign', botAppId] })],
  ['the audience of the bot for an agent', () => agent({ aud: botAppId })],
  ['an audience of nothing', () => agent({ aud: [] })],
  ['an empty audience', () => agent({ aud: '' })],
  ['an audience with a slash more', () => agent({ aud: 'api://countersign/' })],
  ['an audience with a Cyrillic letter', () => agent({ aud: 'api://c\u043euntersign' })],
  ['an issuer with a slash more', () => agent({ iss: `${authority}/` })],
  ['an issuer with a slash less', () => bearer(sign({ ...inFirstVersion(agentClaims), iss: firstVersion.slice(0, -1) }))],
  ['an issuer with a Cyrillic letter', () => agent({ iss: authority.replace('o', '\u043e') })],
  ['an issuer with a line end', () => agent({ iss: `${authority}\n` })],
  ['an issuer that is no text', () => agent({ iss: { issuer: authority } })],
  ['an issuer called as what every object has', () => agent({ iss: '__proto__' })],
  ['the tenant of another', () => agent({ tid: otherTenant })],
  ['a tenant in capitals', () => agent({ tid: 'ABCDEFAB-1111-4111-8111-111111111111' })],
  ['the tenant of another beside ours', () => agent({ tid: [tenant, otherTenant] })],
  ['a version that is a number', () => written(`{${claimsText.replace('"ver":"2.0"', '"ver":2.0')}}`)],
  ['a version that nobody has', () => agent({ ver: '3.0' })],
  ['the version of the other issuer', () => bearer(sign({ ...inFirstVersion(agentClaims), iss: authority }))],
  ['an object id with a line end', () => agent({ oid: `${agentClaims['oid']}\n`, sub: `${agentClaims['oid']}\n` })],
  ['an object id with digits of another script', () => agent({ oid: '4444444\u0664-4444-4444-8444-000000000001' })],
  ['roles that are nested', () => agent({ roles: [['Operation.Submit']] })],
  ['more roles than anybody has', () => agent({ roles: Array.from({ length: 201 }, (_, index) => `Role.${index}`) })],
  ['an end that is text', () => written(`{${claimsText.replace(/"exp":\d+/, '"exp":"9999999999"')}}`)],
  ['an end that no number holds', () => written(`{${claimsText.replace(/"exp":\d+/, '"exp":1e400')}}`)],
  ['no end', () => agent({ exp: undefined })],
  ['an end a minute ago', () => agent({ exp: nowSeconds - 60 })],
  ['a beginning in more than a minute', () => agent({ nbf: nowSeconds + 61 })],
  ['an issue in more than a minute', () => agent({ iat: nowSeconds + 61 })],
  ['a key id that is a number', () => written(JSON.stringify(agentClaims), '{"alg":"RS256","kid":1}')],
  ['a key id that is a list', () => written(JSON.stringify(agentClaims), '{"alg":"RS256","kid":["ours"]}')],
  ['a key id that is nothing', () => written(JSON.stringify(agentClaims), '{"alg":"RS256","kid":null}')],
  ['an empty key id', () => agent({}, { kid: '' })],
  ['a key id called as what every object has', () => agent({}, { kid: 'constructor' })],
  ['two algorithms', () => written(JSON.stringify(agentClaims), '{"alg":"RS256","kid":"ours","alg":"none"}')],
  ['an algorithm in a list', () => written(JSON.stringify(agentClaims), '{"alg":["RS256"],"kid":"ours"}')],
  ['an algorithm in small letters', () => written(JSON.stringify(agentClaims), '{"alg":"rs256","kid":"ours"}')],
  ['an unencoded payload', () => written(JSON.stringify(agentClaims), '{"alg":"RS256","kid":"ours","b64":false,"crit":["b64"]}')],
  ['an unencoded payload that is not critical', () => agent({}, { b64: false })],
  ['critical parameters that are none', () => written(JSON.stringify(agentClaims), '{"alg":"RS256","kid":"ours","crit":[]}')],
  ['a token in the token', async () => agent({ token: await sign(agentClaims) }, { cty: 'JWT' })],
  ['an unsecured token', () => bearer(new UnsecuredJWT({ ...agentClaims }).encode())],
  ['an encrypted token', () => bearer(encrypted())],
  ['a type of another use', () => agent({}, { typ: 'dpop+jwt' })],
  ['a type in a list', () => written(JSON.stringify(agentClaims), '{"alg":"RS256","kid":"ours","typ":["JWT"]}')],
  ['claims that are a list', () => written(`[${JSON.stringify(agentClaims)}]`)],
  ['claims that are nothing', () => written('null')],
  ['a byte order mark before the claims', () => written(`\ufeff{${claimsText}}`)],
  ['half a character in a claim', () => written(`{${claimsText},"x":"\\ud800"}`)],
  ['padding', async () => `Bearer ${await sign(agentClaims)}=`],
  [
    'the letters of plain base64',
    () => written(`{${claimsText},"x":"\u00ff\u00ff??>>"}`).then((text) => text.replaceAll('_', '/').replaceAll('-', '+')),
  ],
  ['a proof of possession', async () => `DPoP ${await sign(agentClaims)}`],
  ['a password', () => `Basic ${part('deploy-agent:secret')}`],
  ['a token in quotes', async () => `Bearer "${await sign(agentClaims)}"`],
  ['a token as a parameter', async () => `Bearer token=${await sign(agentClaims)}`],
  ['two tokens', async () => `Bearer ${await sign(agentClaims)}, Bearer ${await sign(personClaims)}`],
  ['a no-break space', async () => `Bearer\u00a0${await sign(agentClaims)}`],
  ['the token alone', () => sign(agentClaims)],
  ['a token of the connector with the audience of the API', () => connector({ aud: 'api://countersign' })],
  ['a token of the connector for somebody else as well', () => connector({ aud: [botAppId, 'api://another'] })],
  ['a token of the connector without a key id', () => connector({}, { kid: undefined })],
  ['a token of the connector that brings its key', () => connector({}, { jwk: ours.jwk })],
  ['a token of the connector with critical parameters', () => connector({}, { crit: ['odd'], odd: 1 })],
  ['a token of the connector of another use', () => connector({}, { typ: 'dpop+jwt' })],
  [
    'a token of the connector that names its issuer twice',
    () => written(`{"iss":"${authority}",${JSON.stringify(connectorClaims).slice(1)}`),
  ],
  [
    'a token of the connector that names its service twice',
    () => written(`{"serviceurl":"https://evil.example",${JSON.stringify(connectorClaims).slice(1)}`),
  ],
  ['a token of the connector for an older bot', () => connector({ aud: '22222222-2222-4222-8222-000000000002' })],
  ['a token of the connector without an end', () => connector({ exp: undefined })],
  ['a token of the connector a minute after its end', () => connector({ exp: nowSeconds - 60 })],
  ['a token of the connector a minute before its beginning', () => connector({ nbf: nowSeconds + 61 })],
  [
    'a token of the tenant in the name of the connector',
    () => agent({ aud: botAppId, iss: [authority, connectorIssuer], serviceurl: serviceUrl }),
  ],
];

describe('a token with something odd about it opens no route, and leaves nothing behind', () => {
  it.each(oddHeaders)('%s', async (_, headerOf) => {
    const { send, effects } = await tokenStage();
    const authorization = await headerOf();
    for (const route of allRoutes) {
      const { status, challenge, code } = await send(route, authorization);
      expect([route, status]).toEqual([route, 401]);
      if (route !== 'teams') expect([challenge, code]).toEqual(['Bearer error="invalid_token"', expect.stringMatching(/Token$/)]);
    }
    expect(effects()).toEqual([]);
  });
});

describe('the same without the oddness', () => {
  it('an agent and a person come as far as their rights', async () => {
    const { send } = await tokenStage();
    expect((await send('read', await agent({}))).status).toBe(200);
    expect((await send('health', await person({}))).status).toBe(200);
    expect(await send('health', await agent({}))).toMatchObject({ status: 403, code: 'PersonRequired' });
    expect(await send('finding', await agent({}))).toMatchObject({ status: 403, code: 'PersonRequired' });
  });

  it('the connector is let through to the bot, and to nothing else', async () => {
    const { send, effects } = await tokenStage();
    expect((await send('teams', await connector({}))).status).toBe(200);
    expect(effects()).toHaveLength(1);
    for (const route of allRoutes.filter((name) => name !== 'teams'))
      expect((await send(route, await connector({}))).code).toBe('ForeignToken');
  });
});
