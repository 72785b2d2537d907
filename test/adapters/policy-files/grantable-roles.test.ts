import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadGrantableRoles } from '../../../shared/adapters/policy-files/grantable-roles.ts';
import { leastRole } from '../../../shared/domain/access/least-role.ts';

const shipped = fileURLToPath(new URL('../../../infra/policy', import.meta.url));
const id = '17d1049b-9a84-46fb-8f53-869881c3d3ab';

async function load(file: unknown) {
  const directory = await mkdtemp(join(tmpdir(), 'grantable-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'grantable-roles.json'), JSON.stringify(file));
  return await loadGrantableRoles(directory);
}

describe('a list of grantable roles stops the start', () => {
  it.each([
    ['where a role has no GUID', 'X.id', { X: { id: 'owner', actions: ['*/read'] } }],
    ['where a role allows nothing', 'X.actions', { X: { id, actions: [] } }],
    ['where an action is none', 'X.actions.0', { X: { id, actions: ['everything'] } }],
    ['where something else is said of a role', 'X', { X: { id, actions: ['*/read'], scope: '/' } }],
    ['where two names share a role', 'Y.id', { X: { id, actions: ['*/read'] }, Y: { id, actions: ['*/read'] } }],
    [
      'where a role assigns roles without a condition',
      'X.onlyWithCondition',
      { X: { id, actions: ['Microsoft.Authorization/roleAssignments/write'] } },
    ],
    ['where a condition would limit nothing', 'X.onlyWithCondition', { X: { id, actions: ['*/read'], onlyWithCondition: true } }],
    ['where a role is Owner', 'X.actions', { X: { id, actions: ['*'] } }],
    ['where a role is Owner under a condition', 'X.actions', { X: { id, actions: ['*'], onlyWithCondition: true } }],
    ['where a role defines roles', 'X.actions', { X: { id, actions: ['Microsoft.Authorization/roleDefinitions/*'] } }],
  ])('%s', async (_, path, file) => {
    await expect(load(file)).rejects.toMatchObject({ name: 'RegisterError', file: 'grantable-roles.json', path });
  });

  it('where it is missing', async () => {
    await expect(loadGrantableRoles(join(tmpdir(), 'no-such-directory'))).rejects.toMatchObject({ code: 'unreadable' });
  });
});

describe('the list that is shipped', () => {
  it.each([
    ['microsoft.storage/storageaccounts/listkeys/action', 'Storage Account Key Operator Service Role'],
    ['microsoft.storage/storageaccounts/delete', 'Storage Account Contributor'],
    ['microsoft.compute/virtualmachines/restart/action', 'Virtual Machine Contributor'],
    ['microsoft.network/networksecuritygroups/write', 'Network Contributor'],
    ['microsoft.keyvault/vaults/delete', 'Key Vault Contributor'],
    ['microsoft.keyvault/locations/deletedvaults/purge/action', 'Contributor'],
    ['microsoft.web/sites/config/list/action', 'Website Contributor'],
    ['microsoft.resources/tags/write', 'Tag Contributor'],
    ['microsoft.authorization/locks/delete', 'Locks Contributor'],
    ['microsoft.resources/subscriptions/resourcegroups/delete', 'Contributor'],
    ['microsoft.sql/servers/delete', 'Contributor'],
    ['microsoft.authorization/policyassignments/write', undefined],
    ['microsoft.authorization/roledefinitions/write', undefined],
    ['microsoft.authorization/elevateaccess/action', undefined],
  ])('gives %s by %s', async (action, name) => {
    const roles = (await loadGrantableRoles(shipped)).filter(({ onlyWithCondition }) => !onlyWithCondition);
    expect(leastRole(roles, [action])?.name).toBe(name);
  });
});
