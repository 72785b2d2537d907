import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManagedIdentityCredential } from '@azure/identity';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { readCredentials } from '../../../infra/local/identity/credentials.ts';
import { signIn } from '../../../infra/local/identity/sign-in.ts';
import { type Identity, startIdentity } from '../../../infra/local/identity/start-identity.ts';

const tenant = '11111111-1111-4111-8111-111111111111';
const deployAgentClientId = '44444444-4444-4444-8444-00000000c001';
const deployAgentObjectId = '44444444-4444-4444-8444-000000000001';
const approverObjectId = '55555555-5555-4555-8555-000000000001';
const consoleClientId = '22222222-2222-4222-8222-000000000002';
const readerClientId = '66666666-6666-4666-8666-00000000c001';

let directory: string;
let identity: Identity;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'identity-'));
  identity = await startIdentity({ port: 0, directory });
});

afterAll(async () => {
  await identity.stop();
  rmSync(directory, { recursive: true });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const signInOptions = () => ({ identityAddress: identity.address, credentialsPath: identity.credentialsPath });

async function verify(token: string, audience: string) {
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(identity.jwksUri)), { issuer: identity.issuer, audience });
  return payload;
}

function secretOf(name: string): string {
  const credential = readCredentials(identity.credentialsPath).get(name);
  switch (credential?.kind) {
    case 'agent':
      return credential.clientSecret;
    case 'person':
      return credential.password;
    default:
      throw new Error(`no secret of ${name}`);
  }
}

function agentHeader(name: string): string {
  const credential = readCredentials(identity.credentialsPath).get(name);
  if (credential?.kind !== 'agent') {
    throw new Error(`${name} is no agent`);
  }
  return credential.identityHeader;
}

async function askForToken(form: Readonly<Record<string, string>>) {
  const response = await fetch(identity.tokenEndpoint, { method: 'POST', body: new URLSearchParams(form) });
  const body = z.looseObject({ error: z.string().optional(), error_codes: z.array(z.number()).optional() }).parse(await response.json());
  return { status: response.status, error: body.error, codes: body.error_codes };
}

const asAgent = (override: Readonly<Record<string, string>>) => ({
  grant_type: 'client_credentials',
  client_id: deployAgentClientId,
  client_secret: secretOf('deploy-agent'),
  scope: 'api://countersign/.default',
  ...override,
});

const asPerson = (override: Readonly<Record<string, string>>) => ({
  grant_type: 'password',
  client_id: consoleClientId,
  username: 'approver-1@contoso.example',
  password: secretOf('approver-1'),
  scope: 'api://countersign/.default',
  ...override,
});

describe('the token endpoint refuses, as Entra does,', () => {
  it('an agent with a wrong secret', async () => {
    expect(await askForToken(asAgent({ client_secret: 'guess' }))).toEqual({ status: 401, error: 'invalid_client', codes: [7000215] });
  });

  it("an agent with another agent's secret", async () => {
    const refusal = await askForToken(asAgent({ client_secret: secretOf('audit-agent') }));
    expect(refusal).toEqual({ status: 401, error: 'invalid_client', codes: [7000215] });
  });

  it('an unknown application', async () => {
    const refusal = await askForToken(asAgent({ client_id: '44444444-4444-4444-8444-00000000c0ff' }));
    expect(refusal).toEqual({ status: 400, error: 'unauthorized_client', codes: [700016] });
  });

  it('another scope', async () => {
    const refusal = await askForToken(asAgent({ scope: 'https://management.azure.com/.default' }));
    expect(refusal).toEqual({ status: 400, error: 'invalid_scope', codes: [70011] });
  });

  it('a person with a wrong password', async () => {
    expect(await askForToken(asPerson({ password: 'guess' }))).toEqual({ status: 400, error: 'invalid_grant', codes: [50126] });
  });

  it('a person through a client other than the console', async () => {
    const refusal = await askForToken(asPerson({ client_id: deployAgentClientId }));
    expect(refusal).toEqual({ status: 400, error: 'unauthorized_client', codes: [700016] });
  });

  it('a person through Azure CLI a token for the API, and through the console one for Azure', async () => {
    const azureCli = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
    const throughCli = await askForToken(asPerson({ client_id: azureCli }));
    const throughConsole = await askForToken(asPerson({ scope: 'https://management.azure.com/.default' }));
    expect([throughCli, throughConsole]).toEqual([
      { status: 400, error: 'invalid_scope', codes: [70011] },
      { status: 400, error: 'invalid_scope', codes: [70011] },
    ]);
  });

  it('a grant it does not know', async () => {
    expect(await askForToken({ grant_type: 'implicit' })).toEqual({ status: 400, error: 'unsupported_grant_type', codes: [70003] });
  });

  it('a parameter that comes twice', async () => {
    const body = new URLSearchParams([...Object.entries(asAgent({})), ['scope', 'api://countersign/.default']]);
    const response = await fetch(identity.tokenEndpoint, { method: 'POST', body });
    expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ error: 'invalid_request' })]);
  });

  it('a body that is no form', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(identity.tokenEndpoint, { method: 'POST', headers, body: JSON.stringify(asAgent({})) });
    expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ error: 'invalid_request' })]);
  });

  it('another tenant', async () => {
    const endpoint = `${identity.address}/99999999-9999-4999-8999-999999999999/oauth2/v2.0/token`;
    const response = await fetch(endpoint, { method: 'POST', body: new URLSearchParams(asAgent({})) });
    expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ error_codes: [90002] })]);
  });
});

describe('tokens for the API', () => {
  it('are found through discovery', async () => {
    const response = await fetch(`${identity.issuer}/.well-known/openid-configuration`);
    expect(await response.json()).toMatchObject({
      issuer: `${identity.address}/${tenant}/v2.0`,
      jwks_uri: `${identity.address}/${tenant}/discovery/v2.0/keys`,
      token_endpoint: `${identity.address}/${tenant}/oauth2/v2.0/token`,
    });
  });

  it('publish no private part of a key', async () => {
    const { keys } = z.object({ keys: z.array(z.record(z.string(), z.string())) }).parse(await (await fetch(identity.jwksUri)).json());
    expect(keys.map((key) => Object.keys(key))).toEqual([['kty', 'use', 'kid', 'n', 'e']]);
  });

  it('carry the claims of a managed identity for an agent', async () => {
    const payload = await verify(await signIn('deploy-agent', signInOptions()), 'api://countersign');
    expect(payload).toEqual({
      aud: 'api://countersign',
      azp: deployAgentClientId,
      azpacr: '2',
      exp: Number(payload.iat) + 3600,
      iat: expect.any(Number),
      idtyp: 'app',
      iss: `${identity.address}/${tenant}/v2.0`,
      nbf: payload.iat,
      oid: deployAgentObjectId,
      roles: ['Operation.Submit'],
      sub: deployAgentObjectId,
      tid: tenant,
      uti: expect.any(String),
      ver: '2.0',
      xms_mirid:
        '/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg-identities/providers/Microsoft.ManagedIdentity/userAssignedIdentities/deploy-agent',
    });
  });

  it("carry a person's claims", async () => {
    const payload = await verify(await signIn('approver-1', signInOptions()), 'api://countersign');
    expect(payload).toEqual({
      aud: 'api://countersign',
      azp: consoleClientId,
      azpacr: '0',
      exp: Number(payload.iat) + 3600,
      iat: expect.any(Number),
      iss: `${identity.address}/${tenant}/v2.0`,
      name: 'Ada Approver',
      nbf: payload.iat,
      oid: approverObjectId,
      preferred_username: 'approver-1@contoso.example',
      roles: ['Operation.Approve'],
      scp: 'Operation.Approve Audit.Read',
      sub: expect.not.stringMatching(approverObjectId),
      tid: tenant,
      uti: expect.any(String),
      ver: '2.0',
    });
  });

  it('carry neither roles nor scopes for a person who has none', async () => {
    const claims = decodeJwt(await signIn('agent-owner', signInOptions()));
    expect([claims['roles'], claims['scp']]).toEqual([undefined, undefined]);
  });

  it('are not given to a name that is nobody', async () => {
    await expect(signIn('functions', signInOptions())).rejects.toThrow('No agent and no person is called "functions"');
  });
});

describe('the managed identity endpoint', () => {
  const msi = (query: string, headers: Readonly<Record<string, string>>) => fetch(`${identity.msiEndpoint}?${query}`, { headers });
  const query = `api-version=2019-08-01&resource=https://management.azure.com/&client_id=${readerClientId}`;

  it('refuses a request without the header', async () => {
    expect((await msi(query, {})).status).toBe(401);
  });

  it('refuses a wrong header', async () => {
    expect((await msi(query, { 'x-identity-header': 'guess' })).status).toBe(401);
  });

  it("refuses a function app's identity to the holder of an agent's header", async () => {
    const response = await msi(query, { 'x-identity-header': agentHeader('deploy-agent') });
    expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ statusCode: 400 })]);
  });

  it('refuses a resource that does not exist', async () => {
    const response = await msi(query.replace('management.azure.com', 'evil.example'), { 'x-identity-header': identity.msiHeader });
    expect(response.status).toBe(400);
  });

  it('refuses a request that names no identity', async () => {
    const response = await msi('api-version=2019-08-01&resource=https://management.azure.com/', {
      'x-identity-header': identity.msiHeader,
    });
    expect(response.status).toBe(400);
  });

  it("gives the real ManagedIdentityCredential a function app's token that lives a day", async () => {
    vi.stubEnv('IDENTITY_ENDPOINT', identity.msiEndpoint);
    vi.stubEnv('IDENTITY_HEADER', identity.msiHeader);
    const { token, expiresOnTimestamp } = await new ManagedIdentityCredential({ clientId: readerClientId }).getToken(
      'https://management.azure.com/.default',
    );
    const payload = await verify(token, 'https://management.azure.com');
    expect(payload).toMatchObject({ azp: readerClientId, oid: '66666666-6666-4666-8666-000000000001', idtyp: 'app' });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(86_400);
    expect(expiresOnTimestamp).toBeLessThanOrEqual(Number(payload.exp) * 1000);
  });

  it('gives the audience as asked for, with its final slash', async () => {
    const response = await msi(query, { 'x-identity-header': identity.msiHeader });
    const answer = z.record(z.string(), z.string()).parse(await response.json());
    expect(Object.keys(answer).sort()).toEqual(['access_token', 'client_id', 'expires_on', 'resource', 'token_type']);
    const payload = await verify(answer['access_token'] ?? '', 'https://management.azure.com/');
    expect(answer['expires_on']).toBe(String(payload.exp));
  });

  it("gives an agent its own token for the API through the agent's own header", async () => {
    const agentQuery = `api-version=2019-08-01&resource=api://countersign&client_id=${deployAgentClientId}`;
    const response = await msi(agentQuery, { 'x-identity-header': agentHeader('deploy-agent') });
    const { access_token: token } = z.object({ access_token: z.string() }).parse(await response.json());
    expect(await verify(token, 'api://countersign')).toMatchObject({ oid: deployAgentObjectId, roles: ['Operation.Submit'] });
  });
});

describe('keys and secrets', () => {
  it('are kept in files that only their owner can read', () => {
    const modes = ['credentials.json', 'signing-keys/entra.json'].map((file) => statSync(join(directory, file)).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600]);
  });

  it('verify old and new tokens after a rotation', async () => {
    const before = await signIn('deploy-agent', signInOptions());
    await identity.rotateSigningKey();
    const after = await signIn('deploy-agent', signInOptions());
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    await expect(verify(before, 'api://countersign')).resolves.toMatchObject({ oid: deployAgentObjectId });
    await expect(verify(after, 'api://countersign')).resolves.toMatchObject({ oid: deployAgentObjectId });
  });

  it('verify no token of a withdrawn key', async () => {
    const before = await signIn('deploy-agent', signInOptions());
    await identity.rotateSigningKey({ withdrawPrevious: true });
    await expect(verify(before, 'api://countersign')).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
  });
});

describe('a restart', () => {
  it('keeps keys, secrets and changes to people', async () => {
    const own = mkdtempSync(join(tmpdir(), 'identity-restart-'));
    const first = await startIdentity({ port: 0, directory: own });
    first.changePerson('auditor', { accountEnabled: false });
    const before = decodeProtectedHeader(await first.issueToken('deploy-agent')).kid;
    await first.stop();

    const second = await startIdentity({ port: 0, directory: own });
    const options = { identityAddress: second.address, credentialsPath: second.credentialsPath };
    expect([second.msiHeader, second.administratorSecret]).toEqual([first.msiHeader, first.administratorSecret]);
    expect(decodeProtectedHeader(await signIn('deploy-agent', options)).kid).toBe(before);
    await expect(signIn('auditor', options)).rejects.toThrow('AADSTS50057');
    await second.stop();
    rmSync(own, { recursive: true });
  });
});

describe('tokens that a test forges', () => {
  it('may be unsigned', async () => {
    const token = await identity.issueToken('deploy-agent', { header: { alg: 'none' } });
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'none' });
  });

  it('may be signed with a shared secret', async () => {
    const token = await identity.issueToken('deploy-agent', { header: { alg: 'HS256' }, key: randomBytes(32) });
    await expect(verify(token, 'api://countersign')).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_/) });
  });

  it('may lack a claim', async () => {
    const token = await identity.issueToken('deploy-agent', { claims: { xms_mirid: undefined } });
    expect(await verify(token, 'api://countersign')).not.toHaveProperty('xms_mirid');
  });
});
