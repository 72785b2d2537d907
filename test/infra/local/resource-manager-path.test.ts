import { describe, expect, it } from 'vitest';
import { groupIdOf, parseArmPath, typeOf } from '../../../infra/local/resource-manager/arm-path.ts';

const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';
const group = `${subscription}/resourceGroups/rg-dev`;

describe('a path is refused', () => {
  it.each([
    ['an empty segment', `${subscription}//resourceGroups/rg-dev`],
    ['an encoded slash', `${subscription}/resourceGroups/rg-dev%2Fproviders`],
    ['an encoded backslash', `${subscription}/resourceGroups/rg%5Cdev`],
    ['a parent segment', `${group}/../rg-prod`],
    ['an encoded parent segment', `${group}/%2e%2e/rg-prod`],
    ['a double encoding', `${subscription}/resourceGroups/rg%252Fdev`],
    ['a broken encoding', `${subscription}/resourceGroups/rg%E0%A4%A`],
    ['a control character', `${subscription}/resourceGroups/rg%00dev`],
    ['no leading slash', 'subscriptions'],
  ])('for %s', (_, path) => {
    expect(parseArmPath(path)).toEqual({ kind: 'refused', reason: 'invalid' });
  });

  it.each([
    ['an unknown root', '/tenants'],
    ['an unknown part of a subscription', `${subscription}/locations`],
    ['a namespace without a type', `${group}/providers/Microsoft.Storage`],
    ['an action of a group that there is not', `${group}/dropResources`],
    ['something below an action of a group', `${group}/moveResources/x`],
    ['a resource outside /providers', `${group}/storageAccounts/x`],
  ])('as unknown for %s', (_, path) => {
    expect(parseArmPath(path)).toEqual({ kind: 'refused', reason: 'unknown' });
  });
});

describe('a path names', () => {
  it('what can be done to a whole group', () => {
    expect(parseArmPath(`${group}/MoveResources`)).toEqual({ kind: 'groupAction', id: group, action: 'moveResources' });
  });

  it('all subscriptions', () => {
    expect(parseArmPath('/subscriptions')).toEqual({ kind: 'subscriptions' });
  });

  it('a resource group, in any casing of the fixed words', () => {
    expect(parseArmPath(`${subscription.toUpperCase()}/RESOURCEGROUPS/rg-Dev/`)).toEqual({
      kind: 'resourceGroup',
      id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-Dev',
      subscriptionId: '00000000-0000-0000-0000-000000000001',
      name: 'rg-Dev',
    });
  });

  it('a nested resource', () => {
    const target = parseArmPath(`${group}/providers/Microsoft.Sql/servers/sql-dev-1/databases/db%201`);
    expect(target).toEqual({
      kind: 'resource',
      id: `${group}/providers/Microsoft.Sql/servers/sql-dev-1/databases/db 1`,
      scopeId: group,
      namespace: 'Microsoft.Sql',
      types: ['servers', 'databases'],
      names: ['sql-dev-1', 'db 1'],
    });
  });

  it('an extension of a resource', () => {
    const account = `${group}/providers/Microsoft.Storage/storageAccounts/stdevdata`;
    const target = parseArmPath(`${account}/providers/Microsoft.Authorization/roleAssignments/a`);
    expect(target).toMatchObject({ kind: 'resource', scopeId: account, namespace: 'Microsoft.Authorization', names: ['a'] });
  });

  it('an extension of the tenant', () => {
    const target = parseArmPath('/providers/Microsoft.Authorization/roleAssignments/a');
    expect(target).toMatchObject({ kind: 'resource', scopeId: '', id: '/providers/Microsoft.Authorization/roleAssignments/a' });
  });

  it('a resource called providers', () => {
    const target = parseArmPath(`${group}/providers/Microsoft.Sql/servers/providers`);
    expect(target).toMatchObject({ kind: 'resource', names: ['providers'] });
  });

  it('a type to list, or an action to post', () => {
    const target = parseArmPath(`${group}/providers/Microsoft.Compute/virtualMachines/vm-dev-1/restart`);
    expect(target).toMatchObject({ kind: 'collection', types: ['virtualMachines'], names: ['vm-dev-1'], last: 'restart' });
  });
});

describe('parts of an id', () => {
  it('give the type without the names', () => {
    expect(typeOf({ namespace: 'Microsoft.Sql', types: ['servers', 'databases'] })).toBe('Microsoft.Sql/servers/databases');
  });

  it('give the group of anything in it', () => {
    expect(groupIdOf(`${group}/providers/Microsoft.Sql/servers/sql-dev-1`)).toBe(group);
    expect(groupIdOf(subscription)).toBeUndefined();
  });
});
