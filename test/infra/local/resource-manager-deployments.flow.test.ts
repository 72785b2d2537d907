import { ResourceManagementClient } from '@azure/arm-resources';
import type { TokenCredential } from '@azure/identity';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  at,
  devAccount,
  devGroup,
  names,
  operatorObjectId,
  outcome,
  prodGroup,
  refusal,
  resourcesVersion,
  storageVersion,
  subscription,
  subscriptionId,
  useResourceManager,
} from './resource-manager-setup.ts';

const arm = useResourceManager();
const deploymentAt = (scope: string, name = 'release-1', more = '') =>
  at(`${scope}/providers/Microsoft.Resources/deployments/${name}${more}`, resourcesVersion);
const schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';
const templateOf = (...resources: unknown[]) => ({ $schema: schema, contentVersion: '1.0.0.0', resources });
const account = (name: string, more: object = {}) => ({
  type: 'Microsoft.Storage/storageAccounts',
  apiVersion: storageVersion,
  name,
  location: '[resourceGroup().location]',
  kind: 'StorageV2',
  sku: { name: 'Standard_LRS' },
  ...more,
});
const deploy = (template: object, more: object = {}) =>
  arm.send('PUT', deploymentAt(devGroup), { body: { properties: { mode: 'Incremental', template, ...more } } });
const accountAt = (name: string) => at(`${devGroup}/providers/Microsoft.Storage/storageAccounts/${name}`, storageVersion);
const resourcesOf = async (group: string) => names((await arm.send('GET', at(`${group}/resources`, resourcesVersion))).body);
const innerCode = (body: unknown) =>
  z
    .object({ error: z.object({ code: z.literal('InvalidTemplateDeployment'), details: z.array(z.object({ code: z.string() })) }) })
    .parse(body).error.details[0]?.code;

describe('a deployment is refused', () => {
  it.each([
    ['without a mode', { template: templateOf() }, 'InvalidRequestContent'],
    ['without a template', { mode: 'Incremental', templateLink: { uri: 'https://example.com/a.json' } }, 'InvalidTemplate'],
    [
      'with a value that only Azure knows',
      { mode: 'Incremental', template: templateOf(account("[reference('x').name]")) },
      'InvalidTemplate',
    ],
    [
      'with a parameter that is not declared',
      { mode: 'Incremental', template: templateOf(), parameters: { a: { value: 1 } } },
      'InvalidTemplate',
    ],
    [
      'with a parameter that is not given',
      { mode: 'Incremental', template: { ...templateOf(account("[parameters('name')]")), parameters: { name: { type: 'string' } } } },
      'InvalidTemplate',
    ],
  ])('%s', async (_, properties, code) => {
    expect(outcome(await arm.send('PUT', deploymentAt(devGroup), { body: { properties } }))).toEqual(refusal(400, code));
    expect((await arm.send('GET', deploymentAt(devGroup))).status).toBe(404);
  });

  it.each([
    ['a name that its type does not take', account('Not Valid'), 'AccountNameInvalid'],
    ['no location', account('stnew', { location: undefined }), 'LocationRequired'],
    ['no parent', { ...account('stnone/default'), type: 'Microsoft.Storage/storageAccounts/blobServices' }, 'ResourceNotFound'],
  ])('for a resource with %s', async (_, resource, code) => {
    const refused = await deploy(templateOf(resource));
    expect([refused.status, innerCode(refused.body)]).toEqual([400, code]);
  });

  it('where a lock is in the way', async () => {
    const body = { properties: { level: 'ReadOnly' } };
    await arm.send('PUT', at(`${devAccount}/providers/Microsoft.Authorization/locks/keep`, '2020-05-01'), { body });
    expect(innerCode((await deploy(templateOf(account('stdevdata')))).body)).toBe('ScopeLocked');
  });

  it('to who may only read', async () => {
    const body = { properties: { mode: 'Incremental', template: templateOf() } };
    const refused = await arm.send('PUT', deploymentAt(devGroup), { body, token: arm.readerToken() });
    expect(outcome(refused)).toEqual(refusal(403, 'AuthorizationFailed'));
  });

  it('of a role, which has rules of its own', async () => {
    const assignment = { type: 'Microsoft.Authorization/roleAssignments', apiVersion: '2022-04-01', name: 'a', properties: {} };
    expect(outcome(await deploy(templateOf(assignment)))).toEqual(refusal(400, 'InvalidTemplate'));
  });

  it('while another of its name goes on', async () => {
    await deploy(templateOf(account('stnew')));
    expect(outcome(await deploy(templateOf()))).toEqual(refusal(409, 'DeploymentActive'));
  });
});

describe('a deployment', () => {
  const template = {
    ...templateOf({
      ...account("[concat(parameters('prefix'), copyIndex())]"),
      copy: { name: 'accounts', count: 2 },
      tags: { tier: "[variables('tier')]" },
    }),
    parameters: { prefix: { type: 'string' }, key: { type: 'secureString', defaultValue: '' } },
    variables: { tier: "[toUpper('gold')]" },
    outputs: { first: { type: 'string', value: "[concat(parameters('prefix'), '0')]" } },
  };
  const parameters = { prefix: { value: 'stmade' }, key: { value: 'S3cret-passw0rd' } };

  it('makes what its template says, when its operation ends', async () => {
    const accepted = await deploy(template, { parameters });
    const before = await arm.send('GET', accountAt('stmade0'));
    arm.advance(1000);
    const statuses = [accepted.status, before.status, (await arm.send('GET', accountAt('stmade1'))).status];
    expect([statuses, (await arm.send('GET', accountAt('stmade0'))).body]).toMatchObject([
      [201, 404, 200],
      { name: 'stmade0', type: 'Microsoft.Storage/storageAccounts', location: 'westeurope', tags: { tier: 'GOLD' } },
    ]);
  });

  it('keeps a record, with its outputs and without its secrets', async () => {
    await deploy(template, { parameters });
    arm.advance(1000);
    const { body } = await arm.send('GET', deploymentAt(devGroup), { token: arm.readerToken() });
    expect(body).toMatchObject({
      name: 'release-1',
      properties: {
        mode: 'Incremental',
        provisioningState: 'Succeeded',
        parameters: { prefix: { type: 'string', value: 'stmade' }, key: { type: 'secureString' } },
        outputs: { first: { value: 'stmade0' } },
        outputResources: [{ id: expect.stringContaining('/stmade0') }, { id: expect.stringContaining('/stmade1') }],
      },
    });
    expect(JSON.stringify(body)).not.toContain('S3cret');
  });

  it('that fails makes nothing', async () => {
    arm.manager().faults.inject({ name: 'failLongRunning' });
    await deploy(template, { parameters });
    arm.advance(1000);
    expect((await arm.send('GET', accountAt('stmade0'))).status).toBe(404);
    expect((await arm.send('GET', deploymentAt(devGroup))).body).toMatchObject({ properties: { provisioningState: 'Failed' } });
  });

  it('leaves alone what its template does not name, unless its mode is complete', async () => {
    await deploy(templateOf(account('stdevdata')));
    arm.advance(1000);
    const incremental = await resourcesOf(devGroup);
    await deploy(templateOf(account('stdevdata')), { mode: 'Complete' });
    arm.advance(1000);
    expect([incremental, await resourcesOf(devGroup)]).toEqual([
      ['vm-dev-1', 'kv-dev-1', 'nsg-dev', 'sql-dev-1', 'stdevdata'],
      ['stdevdata'],
    ]);
  });

  it('goes into a subscription, and from there into a group that it makes', async () => {
    const group = { type: 'Microsoft.Resources/resourceGroups', apiVersion: resourcesVersion, name: 'rg-made', location: 'northeurope' };
    const nested = {
      type: 'Microsoft.Resources/deployments',
      apiVersion: resourcesVersion,
      name: 'inner',
      resourceGroup: 'rg-made',
      properties: { mode: 'Incremental', template: templateOf(account('stinner', { location: 'northeurope' })) },
    };
    const body = { location: 'westeurope', properties: { mode: 'Incremental', template: templateOf(group, nested) } };
    expect((await arm.send('PUT', deploymentAt(subscription), { body })).status).toBe(201);
    arm.advance(1000);
    expect(await resourcesOf(`${subscription}/resourceGroups/rg-made`)).toEqual(['stinner']);
  });

  it('is validated without a trace', async () => {
    const body = { properties: { mode: 'Incremental', template, parameters } };
    const validated = await arm.send('POST', deploymentAt(devGroup, 'release-1', '/validate'), { body });
    expect(validated).toMatchObject({ status: 200, body: { properties: { provisioningState: 'Succeeded' } } });
    expect((await arm.send('GET', deploymentAt(devGroup))).status).toBe(404);
  });

  it('has its record removed, and nothing else', async () => {
    await deploy(template, { parameters });
    arm.advance(1000);
    const accepted = await arm.send('DELETE', deploymentAt(devGroup));
    arm.advance(1000);
    const statuses = [await arm.send('GET', accepted.headers.get('location') ?? ''), await arm.send('GET', accountAt('stmade0'))];
    expect([accepted.status, ...statuses.map(({ status }) => status)]).toEqual([202, 204, 200]);
  });
});

describe('the rights to deploy', () => {
  const storageContributor = '17d1049b-9a84-46fb-8f53-869881c3d3ab';
  const machine = { ...account('vm-new'), type: 'Microsoft.Compute/virtualMachines' };
  const elsewhere = {
    type: 'Microsoft.Resources/deployments',
    apiVersion: resourcesVersion,
    name: 'inner',
    resourceGroup: 'rg-prod',
    properties: { mode: 'Incremental', template: templateOf(account('stnew')) },
  };

  beforeEach(async () => {
    await arm.restart({ rights: 'perOperation' });
    const assignment = '/providers/Microsoft.Authorization/roleAssignments/77777777-7777-4777-8777-000000000001';
    const roleDefinitionId = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${storageContributor}`;
    const body = { properties: { roleDefinitionId, principalId: operatorObjectId } };
    const token = await arm.managementToken('66666666-6666-4666-8666-00000000c006');
    expect((await arm.send('PUT', at(`${devGroup}${assignment}`, '2022-04-01'), { body, token })).status).toBe(201);
  });

  it.each([
    ['a type that they do not cover', machine],
    ['another group', elsewhere],
  ])('do not reach to %s', async (_, resource) => {
    expect(outcome(await deploy(templateOf(resource)))).toEqual(refusal(403, 'AuthorizationFailed'));
  });

  it('do not cover what complete mode would delete', async () => {
    expect(outcome(await deploy(templateOf(account('stnew')), { mode: 'Complete' }))).toEqual(refusal(403, 'AuthorizationFailed'));
  });

  it('are those to each resource of the template', async () => {
    expect((await deploy(templateOf(account('stnew')))).status).toBe(201);
  });
});

describe('what-if', () => {
  const changes = async (template: object, mode = 'Incremental') => {
    const body = { properties: { mode, template } };
    const accepted = await arm.send('POST', deploymentAt(devGroup, 'release-1', '/whatIf'), { body });
    arm.advance(1000);
    const result = await arm.send('GET', accepted.headers.get('location') ?? '');
    const change = z.object({ resourceId: z.string(), changeType: z.string(), delta: z.array(z.unknown()).optional() });
    const { properties } = z.object({ properties: z.object({ changes: z.array(change) }) }).parse(result.body);
    return properties.changes.map(({ resourceId, changeType, delta }) => [resourceId.split('/').at(-1), changeType, delta]);
  };

  it('says what would be made, changed and left alone', async () => {
    const { body } = await arm.send('GET', at(devAccount, storageVersion));
    const existing = z.object({ kind: z.string(), sku: z.json(), properties: z.json(), tags: z.json().optional() }).parse(body);
    const same = account('stdevdata', existing);
    expect(await changes(templateOf(account('stnew'), same))).toEqual([
      ['stnew', 'Create', undefined],
      ['stdevdata', 'NoChange', []],
      ...['vm-dev-1', 'sql-dev-1', 'kv-dev-1', 'nsg-dev'].map((name) => [name, 'Ignore', undefined]),
    ]);
    const premium = { ...same, sku: { name: 'Premium_LRS', tier: 'Standard' } };
    expect((await changes(templateOf(premium)))[0]).toEqual([
      'stdevdata',
      'Modify',
      [{ path: 'sku.name', propertyChangeType: 'Modify', before: 'Standard_LRS', after: 'Premium_LRS' }],
    ]);
  });

  it('says what complete mode would delete', async () => {
    const found = await changes(templateOf(), 'Complete');
    expect(found.map(([name, change]) => [name, change])).toEqual(
      ['stdevdata', 'vm-dev-1', 'sql-dev-1', 'kv-dev-1', 'nsg-dev'].map((name) => [name, 'Delete']),
    );
  });

  it('changes nothing', async () => {
    await changes(templateOf(account('stnew')), 'Complete');
    expect(await resourcesOf(devGroup)).toEqual(['vm-dev-1', 'kv-dev-1', 'nsg-dev', 'sql-dev-1', 'stdevdata']);
    expect(
      arm
        .manager()
        .requests()
        .every(({ effect }) => effect === null),
    ).toBe(true);
  });
});

describe('the real Azure client', () => {
  it('deploys, and moves what was made', async () => {
    await arm.restart({ longRunning: { durationMs: 0, retryAfterSeconds: 0 } });
    const credential: TokenCredential = {
      getToken: async () => ({ token: arm.operatorToken(), expiresOnTimestamp: Date.now() + 3_600_000 }),
    };
    const options = { endpoint: arm.manager().address, retryOptions: { maxRetries: 0 } };
    const { resources } = new ResourceManagementClient(credential, subscriptionId, options);
    const id = `${devGroup}/providers/Microsoft.Resources/deployments/release-1`.slice(1);
    const properties = { mode: 'Incremental', template: templateOf(account('stclient')) } as const;
    const deployed = await resources.createOrUpdateById(id, resourcesVersion, { properties }, { updateIntervalInMs: 1 });
    const made = `${devGroup}/providers/Microsoft.Storage/storageAccounts/stclient`;
    await resources.moveResources('rg-dev', { resources: [made], targetResourceGroup: prodGroup }, { updateIntervalInMs: 1 });
    const moved = await resources.getById(`${prodGroup}/providers/Microsoft.Storage/storageAccounts/stclient`.slice(1), storageVersion);
    expect([deployed.properties, moved.name]).toMatchObject([{ provisioningState: 'Succeeded' }, 'stclient']);
  });
});
