import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nameOf } from '../../support/bicep/bicep-evaluation.ts';
import { loadBicepParser, nodesIn, partsOf, textOf } from '../../support/bicep/bicep-syntax.ts';
import { isObject, valueAt } from '../../support/bicep/bicep-value.ts';
import { azureDirectory, deployed, variants } from './deployed.ts';
import { expectHardened } from './hardening.ts';

const parse = await loadBicepParser();
const files = readdirSync(azureDirectory, { recursive: true, encoding: 'utf8' }).filter((name) => /\.bicep(param)?$/.test(name));
const sources = files.map((name) => ({ name, syntax: parse(readFileSync(`${azureDirectory}/${name}`, 'utf8')) }));

describe('every template', () => {
  it.each(sources)('$name is Bicep throughout', ({ syntax }) => {
    const broken = nodesIn(syntax.root).filter(({ isBroken }) => isBroken);
    expect(broken.map((node) => `line ${node.row + 1}: ${textOf(syntax, node).slice(0, 40)}`)).toEqual([]);
  });

  it.each(sources)('$name declares nothing that it does not use', ({ name, syntax }) => {
    if (name.endsWith('.bicepparam') || name.endsWith('types.bicep')) return;
    const declared = partsOf(syntax.root).filter(({ type }) => type === 'parameter_declaration' || type === 'variable_declaration');
    const used = nodesIn(syntax.root)
      .filter(({ type }) => type === 'identifier')
      .map((node) => textOf(syntax, node));
    const unused = declared.map((node) => nameOf(syntax, node)).filter((one) => used.filter((other) => other === one).length < 2);
    expect(unused).toEqual([]);
  });

  it('explains every parameter that somebody gives', () => {
    const main = sources.find(({ name }) => name === 'main.bicep');
    const parts = main === undefined ? [] : partsOf(main.syntax.root);
    const silent = parts.filter(
      (node, index) =>
        main !== undefined &&
        node.type === 'parameter_declaration' &&
        !/@description\('.{10,}'\)/.test(textOf(main.syntax, parts[index - 1] ?? node)),
    );
    expect(silent).toEqual([]);
    expect(parts.filter(({ type }) => type === 'parameter_declaration').length).toBeGreaterThan(20);
  });

  it('gives a role in one place: by roles.bicep, through the files of assign', () => {
    const giving = sources.filter(({ syntax }) => syntax.text.includes("'Microsoft.Authorization/roleAssignments@"));
    expect(giving.map(({ name }) => name).filter((name) => !name.startsWith('assign/'))).toEqual([]);
    const using = sources.filter(({ syntax }) => /'(?:\.\.\/)*assign\//.test(syntax.text));
    expect(using.map(({ name }) => name)).toEqual(['roles.bicep']);
  });
});

describe('a deployment', () => {
  it.each(variants)('has no key, no open door and no old protocol: $layout, $network', (variant) => {
    const { resources } = deployed(variant);
    expectHardened(
      resources.map(({ type, body }) => ({
        type: type.split('@')[0] ?? '',
        properties: isObject(body['properties']) ? body['properties'] : {},
      })),
    );
  });

  it('has no public address in a private network but the one that Teams needs', () => {
    const open = deployed({ network: 'private' }).resources.filter(
      ({ type, body }) =>
        /\/(storageAccounts|namespaces|vaults|sites)@/.test(type) && valueAt(body, 'properties', 'publicNetworkAccess') !== 'Disabled',
    );
    expect(open.map(({ id }) => id.split('/').at(-1)?.split('-').at(-1))).toEqual(['approvals']);
    expect(valueAt(open[0]?.body, 'properties', 'siteConfig')).toMatchObject({
      ipSecurityRestrictionsDefaultAction: 'Deny',
      scmIpSecurityRestrictionsDefaultAction: 'Deny',
      ipSecurityRestrictions: [{ action: 'Allow', tag: 'ServiceTag', ipAddress: 'AzureBotService' }],
    });
  });

  it('reaches everything that has no public address through an endpoint of its own', () => {
    const { resources } = deployed({ network: 'private' });
    const endpoints = resources.filter(({ type }) => type.startsWith('Microsoft.Network/privateEndpoints@'));
    expect(endpoints.map(({ body }) => String(body['name']).replace(/^pe-[a-z0-9]{13}-/, '')).toSorted()).toEqual([
      'app-approvals',
      'app-edge',
      'app-executor',
      'data-blob',
      'data-table',
      'host-approvals',
      'host-edge',
      'host-executor',
      'namespace',
      'vault',
    ]);
    const aims = endpoints.map(({ body }) =>
      JSON.stringify(valueAt(body, 'properties', 'privateLinkServiceConnections'))
        .match(/"privateLinkServiceId":"([^"]+)"/)
        ?.at(1),
    );
    const ids = new Set(resources.map(({ id }) => id));
    expect(aims.filter((id) => id === undefined || !ids.has(id))).toEqual([]);
  });

  it('keeps evidence, keys and queues from being deleted, unless that is said', () => {
    const locks = (parameters: Record<string, boolean>) =>
      deployed(parameters)
        .resources.filter(({ type }) => type.startsWith('Microsoft.Authorization/locks@'))
        .map(({ id }) => id.split('/').at(-1));
    expect(locks({})).toEqual(['evidence', 'operations-under-way', 'sealing-keys']);
    expect(locks({ locks: false })).toEqual([]);
  });

  it('has exports that cannot be changed for a year, and leaves a locked policy alone', () => {
    const policies = (days: number) =>
      deployed({ exportRetentionDays: days }).resources.filter(({ type }) => type.includes('/immutabilityPolicies@'));
    expect(policies(365).map(({ id, body }) => [id.split('/').slice(-4).join('/'), valueAt(body, 'properties')])).toEqual([
      [
        'containers/exports/immutabilityPolicies/default',
        { immutabilityPeriodSinceCreationInDays: 365, allowProtectedAppendWrites: false },
      ],
    ]);
    expect(policies(0)).toEqual([]);
  });

  it.each(variants)('sends to Log Analytics what happens to each thing that can: $layout, $network', (variant) => {
    const { resources } = deployed(variant);
    const logged = new Set(
      resources
        .filter(({ type }) => type.startsWith('Microsoft.Insights/diagnosticSettings@'))
        .map(({ id }) => id.split('/providers/Microsoft.Insights/')[0]),
    );
    const able = resources.filter(({ type }) =>
      /^Microsoft\.(Storage\/storageAccounts\/blobServices|Storage\/storageAccounts\/tableServices|ServiceBus\/namespaces|KeyVault\/vaults|Web\/sites|BotService\/botServices|OperationalInsights\/workspaces|Network\/virtualNetworks|Network\/networkSecurityGroups)@/.test(
        type,
      ),
    );
    expect(able.map(({ id }) => id).filter((id) => !logged.has(id))).toEqual([]);
  });

  it('tags everything that takes tags', () => {
    const untagged = deployed({ network: 'private', tags: { costCentre: '42' } }).resources.filter(
      ({ body }) => body['location'] !== undefined && valueAt(body['tags'] ?? {}, 'costCentre') !== '42',
    );
    expect(untagged.map(({ type }) => type.split('@')[0])).toEqual(['Microsoft.BotService/botServices/channels']);
  });
});
