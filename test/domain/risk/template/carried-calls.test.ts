import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../../shared/domain/json.ts';
import { carriedCalls } from '../../../../shared/domain/risk/template/inspect-template.ts';
import { carrier, deploymentOf, group } from './carrier.ts';

const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';

function callsOf(template: JsonValue, more: JsonObject = {}, path?: string): readonly string[] {
  const carried = carrier({ body: deploymentOf(template, more), ...(path === undefined ? {} : { path }) });
  return carriedCalls(carried).calls.map((call) => `${call.method} ${call.path}`);
}

const account = { type: 'Microsoft.Storage/storageAccounts', apiVersion: '2024-01-01', name: 'st1' };

describe('the calls that a template amounts to', () => {
  it('have the id, version and body of the resource, without what belongs to the template', () => {
    const resource = {
      ...account,
      condition: true,
      comments: 'for the app',
      dependsOn: ['x'],
      location: "[toLower('WestEurope')]",
      tags: { team: 'a' },
      properties: { list: [1, null, "[concat('a', 'b')]"] },
    };
    const { calls } = carriedCalls(carrier({ body: deploymentOf({ resources: [resource] }) }));
    expect(calls).toEqual([
      {
        method: 'PUT',
        path: `${group}/providers/microsoft.storage/storageaccounts/st1`,
        apiVersion: '2024-01-01',
        body: { location: 'westeurope', tags: { team: 'a' }, properties: { list: [1, null, 'ab'] } },
      },
    ]);
  });

  it.each<[string, JsonObject, readonly string[]]>([
    [
      'a child of another type',
      { ...account, type: 'Microsoft.Storage/storageAccounts/blobServices', name: 'st1/default' },
      [`PUT ${group}/providers/microsoft.storage/storageaccounts/st1/blobservices/default`],
    ],
    [
      'an extension by its type',
      { ...account, type: 'Microsoft.Storage/storageAccounts/providers/locks', name: 'st1/Microsoft.Authorization/keep' },
      [`PUT ${group}/providers/microsoft.storage/storageaccounts/st1/providers/Microsoft.Authorization/locks/keep`],
    ],
    [
      'an extension by a relative scope',
      { type: 'Microsoft.Authorization/locks', name: 'keep', scope: 'Microsoft.Storage/storageAccounts/st1' },
      [`PUT ${group}/providers/Microsoft.Storage/storageAccounts/st1/providers/microsoft.authorization/locks/keep`],
    ],
    [
      'an extension by a whole id',
      { type: 'Microsoft.Authorization/locks', name: 'keep', scope: "[resourceId('Microsoft.Storage/storageAccounts', 'st1')]" },
      [`PUT ${group}/providers/Microsoft.Storage/storageAccounts/st1/providers/microsoft.authorization/locks/keep`],
    ],
    [
      'a resource of the tenant',
      { type: 'Microsoft.Authorization/roleAssignments', name: 'r', scope: '/' },
      ['PUT /providers/microsoft.authorization/roleassignments/r'],
    ],
    [
      'children within children',
      { ...account, resources: [{ type: 'blobServices', name: 'default', resources: [{ type: 'containers', name: 'docs' }] }] },
      [
        `PUT ${group}/providers/microsoft.storage/storageaccounts/st1`,
        `PUT ${group}/providers/microsoft.storage/storageaccounts/st1/blobservices/default`,
        `PUT ${group}/providers/microsoft.storage/storageaccounts/st1/blobservices/default/containers/docs`,
      ],
    ],
    [
      'each round of a loop',
      { ...account, name: "[concat('st', copyIndex(1))]", copy: { name: 'l', count: 2 } },
      [1, 2].map((round) => `PUT ${group}/providers/microsoft.storage/storageaccounts/st${round}`),
    ],
    [
      'a deployment, and what it deploys to another group',
      {
        type: 'Microsoft.Resources/deployments',
        name: 'inner',
        resourceGroup: 'rg-other',
        properties: { mode: 'Incremental', template: { resources: [account] } },
      },
      [
        `PUT ${subscription}/resourceGroups/rg-other/providers/microsoft.resources/deployments/inner`,
        `PUT ${subscription}/resourceGroups/rg-other/providers/microsoft.storage/storageaccounts/st1`,
      ],
    ],
  ])('%s', (_, resource, calls) => {
    expect(callsOf({ resources: [resource] })).toEqual(calls);
  });

  it('to a subscription make groups of it', () => {
    const template = { resources: [{ type: 'Microsoft.Resources/resourceGroups', name: 'rg-new', location: 'westeurope' }] };
    expect(callsOf(template, {}, `${subscription}/providers/Microsoft.Resources/deployments/d`)).toEqual([
      `PUT ${subscription}/resourceGroups/rg-new`,
    ]);
  });

  it('are none where the condition is false', () => {
    expect(callsOf({ resources: [{ ...account, condition: '[equals(1, 2)]' }] })).toEqual([]);
  });
});

describe('what a template has Azure read', () => {
  const other = "concat(subscription().id, '/resourceGroups/rg-', 'other/providers/A.B/c/d')";
  const read = `${subscription}/resourceGroups/rg-other/providers/A.B/c/d`;
  const readsOf = (value: JsonValue) =>
    carriedCalls(carrier({ body: deploymentOf({ resources: [{ ...account, properties: { value } }] }) })).reads;

  it.each([
    ['its keys', `[listKeys(${other}, '1').keys[0].value]`],
    ['its state', `[reference(${other}, '1').a]`],
    ['it where a condition is only known to Azure', `[if(equals(reference('x').y, 1), 'a', listKeys(${other}, '1'))]`],
    ['it where the first value is only known to Azure', `[coalesce(reference('x').y, listKeys(${other}, '1'))]`],
    ['it for each of a list that only Azure knows', `[map(reference('x').y, lambda('i', listKeys(${other}, '1')))]`],
  ])('has %s', (_, expression) => {
    expect(readsOf(expression)).toContain(read);
  });

  it('is nothing where it does not come to that', () => {
    expect(readsOf(`[if(equals(1, 2), listKeys(${other}, '1'), 'a')]`)).toEqual([]);
  });
});

describe('what is carried is whole', () => {
  it.each<[string, JsonValue, boolean]>([
    ['an empty template', { resources: [] }, true],
    ['a value that only Azure knows', { resources: [{ ...account, properties: { a: "[reference('x').y]" } }] }, true],
    ['a name that only Azure knows', { resources: [{ ...account, name: "[reference('x').y]" }] }, false],
    ['keys of something that only Azure knows', { resources: [{ ...account, tags: { k: "[listKeys(reference('x').y, '1')]" } }] }, false],
    [
      'keys in an expression that cannot be evaluated',
      { resources: [{ ...account, tags: { k: "[nobodyKnows(listKeys('x', '1'))]" } }] },
      false,
    ],
    ['a template that is none', [], false],
    ['more copies than Azure takes', { resources: [{ ...account, copy: { name: 'l', count: 801 } }] }, false],
  ])('%s: %j', (_, template, isWhole) => {
    expect(carriedCalls(carrier({ body: deploymentOf(template) })).isWhole).toBe(isWhole);
  });

  it.each([
    ['a validation', 'POST', `${group}/providers/Microsoft.Resources/deployments/release/validate`],
    ['a write of something else', 'PUT', `${group}/providers/microsoft.storage/storageaccounts/st1`],
  ])('%s carries nothing', (_, method, path) => {
    const subject = carrier({ method, path, body: deploymentOf({ resources: [account] }) });
    expect(carriedCalls(subject)).toEqual({ calls: [], reads: [], isWhole: true });
  });
});
