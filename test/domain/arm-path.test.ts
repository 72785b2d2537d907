import { describe, expect, it } from 'vitest';
import { ArmPathError, parseArmPath } from '../../shared/domain/arm-path.ts';

const sub = '/subscriptions/00000000-0000-0000-0000-000000000001';
const account = `${sub}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st`;

function refusalOf(path: string): string {
  try {
    parseArmPath(path);
    return 'accepted';
  } catch (error) {
    if (error instanceof ArmPathError) return error.message;
    throw error;
  }
}

describe('a path is refused, and the message names what is odd', () => {
  it.each<[string, string, RegExp]>([
    ['nothing', '', /must start with "\/"/],
    ['no slash at the start', sub.slice(1), /must start with "\/"/],
    ['a whole address', `https://management.azure.com${sub}`, /must start with "\/" and name no host/],
    ['another host', `//evil.example${sub}`, /empty segment/],
    ['a slash alone', '/', /empty segment/],
    ['a slash at the end', `${sub}/`, /empty segment/],
    ['two slashes', `${sub}//resourceGroups/rg`, /empty segment/],
    ['an encoded slash', `${sub}/resourceGroups/a%2Fb`, /the escape "%2F"/],
    ['an encoded dot segment', `${sub}/%2e%2e/x`, /the escape "%2e"/],
    ['an encoded slash, encoded again', `${sub}/resourceGroups/a%252Fb`, /the escape "%25"/],
    ['an encoded letter, which would be a second spelling', `${sub}/resourceGroups/%72g`, /the escape "%72"/],
    ['an encoded null', `${sub}/resourceGroups/rg%00`, /the escape "%00"/],
    ['half an escape', `${sub}/resourceGroups/rg%2`, /the escape "%2"/],
    ['a space at the start of a name', `${sub}/resourceGroups/%20rg`, /begins or ends with a space/],
    ['a space at the end of a name', `${sub}/resourceGroups/rg%20`, /begins or ends with a space/],
    ['a space in a type', `${sub}/resourceGroups/rg/providers/Microsoft.Storage/storage%20accounts/st`, /not a resource type or action/],
    ['a fullwidth solidus', `${sub}/resourceGroups/a／b`, /non-ASCII/],
    ['a backslash', `${sub}\\resourceGroups\\rg`, /holds "\\"/],
    ['a query', `${sub}?api-version=2024-01-01`, /holds "\?"/],
    ['a fragment', `${sub}#x`, /holds "#"/],
    ['a dot segment', `${sub}/./resourceGroups/rg`, /dot segment \("\."\)/],
    ['a step up', `${sub}/../providers/x`, /dot segment \("\.\."\)/],
    ['a step up instead of a subscription', '/subscriptions/x/../y', /dot segment \("\.\."\)/],
    ['three dots', `${sub}/resourceGroups/...`, /dot segment \("\.\.\."\)/],
    ['a dot at the end of a name', `${sub}/resourceGroups/rg.`, /ends in a dot/],
    ['a space', `${sub}/resourceGroups/my rg`, /a space/],
    ['a tab', `${sub}/resourceGroups/rg\t`, /a control/],
    ['a line end', `${sub}/resourceGroups/rg\n`, /a control/],
    ['a null character', `${sub}/resourceGroups/rg\u0000`, /a control/],
    ['a delete character', `${sub}/resourceGroups/rg\u007f`, /a control/],
    ['a zero-width space', `${sub}/resourceGroups/rg\u200b`, /an invisible/],
    ['a soft hyphen', `${sub}/resourceGroups/r\u00adg`, /an invisible/],
    ['a right-to-left override', `${sub}/resourceGroups/\u202egr`, /an invisible/],
    ['a Cyrillic letter that looks Latin', `${sub}/resourceGroups/p\u0430yments`, /non-ASCII/],
    ['an emoji', `${sub}/resourceGroups/😀`, /non-ASCII/],
    ['angle brackets', `${sub}/resourceGroups/<rg>`, /a character that Azure names cannot have/],
    ['a quotation mark', `${sub}/resourceGroups/"rg"`, /a character that Azure names cannot have/],
    ['an ampersand', `${sub}/resourceGroups/a&b`, /a character that Azure names cannot have/],
    ['braces left from a template', `${sub}/resourceGroups/{name}`, /a character that Azure names cannot have/],
    ['a subscription that is no GUID', '/subscriptions/prod/resourceGroups/rg', /not a GUID/],
    ['a GUID in braces', '/subscriptions/{00000000-0000-0000-0000-000000000001}', /cannot have/],
    ['a GUID of another length', '/subscriptions/00000000-0000-0000-0000-00000000001', /not a GUID/],
    ['a GUID without hyphens', '/subscriptions/00000000000000000000000000000001', /not a GUID/],
    ['a batch of hidden requests', '/batch', /"batch" where "subscriptions" or "providers" should stand/],
    ['a group outside a subscription', '/resourceGroups/rg', /"resourcegroups" where "subscriptions" or "providers"/],
    ['a provider that is no namespace', `${sub}/providers/Storage/storageAccounts/st`, /"storage" is not a resource provider namespace/],
    ['a namespace with an empty part', `${sub}/providers/Microsoft..Storage/storageAccounts/st`, /not a resource provider namespace/],
    ['a provider without a type', `${sub}/providers/Microsoft.Storage/providers/Microsoft.Storage`, /"providers" where a type/],
    [
      'a provider without a type, holding a role assignment',
      '/providers/Microsoft.Capacity/providers/Microsoft.Authorization/roleAssignments/a',
      /"providers" where a type of microsoft\.capacity should stand/,
    ],
    ['a resource called providers', `${sub}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/providers`, /where a name/],
    ['a group called Providers', `${sub}/resourceGroups/Providers/providers/Microsoft.Storage/storageAccounts/st`, /where a name/],
    [
      'a type that is no word',
      `${sub}/resourceGroups/rg/providers/Microsoft.Storage/$batch/x`,
      /"\$batch" is not a resource type or action/,
    ],
    ['an action that is no word', `${account}/list-keys`, /"list-keys" is not a resource type or action/],
    ['something after a listing of a subscription', `${sub}/locations/westeurope`, /goes on after "locations"/],
    ['something after a value of a tag', `${sub}/tagNames/environment/tagValues/dev/x`, /"x" where "subscriptions" or "providers"/],
    ['a tenant with more', '/tenants/x', /"tenants" where "subscriptions" or "providers" should stand/],
    ['a subscription spelled as a resource', `/providers/Microsoft.Resources/subscriptions/${sub.slice(15)}`, /has a path of its own/],
    ['a group spelled as a resource', `${sub}/providers/Microsoft.Resources/resourceGroups/rg`, /has a path of its own/],
    ['something after an action on a group', `${sub}/resourceGroups/rg/moveResources/now`, /goes on after "moveresources"/],
  ])('%s', (_, path, message) => {
    expect(refusalOf(path)).toMatch(message);
  });

  it('over 2,048 characters', () => {
    expect(refusalOf(`${sub}/resourceGroups/${'a'.repeat(2049 - sub.length - 16)}`)).toBe('The path is longer than 2048 characters.');
  });

  it('by the class of error that callers translate', () => {
    expect(() => parseArmPath('')).toThrow(ArmPathError);
  });
});

describe('a path is read', () => {
  type Row = {
    readonly path: string;
    readonly canonical: string;
    readonly type: string;
    readonly verb?: string;
    readonly resourceId: string;
    readonly containers: readonly string[];
  };
  const group = `${sub}/resourcegroups/rg`;
  const accountId = `${group}/providers/microsoft.storage/storageaccounts/st`;
  it.each<Row>([
    {
      path: '/subscriptions',
      canonical: '/subscriptions',
      type: 'microsoft.resources',
      verb: 'subscriptions',
      resourceId: '/',
      containers: [],
    },
    { path: '/providers', canonical: '/providers', type: 'microsoft.resources', verb: 'providers', resourceId: '/', containers: [] },
    {
      path: '/providers/Microsoft.ResourceGraph/resources',
      canonical: '/providers/microsoft.resourcegraph/resources',
      type: 'microsoft.resourcegraph',
      verb: 'resources',
      resourceId: '/',
      containers: [],
    },
    {
      path: '/providers/Microsoft.Authorization/elevateAccess',
      canonical: '/providers/microsoft.authorization/elevateaccess',
      type: 'microsoft.authorization',
      verb: 'elevateaccess',
      resourceId: '/',
      containers: [],
    },
    { path: sub, canonical: sub, type: 'microsoft.resources/subscriptions', resourceId: sub, containers: ['/'] },
    {
      path: '/SUBSCRIPTIONS/ABCDEF00-0000-0000-0000-000000000001',
      canonical: '/subscriptions/abcdef00-0000-0000-0000-000000000001',
      type: 'microsoft.resources/subscriptions',
      resourceId: '/subscriptions/abcdef00-0000-0000-0000-000000000001',
      containers: ['/'],
    },
    {
      path: `${sub}/RESOURCEGROUPS`,
      canonical: `${sub}/resourceGroups`,
      type: 'microsoft.resources/subscriptions',
      verb: 'resourcegroups',
      resourceId: sub,
      containers: ['/'],
    },
    {
      path: `${sub}/resourcegroups/RG-Prod`,
      canonical: `${sub}/resourceGroups/RG-Prod`,
      type: 'microsoft.resources/subscriptions/resourcegroups',
      resourceId: `${sub}/resourcegroups/rg-prod`,
      containers: [sub, '/'],
    },
    {
      path: `${sub}/resourceGroups/rg/moveResources`,
      canonical: `${sub}/resourceGroups/rg/moveresources`,
      type: 'microsoft.resources/subscriptions/resourcegroups',
      verb: 'moveresources',
      resourceId: group,
      containers: [sub, '/'],
    },
    {
      path: `${sub}/providers/Microsoft.Storage`,
      canonical: `${sub}/providers/microsoft.storage`,
      type: 'microsoft.resources/subscriptions',
      verb: 'providers',
      resourceId: sub,
      containers: ['/'],
    },
    {
      path: `${sub}/providers/Microsoft.Storage/checkNameAvailability`,
      canonical: `${sub}/providers/microsoft.storage/checknameavailability`,
      type: 'microsoft.storage',
      verb: 'checknameavailability',
      resourceId: sub,
      containers: ['/'],
    },
    {
      path: account,
      canonical: `${sub}/resourceGroups/rg/providers/microsoft.storage/storageaccounts/st`,
      type: 'microsoft.storage/storageaccounts',
      resourceId: accountId,
      containers: [group, sub, '/'],
    },
    {
      path: `${account}/listKeys`,
      canonical: `${sub}/resourceGroups/rg/providers/microsoft.storage/storageaccounts/st/listkeys`,
      type: 'microsoft.storage/storageaccounts',
      verb: 'listkeys',
      resourceId: accountId,
      containers: [group, sub, '/'],
    },
    {
      path: `${account}/blobServices/default/containers/Invoices`,
      canonical: `${sub}/resourceGroups/rg/providers/microsoft.storage/storageaccounts/st/blobservices/default/containers/Invoices`,
      type: 'microsoft.storage/storageaccounts/blobservices/containers',
      resourceId: `${accountId}/blobservices/default/containers/invoices`,
      containers: [`${accountId}/blobservices/default`, accountId, group, sub, '/'],
    },
    {
      path: `${account}/providers/Microsoft.Authorization/roleAssignments/6a1b`,
      canonical: `${sub}/resourceGroups/rg/providers/microsoft.storage/storageaccounts/st/providers/microsoft.authorization/roleassignments/6a1b`,
      type: 'microsoft.authorization/roleassignments',
      resourceId: `${accountId}/providers/microsoft.authorization/roleassignments/6a1b`,
      containers: [accountId, group, sub, '/'],
    },
    {
      path: `${account}/providers/Microsoft.Authorization/locks`,
      canonical: `${sub}/resourceGroups/rg/providers/microsoft.storage/storageaccounts/st/providers/microsoft.authorization/locks`,
      type: 'microsoft.authorization',
      verb: 'locks',
      resourceId: accountId,
      containers: [group, sub, '/'],
    },
    {
      path: '/providers/Microsoft.Management/managementGroups/root/providers/Microsoft.Authorization/policyAssignments/p',
      canonical: '/providers/microsoft.management/managementgroups/root/providers/microsoft.authorization/policyassignments/p',
      type: 'microsoft.authorization/policyassignments',
      resourceId: '/providers/microsoft.management/managementgroups/root/providers/microsoft.authorization/policyassignments/p',
      containers: ['/providers/microsoft.management/managementgroups/root', '/'],
    },
    {
      path: `${sub}/resourceGroups/rg/providers/Microsoft.DocumentDB/databaseAccounts/c/sqlDatabases/Orders/containers/Items`,
      canonical: `${sub}/resourceGroups/rg/providers/microsoft.documentdb/databaseaccounts/c/sqldatabases/Orders/containers/Items`,
      type: 'microsoft.documentdb/databaseaccounts/sqldatabases/containers',
      resourceId: `${group}/providers/microsoft.documentdb/databaseaccounts/c/sqldatabases/orders/containers/items`,
      containers: [
        `${group}/providers/microsoft.documentdb/databaseaccounts/c/sqldatabases/orders`,
        `${group}/providers/microsoft.documentdb/databaseaccounts/c`,
        group,
        sub,
        '/',
      ],
    },
  ])('$path', ({ path, verb, ...expected }) => {
    const { canonical, type, verb: readVerb, resourceId, containers } = parseArmPath(path);
    expect({ canonical, type, resourceId, containers }).toEqual(expected);
    expect(readVerb).toBe(verb);
  });

  it('with what people read: subscription, group and name', () => {
    expect(parseArmPath(`${sub}/resourceGroups/RG-Prod/providers/Microsoft.Storage/storageAccounts/StProd`)).toMatchObject({
      subscriptionId: '00000000-0000-0000-0000-000000000001',
      resourceGroup: 'rg-prod',
      name: 'StProd',
    });
  });

  it.each([
    ['/providers/Microsoft.Authorization/roleAssignments/a', 'tenant'],
    ['/providers/Microsoft.Management/managementGroups/m/providers/Microsoft.Authorization/roleAssignments/a', 'managementGroup'],
    ['/providers/Microsoft.Management/managementGroups/m', 'tenant'],
    [sub, 'subscription'],
    [`${sub}/providers/Microsoft.Authorization/roleAssignments/a`, 'subscription'],
    [`${sub}/resourceGroups/rg`, 'resourceGroup'],
    [account, 'resourceGroup'],
    [`${account}/blobServices/default`, 'resourceGroup'],
    [`${account}/providers/Microsoft.Authorization/roleAssignments/a`, 'resource'],
  ])('%s stands on a scope: %s', (path, scope) => {
    expect(parseArmPath(path).scope).toBe(scope);
  });

  it('with the names and values of tags that a subscription suggests', () => {
    expect(parseArmPath(`${sub}/tagNames/CostCenter/tagValues/Blue`)).toMatchObject({
      folded: `${sub}/tagNames/costcenter/tagValues/Blue`,
      type: 'microsoft.resources/subscriptions/tagnames/tagvalues',
      containers: [`${sub}/tagnames/costcenter`, sub, '/'],
    });
  });

  it('with the resource that a GET of the target asks for, which leaves out the verb', () => {
    expect(parseArmPath(`${account}/listKeys`).resource).toBe(`${sub}/resourceGroups/rg/providers/microsoft.storage/storageaccounts/st`);
    expect(parseArmPath('/providers/Microsoft.Authorization/elevateAccess').resource).toBe('/');
  });

  it('with the odd but lawful characters of names', () => {
    const name = "a-b._c~(d)!$'*+,;=:@|e";
    expect(parseArmPath(`${sub}/resourceGroups/rg/providers/Microsoft.Foo/bars/${name}`).name).toBe(name);
  });

  it('up to 2,048 characters', () => {
    expect(parseArmPath(`${sub}/resourceGroups/${'a'.repeat(2048 - sub.length - 16)}`).resourceGroup).toHaveLength(2048 - sub.length - 16);
  });
});

describe('case is folded where Azure folds it', () => {
  const rg = `${sub}/resourceGroups/rg/providers`;
  it.each([
    ['a group', `${sub}/RESOURCEGROUPS/RG-One`, `${sub}/resourceGroups/rg-one`],
    ['a resource', `${rg}/Microsoft.Compute/virtualMachines/VM-1`, `${rg}/microsoft.compute/virtualmachines/vm-1`],
    ['what lies in it', `${rg}/Microsoft.Sql/servers/S/databases/Orders`, `${rg}/microsoft.sql/servers/s/databases/orders`],
    ['an action', `${rg}/Microsoft.Compute/virtualMachines/VM-1/Restart`, `${rg}/microsoft.compute/virtualmachines/vm-1/restart`],
    [
      'what extends it',
      `${rg}/Microsoft.Compute/virtualMachines/VM-1/Providers/Microsoft.Authorization/Locks/Mine`,
      `${rg}/microsoft.compute/virtualmachines/vm-1/providers/microsoft.authorization/locks/mine`,
    ],
    [
      'a management group',
      '/providers/Microsoft.Management/managementGroups/Corp',
      '/providers/microsoft.management/managementgroups/corp',
    ],
    ['a space', `${rg}/Microsoft.Insights/metricAlerts/Failure%20Anomalies`, `${rg}/microsoft.insights/metricalerts/failure%20anomalies`],
  ])('%s', (_, path, folded) => {
    expect(parseArmPath(path).folded).toBe(folded);
  });

  it.each([
    [
      'a database of Cosmos DB and what is in it',
      'Microsoft.DocumentDB/databaseAccounts/C/sqlDatabases/Orders/containers/Items',
      'c/sqldatabases/Orders/containers/Items',
    ],
    ['a database of PostgreSQL', 'Microsoft.DBforPostgreSQL/flexibleServers/S/databases/Orders', 's/databases/Orders'],
    ['a database of Kusto', 'Microsoft.Kusto/clusters/K/databases/Logs', 'k/databases/Logs'],
    ['a key-value of App Configuration', 'Microsoft.AppConfiguration/configurationStores/A/keyValues/Flag$Blue', 'a/keyvalues/Flag$Blue'],
    [
      'an asset of machine learning',
      'Microsoft.MachineLearningServices/workspaces/W/models/Model/versions/V1',
      'w/models/Model/versions/V1',
    ],
    ['a run of a workflow', 'Microsoft.Logic/workflows/W/runs/08585', 'w/runs/08585'],
  ])('but not %s', (_, path, kept) => {
    expect(parseArmPath(`${rg}/${path}`).folded.endsWith(`/${kept}`)).toBe(true);
  });

  it('a name that a PUT may create keeps its spelling, and what holds it does not', () => {
    expect(parseArmPath(`${rg}/Microsoft.Sql/servers/S/databases/Orders`).canonical).toBe(`${rg}/microsoft.sql/servers/s/databases/Orders`);
  });

  it('a GUID has one spelling everywhere', () => {
    const path = `${sub}/providers/Microsoft.Authorization/roleAssignments/ABCDEF00-0000-0000-0000-000000000009`;
    expect(parseArmPath(path).canonical).toBe(
      `${sub}/providers/microsoft.authorization/roleassignments/abcdef00-0000-0000-0000-000000000009`,
    );
  });
});
