import type { TokenCredential } from '@azure/core-auth';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeAccessGranter } from '../../../shared/adapters/resource-manager/access-granter.ts';
import { assignmentName, grantDescription } from '../../../shared/domain/access/assignment-name.ts';
import type { RoleGrant } from '../../../shared/domain/access/role-grant.ts';
import { instant } from '../../../shared/domain/instant.ts';
import type { AccessGranter, Credential } from '../../../shared/ports/azure.ts';
import { devAccount, devGroup, operatorClientId, operatorObjectId, useResourceManager } from '../../infra/local/resource-manager-setup.ts';

const arm = useResourceManager();

const granterClientId = '66666666-6666-4666-8666-00000000c006';
const owner = { operationId: 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa', attempt: 1 };
const needs = ['microsoft.storage/storageaccounts/delete'];

function grantOf(scope: string, changes: Partial<RoleGrant> = {}): RoleGrant {
  return {
    attempt: owner.attempt,
    tier: 'operator',
    assignmentId: `${scope}/providers/Microsoft.Authorization/roleAssignments/${assignmentName(owner)}`,
    scope,
    role: { id: '17d1049b-9a84-46fb-8f53-869881c3d3ab', name: 'Storage Account Contributor' },
    principalId: operatorObjectId,
    needs,
    ...changes,
  };
}

let granter: AccessGranter;
let operator: Credential;

const granterOf = (token: () => Promise<string>): AccessGranter => {
  const credential: TokenCredential = {
    getToken: async () => ({ token: await token(), expiresOnTimestamp: 4102444800000 }),
  };
  return makeAccessGranter({ endpoint: arm.manager().address, credential });
};

beforeEach(async () => {
  await arm.restart({ rights: 'perOperation', propagation: { grantMs: 60_000, removalMs: 60_000 } });
  granter = granterOf(() => arm.managementToken(granterClientId));
  const token = await arm.managementToken(operatorClientId);
  operator = { tier: 'operator', identity: operatorClientId, token, expiresAt: instant('2030-01-01T00:00:00.000Z') };
});

describe('a grant', () => {
  it('is refused for a role that the granter may not give', async () => {
    const grant = grantOf(devAccount, { role: { id: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635', name: 'Owner' } });
    expect(await granter.grant(grant, 'x')).toEqual({ kind: 'refused', reason: 'Azure answered 403 (AuthorizationFailed).' });
  });

  it('is refused at what does not exist', async () => {
    expect(await granter.grant(grantOf(`${devAccount}x`), 'x')).toEqual({
      kind: 'refused',
      reason: 'Azure answered 404 (ResourceNotFound).',
    });
  });

  it('is occupied where the same right is there under another name', async () => {
    await granter.grant(grantOf(devAccount), 'x');
    const other = `${devAccount}/providers/Microsoft.Authorization/roleAssignments/${assignmentName({ ...owner, attempt: 2 })}`;
    expect(await granter.grant(grantOf(devAccount, { assignmentId: other }), 'x')).toEqual({ kind: 'occupied' });
  });

  it('is unclear while the granter has no token, or Azure no time', async () => {
    const tokenless = granterOf(() => Promise.reject(new Error('no identity')));
    expect(await tokenless.grant(grantOf(devAccount), 'x')).toMatchObject({ kind: 'unclear' });
    arm.manager().faults.inject({ name: 'throttle' });
    expect(await granter.grant(grantOf(devAccount), 'x')).toMatchObject({ kind: 'unclear' });
  });

  it('is made once however often it is asked for, says whose it is, and acts when it is propagated', async () => {
    const description = grantDescription(owner);
    expect(await granter.grant(grantOf(devAccount), description)).toEqual({ kind: 'granted' });
    expect(await granter.grant(grantOf(devAccount), description)).toEqual({ kind: 'granted' });
    expect(await granter.allows(operator, devAccount, needs)).toBe('no');
    arm.advance(60_000);
    expect(await granter.allows(operator, devAccount, needs)).toBe('yes');
    expect(await granter.allows(operator, devAccount, [...needs, '*'])).toBe('no');
    expect(await granter.allows(operator, devGroup, needs)).toBe('no');
    expect(await granter.list([operatorObjectId])).toEqual([
      {
        assignmentId: grantOf(devAccount).assignmentId,
        principalId: operatorObjectId,
        description,
        createdAt: instant(new Date(arm.now() - 60_000).toISOString()),
      },
    ]);
  });
});

describe('a removal', () => {
  it('is done where nothing is', async () => {
    expect(await granter.remove(grantOf(devAccount).assignmentId)).toBe('removed');
  });

  it('acts when it is propagated', async () => {
    await granter.grant(grantOf(devAccount), 'x');
    arm.advance(60_000);
    expect(await granter.remove(grantOf(devAccount).assignmentId)).toBe('removed');
    expect(await granter.allows(operator, devAccount, needs)).toBe('yes');
    arm.advance(60_000);
    expect(await granter.allows(operator, devAccount, needs)).toBe('no');
    expect(await granter.list([operatorObjectId])).toEqual([]);
  });
});

it('a list that is not whole is none', async () => {
  const tokenless = granterOf(() => Promise.reject(new Error('no identity')));
  await expect(tokenless.list([operatorObjectId])).rejects.toMatchObject({ name: 'AzureError', code: 'unreadable' });
  const stranger = granterOf(() => arm.identity().issueToken('deploy-agent', { claims: { aud: 'https://graph.microsoft.com' } }));
  await expect(stranger.list([operatorObjectId])).rejects.toMatchObject({ code: 'unreadable' });
});
