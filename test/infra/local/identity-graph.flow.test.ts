import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { signIn } from '../../../infra/local/identity/sign-in.ts';
import { type Identity, startIdentity } from '../../../infra/local/identity/start-identity.ts';

const approversGroup = '33333333-3333-4333-8333-000000000001';
const auditorsGroup = '33333333-3333-4333-8333-000000000002';
const approverObjectId = '55555555-5555-4555-8555-000000000001';
const auditorObjectId = '55555555-5555-4555-8555-000000000003';
const readerClientId = '66666666-6666-4666-8666-00000000c001';
const directoryClientId = '66666666-6666-4666-8666-00000000c003';

let directory: string;
let identity: Identity;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'identity-graph-'));
  identity = await startIdentity({ port: 0, directory });
});

afterAll(async () => {
  await identity.stop();
  rmSync(directory, { recursive: true });
});

const signInOptions = () => ({ identityAddress: identity.address, credentialsPath: identity.credentialsPath });

describe('Microsoft Graph', () => {
  let token: string;
  const graph = (path: string, init: RequestInit = {}) =>
    fetch(`${identity.graphEndpoint}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
  const checkGroups = (id: string, groupIds: readonly string[]) =>
    graph(`/users/${id}/checkMemberGroups`, { method: 'POST', body: JSON.stringify({ groupIds }) });
  const tokenOf = async (clientId: string, resource: string) => {
    const url = `${identity.msiEndpoint}?api-version=2019-08-01&resource=${resource}&client_id=${clientId}`;
    const response = await fetch(url, { headers: { 'x-identity-header': identity.msiHeader } });
    return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
  };

  beforeAll(async () => {
    token = await tokenOf(directoryClientId, 'https://graph.microsoft.com/');
  });

  const claims = { aud: 'https://graph.microsoft.com', roles: ['User.Read.All'] };

  it.each([
    ['no token', async () => ''],
    ['a token for another audience', () => tokenOf(directoryClientId, 'https://management.azure.com')],
    [
      'a token that somebody else signed',
      async () => {
        const { privateKey } = await generateKeyPair('RS256');
        return identity.issueToken('deploy-agent', { claims, key: privateKey });
      },
    ],
    ['an expired token', () => identity.issueToken('deploy-agent', { claims: { ...claims, exp: 1_700_000_000 } })],
  ])('refuses %s', async (_, makeToken) => {
    const response = await graph(`/users/${approverObjectId}`, { headers: { authorization: `Bearer ${await makeToken()}` } });
    expect([response.status, await response.json()]).toEqual([
      401,
      { error: { code: 'InvalidAuthenticationToken', message: expect.any(String), innerError: expect.any(Object) } },
    ]);
  });

  it('refuses an identity that holds no permission on it', async () => {
    const authorization = `Bearer ${await tokenOf(readerClientId, 'https://graph.microsoft.com')}`;
    const response = await graph(`/users/${approverObjectId}`, { headers: { authorization } });
    expect([response.status, await response.json()]).toEqual([
      403,
      { error: expect.objectContaining({ code: 'Authorization_RequestDenied' }) },
    ]);
  });

  it('does not know a person who never was', async () => {
    const response = await graph('/users/55555555-5555-4555-8555-0000000000ff');
    expect([response.status, await response.json()]).toEqual([
      404,
      {
        error: expect.objectContaining({
          code: 'Request_ResourceNotFound',
          message:
            "Resource '55555555-5555-4555-8555-0000000000ff' does not exist or one of its queried reference-property objects are not present.",
        }),
      },
    ]);
  });

  it('describes a person with the selected properties', async () => {
    const response = await graph(`/users/${approverObjectId}?$select=id,accountEnabled,displayName,userPrincipalName`);
    expect(await response.json()).toEqual({
      '@odata.context': `${identity.address}/graph/v1.0/$metadata#users/$entity`,
      id: approverObjectId,
      accountEnabled: true,
      displayName: 'Ada Approver',
      userPrincipalName: 'approver-1@contoso.example',
    });
  });

  it('leaves accountEnabled out unless it is selected, as Graph does', async () => {
    expect(await (await graph(`/users/${approverObjectId}`)).json()).not.toHaveProperty('accountEnabled');
  });

  it('answers which of the groups a person is in', async () => {
    expect(await (await checkGroups(approverObjectId, [auditorsGroup, approversGroup])).json()).toMatchObject({ value: [approversGroup] });
  });

  it('refuses more than 20 groups in one check', async () => {
    expect(
      (
        await checkGroups(
          approverObjectId,
          Array.from({ length: 21 }, () => approversGroup),
        )
      ).status,
    ).toBe(400);
  });

  it('shows who holds which of its permissions to a member of the tenant, and to no application', async () => {
    const assigned = `/servicePrincipals/66666666-6666-4666-8666-000000000003/appRoleAssignments`;
    expect((await graph(assigned)).status).toBe(403);
    const headers = { authorization: `Bearer ${await signIn('auditor', signInOptions(), 'graph')}` };
    const shape = z.object({ id: z.string(), appRoles: z.array(z.object({ id: z.string(), value: z.string() })) });
    const { id, appRoles } = shape.parse(
      await (await graph("/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')?$select=id,appRoles", { headers })).json(),
    );
    const { value } = z
      .object({ value: z.array(z.object({ appRoleId: z.string(), resourceId: z.literal(id) })) })
      .parse(await (await graph(assigned, { headers })).json());
    const names = value.map(({ appRoleId }) => appRoles.find((role) => role.id === appRoleId)?.value);
    expect(names).toEqual(['User.Read.All', 'GroupMember.Read.All']);
  });

  const administer = (name: string, change: unknown, secret: string) =>
    fetch(`${identity.address}/admin/people/${name}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${secret}` },
      body: JSON.stringify(change),
    });

  it.each([
    ['without the secret', ''],
    ['with a wrong secret', 'guess'],
  ])('changes nobody %s', async (_, secret) => {
    expect((await administer('auditor', { accountEnabled: false }, secret)).status).toBe(401);
    expect(await (await graph(`/users/${auditorObjectId}?$select=accountEnabled`)).json()).toMatchObject({ accountEnabled: true });
  });

  it('changes nobody by a field or a group that does not exist', async () => {
    const statuses = [
      (await administer('auditor', { role: 'admin' }, identity.administratorSecret)).status,
      (await administer('auditor', { groups: ['33333333-3333-4333-8333-0000000000ff'] }, identity.administratorSecret)).status,
      (await administer('nobody', { accountEnabled: false }, identity.administratorSecret)).status,
    ];
    expect(statuses).toEqual([400, 400, 404]);
  });

  it('shows at once that an account was disabled, whose owner can sign in no more', async () => {
    expect((await administer('auditor', { accountEnabled: false }, identity.administratorSecret)).status).toBe(200);
    expect(await (await graph(`/users/${auditorObjectId}?$select=accountEnabled`)).json()).toEqual({
      '@odata.context': expect.any(String),
      accountEnabled: false,
    });
    await expect(signIn('auditor', signInOptions())).rejects.toThrow('AADSTS50057');
    expect((await administer('auditor', { accountEnabled: true }, identity.administratorSecret)).status).toBe(200);
  });

  it('shows at once that a person left a group', async () => {
    await administer('approver-2', { groups: [auditorsGroup] }, identity.administratorSecret);
    const response = await checkGroups('approver-2@contoso.example', [approversGroup, auditorsGroup]);
    expect(await response.json()).toMatchObject({ value: [auditorsGroup] });
    await administer('approver-2', { groups: [approversGroup] }, identity.administratorSecret);
  });

  it('does not know a deleted person, who cannot sign in either', async () => {
    expect((await administer('agent-owner', { deleted: true }, identity.administratorSecret)).status).toBe(204);
    expect((await graph('/users/agent-owner@contoso.example')).status).toBe(404);
    await expect(signIn('agent-owner', signInOptions())).rejects.toThrow('AADSTS50034');
    expect((await administer('agent-owner', { deleted: false }, identity.administratorSecret)).status).toBe(200);
  });
});
