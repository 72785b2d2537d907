import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManagedIdentityCredential } from '@azure/identity';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Identity, startIdentity } from '../../../infra/local/identity/start-identity.ts';
import { agents, apiAudience, groups, managedIdentities, people, tenantId } from '../../../infra/local/seed.ts';
import { makeManagedIdentityBroker } from '../../../shared/adapters/entra/credential-broker.ts';
import { makeGraphDirectory } from '../../../shared/adapters/entra/graph-directory.ts';
import { makeTokenVerifier } from '../../../shared/adapters/entra/token-verifier.ts';
import { instantFromEpochMs } from '../../../shared/domain/instant.ts';
import type { EntraIssuer } from '../../../shared/ports/trusted-issuer.ts';
import { makeRecordedLog } from '../../support/recorded-log.ts';

const clock = { now: () => instantFromEpochMs(Date.now()) };
let identity: Identity;
let directoryPath: string;

beforeAll(async () => {
  directoryPath = await mkdtemp(join(tmpdir(), 'countersign-entra-'));
  identity = await startIdentity({ port: 0, directory: directoryPath });
  vi.stubEnv('IDENTITY_ENDPOINT', identity.msiEndpoint);
  vi.stubEnv('IDENTITY_HEADER', identity.msiHeader);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await identity.stop();
  await rm(directoryPath, { recursive: true });
});

function graph(now = clock) {
  const credential = new ManagedIdentityCredential({ clientId: managedIdentities.directory.clientId });
  return makeGraphDirectory({ endpoint: identity.graphEndpoint, credential, clock: now });
}

describe('tokens of the identity stand-in', () => {
  const versionOne = `https://sts.windows.net/${tenantId}/`;
  const verifier = () => {
    const trusted = { kind: 'entra', authority: identity.issuer, audiences: [apiAudience], tenantId, algorithms: ['RS256'] } as const;
    const issuers: readonly EntraIssuer[] = [
      { ...trusted, version: '2.0', issuer: identity.issuer, jwksUri: identity.jwksUri, idtypIssued: true },
      { ...trusted, version: '1.0', issuer: versionOne, jwksUri: `${identity.address}/${tenantId}/discovery/keys`, idtypIssued: true },
    ];
    return makeTokenVerifier({ clock, issuers, log: makeRecordedLog() });
  };

  it('are accepted from a seeded agent', async () => {
    const [agent] = agents;
    const caller = await verifier().verify(`Bearer ${await identity.issueToken('deploy-agent')}`);
    expect(caller).toMatchObject({
      kind: 'agent',
      tenantId,
      objectId: agent?.objectId,
      roles: ['Operation.Submit'],
      proof: { client: agent?.clientId, managedIdentity: expect.stringMatching(/\/userAssignedIdentities\/deploy-agent$/) },
    });
  });

  it('are accepted from the same agent in version 1', async () => {
    const [agent] = agents;
    const claims = { iss: versionOne, ver: '1.0', appid: agent?.clientId, azp: undefined, azpacr: undefined };
    const caller = await verifier().verify(`Bearer ${await identity.issueToken('deploy-agent', { claims })}`);
    expect(caller).toMatchObject({ kind: 'agent', issuer: identity.issuer, objectId: agent?.objectId, proof: { issuer: versionOne } });
  });

  it('are accepted from a seeded person', async () => {
    const caller = await verifier().verify(`Bearer ${await identity.issueToken('approver-1')}`);
    expect(caller).toMatchObject({ kind: 'person', objectId: people[0]?.objectId, scopes: ['Operation.Approve', 'Audit.Read'] });
  });
});

describe('the directory by a real managed identity', () => {
  const [ada, , , otto] = people;

  it('knows memberships and accounts', async () => {
    expect(await graph().memberOf(ada?.objectId ?? '', [groups.approvers, groups.auditors])).toEqual([groups.approvers]);
    expect(await graph().account(otto?.objectId ?? '')).toBe('enabled');
  });

  it('sees a change once the answer is a minute old', async () => {
    const moving = { at: instantFromEpochMs(1_795_291_920_000), now: () => moving.at };
    const directory = graph(moving);
    expect(await directory.account(otto?.objectId ?? '')).toBe('enabled');
    identity.changePerson('agent-owner', { accountEnabled: false });
    expect(await directory.account(otto?.objectId ?? '')).toBe('enabled');
    moving.at = instantFromEpochMs(1_795_291_980_000);
    expect(await directory.account(otto?.objectId ?? '')).toBe('disabled');
    identity.changePerson('agent-owner', { deleted: true });
    expect(await graph().account(otto?.objectId ?? '')).toBe('missing');
    identity.changePerson('agent-owner', { deleted: false, accountEnabled: true });
  });

  it('cannot be asked with an identity that lacks the permission', async () => {
    const credential = new ManagedIdentityCredential({ clientId: managedIdentities.operator.clientId });
    const endpoint = identity.graphEndpoint;
    const directory = makeGraphDirectory({ endpoint, credential, clock });
    await expect(directory.account(ada?.objectId ?? '')).rejects.toMatchObject({ name: 'DirectoryError' });
  });
});

describe('the broker by real managed identities', () => {
  it('hands out the identity of the tier', async () => {
    const clientIds = { reader: managedIdentities.reader.clientId, operator: managedIdentities.operator.clientId };
    const broker = makeManagedIdentityBroker({ clientIds, clock });
    const credential = await broker.obtain('operator', 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa');
    expect(decodeJwt(credential.token)).toMatchObject({
      oid: managedIdentities.operator.principalId,
      aud: 'https://management.azure.com',
    });
    expect(credential.identity).toBe(managedIdentities.operator.clientId);
  });

  it('has none for an identity that does not exist', async () => {
    const broker = makeManagedIdentityBroker({ clientIds: { operator: 'unheard-of' }, clock });
    await expect(broker.obtain('operator', 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa')).rejects.toMatchObject({ code: 'credentialRefused' });
  });
});
