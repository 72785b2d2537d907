import { describe, expect, it } from 'vitest';
import { type GrantableRole, leastRole } from '../../../shared/domain/access/least-role.ts';
import { coversAction, matchesAction } from '../../../shared/domain/access/role-actions.ts';

const role = (name: string, actions: readonly string[], notActions: readonly string[] = []): GrantableRole => ({
  id: `00000000-0000-4000-8000-${name.padStart(12, '0')}`,
  name,
  actions,
  notActions,
  onlyWithCondition: false,
});

const everything = role('1', ['*'], ['Microsoft.Authorization/*/Write']);
const storage = role('2', ['Microsoft.Storage/storageAccounts/*', 'Microsoft.Support/*']);
const provider = role('3', ['Microsoft.Storage/*']);
const keys = role('4', ['Microsoft.Storage/storageAccounts/listkeys/action']);

describe('a pattern of a role does not name', () => {
  it.each([
    ['Microsoft.Storage/storageAccounts/read', 'microsoft.storage/storageaccounts/write'],
    ['Microsoft.Storage/storageAccounts/*', 'microsoft.storage/storageaccountsx/write'],
    ['Microsoft.Storage/storageAccounts/*', 'microsoft.compute/microsoft.storage/storageaccounts/write'],
    ['*/read', 'microsoft.storage/storageaccounts/readkeys/action'],
    ['Microsoft.Authorization/*/read', 'microsoft.authorization/read'],
    ['a/*/b/*/c', 'a/x/b/c'],
  ])('%s: %s', (pattern, action) => {
    expect(matchesAction(pattern, action)).toBe(false);
  });
});

it.each([
  ['*', 'microsoft.storage/storageaccounts/write'],
  ['*/read', 'microsoft.storage/storageaccounts/read'],
  ['Microsoft.Authorization/*/Delete', 'microsoft.authorization/roleassignments/delete'],
  ['Microsoft.Storage/storageAccounts/*', 'microsoft.storage/storageaccounts/blobservices/write'],
  ['a/*/b/*/c', 'a/x/b/y/b/z/c'],
])('a pattern of a role names, whatever the case, %s: %s', (pattern, action) => {
  expect(matchesAction(pattern, action)).toBe(true);
});

it('what a role takes out it does not cover', () => {
  expect(coversAction(everything, 'microsoft.authorization/locks/write')).toBe(false);
  expect(coversAction(everything, 'microsoft.storage/storageaccounts/write')).toBe(true);
});

describe('the least role', () => {
  it('is none where none covers every need', () => {
    expect(leastRole([storage, keys], ['microsoft.sql/servers/delete'])).toBeUndefined();
    expect(leastRole([storage, keys], ['microsoft.storage/storageaccounts/delete', 'microsoft.sql/servers/delete'])).toBeUndefined();
    expect(leastRole([everything], ['microsoft.authorization/locks/write'])).toBeUndefined();
  });

  it.each([
    ['a literal action before a wildcard', 'microsoft.storage/storageaccounts/listkeys/action', '4'],
    ['one provider before everything', 'microsoft.storage/storageaccounts/delete', '3'],
    ['everything where nothing else covers it', 'microsoft.sql/servers/delete', '1'],
  ])('is %s', (_, need, name) => {
    expect(leastRole([everything, storage, provider, keys], [need])?.name).toBe(name);
  });

  it('for whatever may come is only one that allows everything', () => {
    expect(leastRole([storage, provider], ['*'])).toBeUndefined();
    expect(leastRole([storage, everything], ['*'])?.name).toBe('1');
  });

  it('does not depend on the order of the file', () => {
    const twin = role('5', ['Microsoft.Storage/*']);
    expect(leastRole([twin, provider], ['microsoft.storage/usages/read'])).toBe(provider);
    expect(leastRole([provider, twin], ['microsoft.storage/usages/read'])).toBe(provider);
  });
});
