import { describe, expect, it } from 'vitest';
import { loadGrantableRoles } from '../../../shared/adapters/policy-files/grantable-roles.ts';
import { granterCondition } from '../../../shared/domain/access/assignment-condition.ts';
import { tiers } from '../../../shared/domain/access/tiers.ts';
import { guidOf } from '../../support/bicep/bicep-functions.ts';
import { asObject, asText, type BicepObject } from '../../support/bicep/bicep-value.ts';
import { azureDirectory, deployed, homeSubscription, managedSubscription } from './deployed.ts';
import { forbiddenRoles } from './hardening.ts';

/** Source: learn.microsoft.com/azure/role-based-access-control/built-in-roles. */
const roleNames: Readonly<Record<string, string>> = {
  'acdd72a7-3385-48ef-bd42-f606fba81ae7': 'Reader',
  '21090545-7ca7-4776-b22c-e363652d74d2': 'Key Vault Reader',
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
  'f58310d9-a9f6-439a-9e8d-f62e7b41a168': 'Role Based Access Control Administrator',
  '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0': 'Azure Service Bus Data Receiver',
  '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39': 'Azure Service Bus Data Sender',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'Storage Blob Data Contributor',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
  '76199698-9eea-4c19-bc75-cec21354c6b6': 'Storage Table Data Reader',
};

/** Every right of a deployment: who, what, where. */
function rightsOf(parameters: BicepObject): readonly string[] {
  const { resources, outputs } = deployed(parameters);
  const token = asText(outputs['COUNTERSIGN_VAULT']).slice('kv-'.length);
  const identities = resources.filter(({ type }) => type.startsWith('Microsoft.ManagedIdentity/'));
  const nameOf = new Map(
    identities.map(({ id, body }) => [guidOf(id, 'principal'), asText(body['name']).replace(/^id-[0-9a-z]{13}-/, '')]),
  );
  return resources
    .filter(({ type }) => type.startsWith('Microsoft.Authorization/roleAssignments@'))
    .map(({ id, body }) => {
      const { principalId, roleDefinitionId, condition } = asObject(body['properties']);
      const role = roleNames[asText(roleDefinitionId).split('/').at(-1) ?? ''] ?? 'an unknown role';
      const scope = id.split('/providers/Microsoft.Authorization/')[0] ?? '';
      const where = scope
        .replace(`/subscriptions/${homeSubscription}/resourceGroups/rg-prod/providers/`, '')
        .replaceAll(token, 'X')
        .replace(/^Microsoft\.\w+\/(storageAccounts|namespaces|vaults|components)\//, '')
        .replace(/(tableServices|blobServices)\/default\/(tables|containers)\/|queues\//, '');
      return `${nameOf.get(asText(principalId))}: ${role} on ${where}${condition === undefined ? '' : ', conditionally'}`;
    });
}

const managed = `/subscriptions/${managedSubscription}`;

describe('the rights that a deployment takes', () => {
  it('are these and no others', () => {
    expect(rightsOf({}).toSorted()).toEqual([
      'approvals: Azure Service Bus Data Receiver on sb-X/approval-requests',
      'approvals: Azure Service Bus Data Receiver on sb-X/changes',
      'approvals: Azure Service Bus Data Receiver on sb-X/notices',
      'approvals: Azure Service Bus Data Sender on sb-X/approval-requests',
      'approvals: Azure Service Bus Data Sender on sb-X/changes',
      'approvals: Azure Service Bus Data Sender on sb-X/checks',
      'approvals: Azure Service Bus Data Sender on sb-X/executions',
      'approvals: Azure Service Bus Data Sender on sb-X/notices',
      'approvals: Azure Service Bus Data Sender on sb-X/set-aside',
      'approvals: Key Vault Secrets User on kv-X',
      'approvals: Monitoring Metrics Publisher on appi-X',
      'approvals: Storage Blob Data Contributor on stXdata/operation-bodies',
      'approvals: Storage Blob Data Owner on stXapprovals',
      'approvals: Storage Table Data Contributor on stXdata/notices',
      'approvals: Storage Table Data Contributor on stXdata/operationIndex',
      'approvals: Storage Table Data Contributor on stXdata/operations',
      'approvals: Storage Table Data Contributor on stXdata/strayMessages',
      'edge: Azure Service Bus Data Sender on sb-X/approval-requests',
      'edge: Azure Service Bus Data Sender on sb-X/changes',
      'edge: Azure Service Bus Data Sender on sb-X/checks',
      'edge: Azure Service Bus Data Sender on sb-X/executions',
      'edge: Key Vault Secrets User on kv-X',
      'edge: Monitoring Metrics Publisher on appi-X',
      'edge: Storage Blob Data Contributor on stXdata/operation-bodies',
      'edge: Storage Blob Data Owner on stXedge',
      'edge: Storage Table Data Contributor on stXdata/limits',
      'edge: Storage Table Data Contributor on stXdata/operations',
      'edge: Storage Table Data Reader on stXdata/operationIndex',
      'executor: Azure Service Bus Data Receiver on sb-X/approval-requests',
      'executor: Azure Service Bus Data Receiver on sb-X/changes',
      'executor: Azure Service Bus Data Receiver on sb-X/checks',
      'executor: Azure Service Bus Data Receiver on sb-X/executions',
      'executor: Azure Service Bus Data Receiver on sb-X/notices',
      'executor: Azure Service Bus Data Receiver on sb-X/set-aside',
      'executor: Azure Service Bus Data Sender on sb-X/changes',
      'executor: Azure Service Bus Data Sender on sb-X/checks',
      'executor: Azure Service Bus Data Sender on sb-X/executions',
      'executor: Azure Service Bus Data Sender on sb-X/set-aside',
      'executor: Key Vault Secrets User on kv-X',
      'executor: Monitoring Metrics Publisher on appi-X',
      'executor: Storage Blob Data Contributor on stXdata/operation-bodies',
      'executor: Storage Blob Data Owner on stXexecutor',
      'executor: Storage Table Data Contributor on stXdata/limits',
      'executor: Storage Table Data Contributor on stXdata/operations',
      'executor: Storage Table Data Contributor on stXdata/strayMessages',
      'executor: Storage Table Data Reader on stXdata/operationIndex',
      `granter: Role Based Access Control Administrator on ${managed}, conditionally`,
      `reader: Key Vault Reader on ${managed}`,
      `reader: Reader on ${managed}`,
    ]);
  });

  it('do not let the edge listen, nor touch the code of another app', () => {
    const edge = rightsOf({}).filter((right) => right.startsWith('edge:'));
    expect(edge.filter((right) => right.includes('Receiver'))).toEqual([]);
    expect(edge.filter((right) => /stX(approvals|executor)/.test(right))).toEqual([]);
  });

  it('give the identities of operations, of the directory and of the bot nothing at all', () => {
    expect(rightsOf({}).filter((right) => /^(operator|secrets|directory|bot):/.test(right))).toEqual([]);
  });

  it('give nobody the right to give rights where operations have standing ones', () => {
    expect(rightsOf({ rights: 'standing' }).filter((right) => right.startsWith('granter:'))).toEqual([]);
  });

  it('are given once each, in the layout with one app too', () => {
    for (const layout of ['separate', 'single']) {
      const ids = deployed({ layout }).resources.map(({ id }) => id);
      expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    }
  });

  it('are given for each subscription in which agents may act', () => {
    const other = '00000000-0000-4000-8000-00000000000c';
    const rights = rightsOf({ managedSubscriptionIds: [managedSubscription, other] });
    expect(rights.filter((right) => right.includes(other))).toEqual([
      `reader: Reader on /subscriptions/${other}`,
      `reader: Key Vault Reader on /subscriptions/${other}`,
      `granter: Role Based Access Control Administrator on /subscriptions/${other}, conditionally`,
    ]);
  });

  it('never contain a role by which everything could be done', () => {
    expect(Object.keys(roleNames).filter((id) => forbiddenRoles.some((role) => role === id))).toEqual([]);
    expect(rightsOf({}).filter((right) => right.includes('unknown role'))).toEqual([]);
  });
});

describe('the condition of the granter', () => {
  it('is the one of the code, for the two identities of this deployment', async () => {
    const { resources, outputs } = deployed();
    const conditional = resources.find(({ body }) => asObject(body['properties'] ?? {})['condition'] !== undefined);
    const properties = asObject(conditional?.body['properties']);
    const principals = [asText(outputs['COUNTERSIGN_OPERATOR_PRINCIPAL_ID']), asText(outputs['COUNTERSIGN_SECRETS_PRINCIPAL_ID'])];
    const expected = granterCondition(await loadGrantableRoles(`${azureDirectory}/../policy`), principals);
    expect(properties['conditionVersion']).toBe('2.0');
    expect(inOrder(asText(properties['condition']))).toBe(inOrder(expected));
    expect(principals.every((id) => asText(properties['condition']).includes(id))).toBe(true);
  });
});

/** The same condition with the members of each of its sets in order. */
function inOrder(condition: string): string {
  return condition.replace(/GuidEquals \{([^}]+)\}/g, (_, members: string) => `GuidEquals {${members.split(', ').toSorted().join(', ')}}`);
}

it('there is an identity for each tier', () => {
  const identities = deployed().resources.filter(({ type }) => type.startsWith('Microsoft.ManagedIdentity/'));
  const names = identities.map(({ body }) => asText(body['name']).split('-').at(-1));
  expect(names).toEqual(expect.arrayContaining([...tiers]));
  expect(names).toEqual(['edge', 'approvals', 'executor', 'reader', 'directory', 'operator', 'secrets', 'granter', 'bot']);
});
