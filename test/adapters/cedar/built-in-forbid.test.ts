import { describe, expect, it } from 'vitest';
import { loadPolicies } from '../../../shared/adapters/cedar/load-policies.ts';
import type { JsonObject } from '../../../shared/domain/json.ts';
import { policyDirectory } from './policy-directory.ts';
import { type Asked, question, subscription } from './questions.ts';

const own = `${subscription}/resourcegroups/countersign`;
const identity = `${own}/providers/microsoft.managedidentity/userassignedidentities/operator`;
const elsewhere = `${subscription}/resourceGroups/rg-dev`;
const everything = '@id("everything") permit (principal, action, resource);';

const deployment = `${elsewhere}/providers/Microsoft.Resources/deployments/d`;
const site: JsonObject = { type: 'Microsoft.Web/sites', apiVersion: '2024-04-01', name: 's', location: 'westeurope', properties: {} };
const intoOwnGroup: JsonObject = {
  type: 'Microsoft.Resources/deployments',
  apiVersion: '2024-03-01',
  name: 'inner',
  resourceGroup: "[concat('counter', 'sign')]",
  properties: { mode: 'Incremental', template: { resources: [site] } },
};
const identityName =
  "[concat(subscription().id, '/resourceGroups/Countersign/providers/Microsoft.ManagedIdentity/userAssignedIdentities/oper', 'ator')]";
const withOwnIdentity: JsonObject = { ...site, identity: { type: 'UserAssigned', userAssignedIdentities: { [identityName]: {} } } };

const innerProperties = { mode: 'Incremental', template: { parameters: { p: { type: 'securestring' } }, resources: [] } };
const inner = { type: 'Microsoft.Resources/deployments', apiVersion: '2024-03-01', name: 'inner', properties: innerProperties };

/** An expression for something in the own group, in which its name does not stand. */
function ownId(type: string, name: string): string {
  return `resourceId(concat('counter', 'sign'), '${type}', '${name}')`;
}

function vaultSecret(id: string): JsonObject {
  return { keyVault: { id }, secretName: 's' };
}

function templateOf(resource: JsonObject): JsonObject {
  return { properties: { mode: 'Incremental', template: { resources: [resource] } } };
}

async function outcomeOf(asked: Asked): Promise<string> {
  const engine = await loadPolicies(await policyDirectory({ 'p.cedar': everything }), { protectedScopes: [own, identity] });
  return engine.decide(question(asked)).outcome;
}

describe("Countersign's own resources, under a policy that permits everything", () => {
  it.each<[string, Asked]>([
    ['writing the group', { call: `PUT ${own}`, body: {} }],
    ['writing it in other case', { call: `PUT ${subscription}/RESOURCEGROUPS/CounterSign`, body: {} }],
    ['writing below it', { call: `PUT ${own}/providers/Microsoft.Web/sites/edge/config/web`, body: {} }],
    ['reading keys below it', { call: `POST ${own}/providers/Microsoft.Storage/storageAccounts/audit/listKeys` }],
    [
      'locking something below it',
      { call: `PUT ${own}/providers/Microsoft.Web/sites/edge/providers/Microsoft.Authorization/locks/l`, body: {} },
    ],
    ['deleting the subscription that holds it', { call: `DELETE ${subscription}` }],
    ['cancelling the subscription that holds it', { call: `POST ${subscription}/providers/Microsoft.Subscription/cancel` }],
    ['granting a role on the subscription', { call: `PUT ${subscription}/providers/Microsoft.Authorization/roleAssignments/g`, body: {} }],
    ['unlocking the subscription', { call: `DELETE ${subscription}/providers/Microsoft.Authorization/locks/l` }],
    ['granting a role on the tenant', { call: 'PUT /providers/Microsoft.Authorization/roleAssignments/g', body: {} }],
    ['taking over the tenant', { call: 'POST /providers/Microsoft.Authorization/elevateAccess' }],
    [
      'granting a role on any management group',
      { call: 'PUT /providers/Microsoft.Management/managementGroups/mg/providers/Microsoft.Authorization/roleAssignments/g', body: {} },
    ],
    ['deploying to the subscription', { call: `PUT ${subscription}/providers/Microsoft.Resources/deployments/d`, body: {} }],
    ['moving it', { call: `POST ${own}/moveResources`, body: { targetResourceGroup: elsewhere } }],
    ['moving something into it', { call: `POST ${elsewhere}/moveResources`, body: { targetResourceGroup: own.toUpperCase() } }],
    [
      'attaching its identity to another machine',
      {
        call: `PATCH ${elsewhere}/providers/Microsoft.Compute/virtualMachines/vm`,
        body: { identity: { type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } } },
      },
    ],
    [
      'naming it inside a longer text',
      { call: `PUT ${elsewhere}/providers/Microsoft.Web/sites/s`, body: { properties: [`[concat('${own}/x')]`] } },
    ],
    ['deploying to it by a template that puts its name together', { call: `PUT ${deployment}`, body: templateOf(intoOwnGroup) }],
    ['attaching its identity by a template that puts its name together', { call: `PUT ${deployment}`, body: templateOf(withOwnIdentity) }],
    [
      'deploying something whose name only Azure can tell',
      { call: `PUT ${deployment}`, body: templateOf({ ...site, name: "[reference('x').y]" }) },
    ],
    ['attaching what only Azure can tell', { call: `PUT ${deployment}`, body: templateOf({ ...site, identity: "[reference('x').y]" }) }],
    [
      'attaching an identity whose name only Azure can tell',
      {
        call: `PUT ${deployment}`,
        body: templateOf({ ...site, identity: { type: 'UserAssigned', userAssignedIdentities: { "[reference('x').y]": {} } } }),
      },
    ],
    [
      'listing its keys into a setting, by a name that is put together',
      {
        call: `PUT ${deployment}`,
        body: templateOf({
          ...site,
          properties: { key: `[listKeys(${ownId('Microsoft.Storage/storageAccounts', 'audit')}, '1').keys[0].value]` },
        }),
      },
    ],
    [
      'reading a secret of its vault into a module',
      {
        call: `PUT ${deployment}`,
        body: templateOf({
          ...inner,
          properties: {
            ...innerProperties,
            parameters: { p: { reference: vaultSecret(`[${ownId('Microsoft.KeyVault/vaults', 'kv')}]`) } },
          },
        }),
      },
    ],
    [
      'reading a secret of a vault that only Azure can tell into a module',
      {
        call: `PUT ${deployment}`,
        body: templateOf({
          ...inner,
          properties: { ...innerProperties, parameters: { p: { reference: vaultSecret("[reference('x').y]") } } },
        }),
      },
    ],
    [
      'handing the subscription over to another tenant',
      { call: `PUT ${subscription}/providers/Microsoft.ManagedServices/registrationAssignments/g`, body: {} },
    ],
    [
      'remediating what a policy finds in the subscription',
      { call: `PUT ${subscription}/providers/Microsoft.PolicyInsights/remediations/r`, body: {} },
    ],
    [
      'cancelling the subscription by its billing account',
      { call: `POST /providers/Microsoft.Billing/billingAccounts/b/billingSubscriptions/${subscription.slice(-36)}/cancel`, body: {} },
    ],
    ...['/', subscription, `${subscription.toUpperCase()}/`, own].map((scope): [string, Asked] => [
      `defining a role for ${scope} by another scope`,
      { call: `PUT ${elsewhere}/providers/Microsoft.Authorization/roleDefinitions/g`, body: { properties: { assignableScopes: [scope] } } },
    ]),
    [
      'defining a role without saying for what',
      { call: `PUT ${elsewhere}/providers/Microsoft.Authorization/roleDefinitions/g`, body: { properties: {} } },
    ],
    [
      'naming it in escapes of a URL',
      { call: `PUT ${elsewhere}/providers/Microsoft.Web/sites/s`, body: { near: encodeURIComponent(own) } },
    ],
    [
      'naming it in escapes of JSON',
      {
        call: `PUT ${elsewhere}/providers/Microsoft.Web/sites/s`,
        body: { near: JSON.stringify({ id: own }).replaceAll('/', '\\/').replace('c', '\\u0063') },
      },
    ],
    [
      'naming it in letters that fold to its own',
      { call: `PUT ${elsewhere}/providers/Microsoft.Web/sites/s`, body: { near: own.replace('sign', '\u017fign') } },
    ],
    ['naming it in the query', { call: `POST ${elsewhere}/providers/Microsoft.Web/sites/s/restart`, query: { scope: own } }],
  ])('%s is denied', async (_, asked) => {
    expect(await outcomeOf(asked)).toBe('deny');
  });

  it.each<[string, Asked]>([
    ['reading them', { call: `GET ${own}` }],
    ['reading what contains them', { call: `GET ${subscription}/resourceGroups` }],
    ['what only begins with the same name', { call: `DELETE ${own}-2` }],
    [
      'naming what only begins with the same name',
      { call: `PUT ${elsewhere}/providers/Microsoft.Web/sites/s`, body: { near: `${own}-2/x` } },
    ],
    ['deleting a neighbour', { call: `DELETE ${elsewhere}` }],
    [
      'defining a role for a neighbour',
      {
        call: `PUT ${elsewhere}/providers/Microsoft.Authorization/roleDefinitions/g`,
        body: { properties: { assignableScopes: [elsewhere] } },
      },
    ],
    [
      "listing a neighbour's keys into a setting",
      {
        call: `PUT ${deployment}`,
        body: templateOf({
          ...site,
          properties: { key: "[listKeys(resourceId('Microsoft.Storage/storageAccounts', 'st'), '1').keys[0].value]" },
        }),
      },
    ],
    ['granting a role on a neighbour', { call: `PUT ${elsewhere}/providers/Microsoft.Authorization/roleAssignments/g`, body: {} }],
    [
      'deploying a linked template to a neighbour',
      { call: `PUT ${deployment}`, body: { properties: { templateLink: { uri: 'https://example.com/t.json' } } } },
    ],
    ['deploying what is understood', { call: `PUT ${deployment}`, body: templateOf(site) }],
    [
      'deploying values that only Azure can tell',
      { call: `PUT ${deployment}`, body: templateOf({ ...site, properties: { a: "[reference('x').y]" } }) },
    ],
    [
      'asking the subscription about a name',
      { call: `POST ${subscription}/providers/Microsoft.Storage/checkNameAvailability`, body: { name: 'n' } },
    ],
  ])('%s is a matter of policy', async (_, asked) => {
    expect(await outcomeOf(asked)).toBe('allow');
  });

  it.each<[string, Asked]>([
    ['deleting', { call: `DELETE ${subscription}/resourceGroups/rg-shared` }],
    [
      'moving things out of',
      { call: `POST ${subscription}/resourceGroups/rg-shared/moveResources`, body: { targetResourceGroup: elsewhere } },
    ],
    [
      'asking whether things can be moved out of',
      { call: `POST ${subscription}/resourceGroups/rg-shared/validateMoveResources`, body: {} },
    ],
    ['locking', { call: `PUT ${subscription}/resourceGroups/rg-shared/providers/Microsoft.Authorization/locks/l`, body: {} }],
    [
      'deploying to',
      { call: `PUT ${subscription}/resourceGroups/rg-shared/providers/Microsoft.Resources/deployments/d`, body: templateOf(site) },
    ],
  ])('%s a group that holds one of them, and is none of them itself, is denied', async (_, asked) => {
    const vault = `${subscription}/resourcegroups/rg-shared/providers/microsoft.keyvault/vaults/kv-own`;
    const engine = await loadPolicies(await policyDirectory({ 'p.cedar': everything }), { protectedScopes: [vault] });
    expect(engine.decide(question(asked))).toMatchObject({ outcome: 'deny', policies: [{ id: 'built-in.own-resources' }] });
    const neighbour = { ...asked, call: asked.call.replace('rg-shared', 'rg-other') };
    expect(engine.decide(question(neighbour)).outcome).toBe('allow');
  });

  it('says why', async () => {
    const engine = await loadPolicies(await policyDirectory({ 'p.cedar': everything }), { protectedScopes: [own] });
    expect(engine.decide(question({ call: `DELETE ${own}` }))).toMatchObject({
      outcome: 'deny',
      reasons: [expect.stringContaining("Countersign's own")],
    });
  });
});
