import { describe, expect, it } from 'vitest';
import { actionOf } from '../../shared/domain/action.ts';
import { parseArmCall } from '../../shared/domain/arm-call.ts';
import { ArmRequestError, armRequestJson, parseArmRequest } from '../../shared/domain/arm-request.ts';
import { digestOf } from '../../shared/domain/digest.ts';

const group = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg';
const search = `${group}/providers/Microsoft.Search/searchServices/find`;
const scaleSet = `${group}/providers/Microsoft.Compute/virtualMachineScaleSets/set`;
const automation = `${group}/providers/Microsoft.Automation/automationAccounts/auto`;

function post(path: string) {
  return parseArmRequest({ method: 'POST', path, apiVersion: '2024-01-01', query: {}, headers: {}, body: undefined });
}

function refusalOf(path: string): string {
  try {
    return `accepted as ${actionOf('POST', post(path).path)}`;
  } catch (error) {
    if (error instanceof ArmRequestError) return error.message;
    throw error;
  }
}

describe('a POST that ends in a name is refused where it cannot be told from a resource', () => {
  it.each([
    ['a resource', `${group}/providers/Microsoft.Compute/virtualMachines/vm`],
    ['a resource whose type begins like an action', search],
    ['a resource that is called like an action', `${group}/providers/Microsoft.Compute/virtualMachines/restart`],
    ['a nested resource', `${group}/providers/Microsoft.Compute/virtualMachines/vm/extensions/agent`],
    ['an extension resource', `${search}/providers/Microsoft.Authorization/roleAssignments/restart`],
    ['a group that is called like an action', group.replace(/rg$/, 'restart')],
    ['a subscription', group.slice(0, group.indexOf('/resourceGroups'))],
    ['a value of a tag', `${group.slice(0, group.indexOf('/resourceGroups'))}/tagNames/list/tagValues/restart`],
    ['an action that is no word', `${scaleSet}/rollingUpgrades/cancel-now`],
  ])('%s', (_, path) => {
    expect(refusalOf(path)).toMatch(/^A POST must end in an action/);
  });

  it('in any other method it names a resource', () => {
    expect(parseArmCall('DELETE', `${search}/regenerateAdminKey/primary`)).toMatchObject({ verb: undefined, name: 'primary' });
  });
});

describe("an action with an argument is called as Azure's RBAC calls it, and acts on the resource before it", () => {
  it.each([
    [`${search}/regenerateAdminKey/primary`, 'microsoft.search/searchservices/regenerateadminkey/action'],
    [`${search}/createQueryKey/App`, 'microsoft.search/searchservices/createquerykey/action'],
    [
      `${group}/providers/Microsoft.HDInsight/clusters/spark/configurations/core-site`,
      'microsoft.hdinsight/clusters/configurations/action',
    ],
    [
      `${group}/providers/Microsoft.Network/expressRouteCircuits/line/peerings/private/arpTables/primary`,
      'microsoft.network/expressroutecircuits/peerings/arptables/action',
    ],
    [`${group}/providers/Microsoft.Network/connections/vpn/sharedKey/reset`, 'microsoft.network/connections/sharedkey/action'],
  ])('%s', (path, action) => {
    const read = post(path).path;
    expect(actionOf('POST', read)).toBe(action);
    expect(read.resourceId).toBe(path.toLowerCase().split('/').slice(0, -2).join('/'));
    expect(read.containers[0]).toBe(
      read.resourceId
        .split('/')
        .slice(0, -2)
        .join('/')
        .replace(/\/providers\/[^/]+$/, ''),
    );
  });

  it('keeps the spelling of its argument, which may be what it creates', () => {
    expect(post(`${search}/createQueryKey/App`).request.path.split('/').slice(-2)).toEqual(['createquerykey', 'App']);
  });
});

describe('an action on all resources of a type', () => {
  it.each([
    [`${scaleSet}/rollingUpgrades/cancel`, 'microsoft.compute/virtualmachinescalesets/rollingupgrades/cancel/action'],
    [
      `${group}/providers/Microsoft.EventHub/namespaces/hub/disasterRecoveryConfigs/CheckNameAvailability`,
      'microsoft.eventhub/namespaces/disasterrecoveryconfigs/checknameavailability/action',
    ],
    [
      `${group}/providers/Microsoft.DBforMySQL/flexibleServers/db/backups/purge`,
      'microsoft.dbformysql/flexibleservers/backups/purge/action',
    ],
  ])('has its own name: %s', (path, action) => {
    expect(actionOf('POST', post(path).path)).toBe(action);
  });

  it.each([
    [`${automation}/webhooks/generateUri`, 'microsoft.automation/automationaccounts/webhooks/action'],
    [
      `${group}/providers/Microsoft.OperationalInsights/queryPacks/pack/queries/search`,
      'microsoft.operationalinsights/querypacks/queries/action',
    ],
  ])('has the name of the type where Azure documents it so: %s', (path, action) => {
    expect(actionOf('POST', post(path).path)).toBe(action);
  });

  it('is the same in any case', () => {
    const digest = (path: string) => digestOf(armRequestJson(post(path).request));
    expect(digest(`${scaleSet}/ROLLINGUPGRADES/Cancel`)).toBe(digest(`${scaleSet}/rollingUpgrades/cancel`));
  });
});

it.each([`${search}/createQueryKey/App`, `${scaleSet}/rollingUpgrades/cancel`, `${automation}/webhooks/generateUri`])(
  'is accepted again in its canonical form: %s',
  (path) => {
    const once = post(path);
    expect(parseArmRequest(once.request)).toEqual(once);
    expect(parseArmCall('POST', once.request.path)).toEqual(once.path);
  },
);
