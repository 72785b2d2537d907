import { describe, expect, it } from 'vitest';
import { builtInRole, coversTakingOver } from '../../../shared/domain/risk/roles.ts';

describe('an action by which everything else can be had', () => {
  it.each([
    '*',
    '**',
    'Microsoft.Authorization/*',
    'microsoft.authorization/roleassignments/*',
    '*/write',
    '*/action',
    'Microsoft.*/write',
    'Microsoft.Storage/*/listKeys/action',
    'Microsoft.Compute/virtualMachines/*',
    'Microsoft.Compute/virtualMachines/runCommand/*',
    'Microsoft.KeyVault/vaults/secrets/getSecret/action',
    'Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action',
    '*ssign*',
    'a'.repeat(257),
  ])('%s', (action) => {
    expect(coversTakingOver(action)).toBeDefined();
  });
});

describe('an action by which nothing else can be had', () => {
  it.each([
    '',
    '*/read',
    'Microsoft.Storage/storageAccounts/read',
    'Microsoft.Compute/virtualMachines/restart/action',
    'Microsoft.Compute/*/read',
    'Microsoft.Network/*',
    'Microsoft.Authorization/*/read',
    'Microsoft.Storage/storageAccounts/listKeys',
    'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
  ])('%s', (action) => {
    expect(coversTakingOver(action)).toBeUndefined();
  });
});

it.each([
  ['/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635', 'Owner', 'control'],
  ['/providers/Microsoft.Authorization/roleDefinitions/ACDD72A7-3385-48EF-BD42-F606FBA81AE7', 'Reader', 'read'],
  ['ba92f5b4-2d11-453d-a403-e96b0029c9fe', 'Storage Blob Data Contributor', 'change'],
])('%s is %s', (id, name, grants) => {
  expect(builtInRole(id)).toEqual({ name, grants });
});

it.each(['', '/', 'acdd72a7-3385-48ef-bd42-f606fba81ae7/x', 'acdd72a7-3385-48ef-bd42-f606fba81ae', 'constructor'])(
  '%j is no role that is known',
  (id) => {
    expect(builtInRole(id)).toBeUndefined();
  },
);
