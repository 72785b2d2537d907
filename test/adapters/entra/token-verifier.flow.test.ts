import { describe, expect, it } from 'vitest';
import { makeTokenVerifier } from '../../../shared/adapters/entra/token-verifier.ts';
import { instant } from '../../../shared/domain/instant.ts';
import type { EntraIssuer, OidcIssuer } from '../../../shared/ports/trusted-issuer.ts';
import { makeRecordedLog } from '../../support/recorded-log.ts';
import {
  agentClaims,
  agentClient,
  agentId,
  authority,
  consoleClient,
  firstVersion,
  inFirstVersion,
  makeStage,
  now,
  nowSeconds,
  personClaims,
  personId,
  sign,
  tenant,
} from './tokens.ts';

const managedIdentity =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/deploy';

describe('a token of an agent', () => {
  it('of version 2 tells who it is, what it may and how it came by the token', async () => {
    const { verify } = await makeStage();
    expect(await verify(await sign({ ...agentClaims, xms_mirid: managedIdentity }))).toEqual({
      kind: 'agent',
      issuer: authority,
      tenantId: tenant,
      objectId: agentId,
      roles: ['Operation.Submit'],
      absentGroups: [],
      proof: { issuer: authority, client: agentClient, managedIdentity },
    });
  });

  it('of version 1 is of the same agent, under the same name', async () => {
    const { verify } = await makeStage();
    const { proof: second, ...ofVersion2 } = await verify(await sign(agentClaims));
    const { proof: first, ...ofVersion1 } = await verify(await sign(inFirstVersion(agentClaims)));
    expect(ofVersion1).toEqual(ofVersion2);
    expect([first, second]).toEqual([
      { issuer: firstVersion, client: agentClient },
      { issuer: authority, client: agentClient },
    ]);
  });

  it.each([undefined, '44444444-4444-4444-8444-00000000c0ff'])('is the same agent whichever client obtained it (%s)', async (azp) => {
    const { verify } = await makeStage();
    expect(await verify(await sign({ ...agentClaims, azp }))).toMatchObject({ tenantId: tenant, objectId: agentId });
  });

  it('may be of a managed identity whose resource group has an umlaut', async () => {
    const { verify } = await makeStage();
    const inKitchen = managedIdentity.replace('/rg/', '/rg-küche(1)/');
    expect((await verify(await sign({ ...agentClaims, xms_mirid: inKitchen }))).proof).toMatchObject({ managedIdentity: inKitchen });
  });

  it('needs no managed identity', async () => {
    const { verify } = await makeStage();
    expect((await verify(await sign(agentClaims))).proof).not.toHaveProperty('managedIdentity');
  });

  it('needs no idtyp where the tenant does not issue it', async () => {
    const { verify } = await makeStage({ idtypIssued: false });
    expect(await verify(await sign({ ...agentClaims, idtyp: undefined }))).toMatchObject({ kind: 'agent' });
  });
});

describe('a token of a person', () => {
  it('of version 2 names the client as azp', async () => {
    const { verify } = await makeStage();
    expect(await verify(await sign(personClaims))).toEqual({
      kind: 'person',
      issuer: authority,
      tenantId: tenant,
      objectId: personId,
      name: 'Anna Approver',
      scopes: ['Operation.Approve', 'Audit.Read'],
      clientId: consoleClient,
      absentGroups: [],
      proof: { issuer: authority, client: consoleClient },
    });
  });

  it('of version 1 names it as appid', async () => {
    const { verify } = await makeStage();
    expect(await verify(await sign(inFirstVersion(personClaims)))).toMatchObject({
      kind: 'person',
      issuer: authority,
      clientId: consoleClient,
    });
  });
});

describe('a good token', () => {
  it.each(['Bearer', 'bearer', 'BEARER'])('is taken after %s', async (scheme) => {
    const { tokens } = await makeStage();
    await expect(tokens.verify(`${scheme} ${await sign(agentClaims)}`)).resolves.toMatchObject({ objectId: agentId });
  });

  it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt'])('may be of type %s', async (typ) => {
    const { verify } = await makeStage();
    await expect(verify(await sign(agentClaims, { typ }))).resolves.toMatchObject({ objectId: agentId });
  });

  it('may name its one audience in a list', async () => {
    const { verify } = await makeStage();
    await expect(verify(await sign({ ...agentClaims, aud: ['api://countersign'] }))).resolves.toMatchObject({ objectId: agentId });
  });

  it('is good until a minute after its end and from a minute before its beginning', async () => {
    const { verify } = await makeStage();
    const late = await sign({ ...agentClaims, exp: nowSeconds - 59 });
    const early = await sign({ ...agentClaims, nbf: nowSeconds + 60, iat: nowSeconds + 60 });
    await expect(verify(late)).resolves.toMatchObject({ kind: 'agent' });
    await expect(verify(early)).resolves.toMatchObject({ kind: 'agent' });
  });
});

describe('a configuration that makes no sense is refused', () => {
  const entra: EntraIssuer = {
    kind: 'entra',
    version: '2.0',
    issuer: authority,
    authority,
    audiences: ['a'],
    tenantId: tenant,
    jwksUri: 'https://login.example/keys',
    algorithms: ['RS256'],
    idtypIssued: true,
  };
  const other: OidcIssuer = {
    kind: 'oidc',
    issuer: 'https://ci.example',
    tenantId: 'ci',
    audiences: ['a'],
    jwksUri: 'https://ci.example/keys',
    algorithms: ['RS256'],
    tokens: 'identity',
    require: [],
    callers: [],
    roles: {},
    groups: {},
  };
  const options = { clock: { now: () => instant(now) }, log: makeRecordedLog() };

  it.each([
    ['no issuer', []],
    ['one issuer twice', [entra, entra]],
    ['another issuer under the name of the tenant', [entra, { ...other, issuer: authority }]],
    ['another issuer that speaks for the tenant', [entra, { ...other, tenantId: tenant }]],
    ['another issuer without a name', [entra, { ...other, tenantId: '' }]],
    ['no audience', [{ ...entra, audiences: [] }]],
    ['no algorithm', [{ ...entra, algorithms: [] }]],
    ['a tenant that is no GUID', [{ ...entra, tenantId: 'common' }]],
    ['an issuer of another tenant', [{ ...entra, issuer: 'https://login.example/common/v2.0' }]],
    ['keys over plain http', [{ ...entra, jwksUri: 'http://login.example/keys' }]],
    ['keys behind a password', [{ ...entra, jwksUri: 'https://user:secret@login.example/keys' }]],
  ])('%s', (_, issuers) => {
    expect(() => makeTokenVerifier({ issuers, ...options })).toThrow(RangeError);
  });

  it('a symmetric algorithm', () => {
    const issuers = [{ ...entra, algorithms: JSON.parse('["HS256"]') }];
    expect(() => makeTokenVerifier({ issuers, ...options })).toThrow(RangeError);
  });
});
