import { subscriptionId } from '../seed.ts';
import type { JsonObject } from './json.ts';
import { newResource } from './new-resource.ts';
import type { StoredResource } from './state-store.ts';

const location = 'westeurope';

/** What exists before anybody does anything: one subscription, and the same kinds of resources in `rg-dev` and in `rg-prod`. */
export function seedResources(now: number): readonly StoredResource[] {
  const subscription = newResource({
    id: `/subscriptions/${subscriptionId}`,
    type: 'Microsoft.Resources/subscriptions',
    content: { displayName: 'Contoso Workloads' },
    now,
  });
  return [subscription, ...seedEnvironment('dev', now), ...seedEnvironment('prod', now)];
}

function seedEnvironment(environment: 'dev' | 'prod', now: number): readonly StoredResource[] {
  const groupId = `/subscriptions/${subscriptionId}/resourceGroups/rg-${environment}`;
  const group = newResource({
    id: groupId,
    type: 'Microsoft.Resources/resourceGroups',
    content: { location, tags: { environment } },
    provisioningState: 'Succeeded',
    now,
  });
  const resource = (type: string, name: string, content: JsonObject): StoredResource =>
    newResource({
      id: `${groupId}/providers/${type}/${name}`,
      type,
      content: { location, ...content },
      provisioningState: 'Succeeded',
      now,
    });
  return [
    group,
    resource('Microsoft.Storage/storageAccounts', `st${environment}data`, storageAccount(environment)),
    resource('Microsoft.Compute/virtualMachines', `vm-${environment}-1`, virtualMachine(`vm-${environment}-1`)),
    resource('Microsoft.Sql/servers', `sql-${environment}-1`, databaseServer()),
    resource('Microsoft.KeyVault/vaults', `kv-${environment}-1`, vault(environment)),
    resource('Microsoft.Network/networkSecurityGroups', `nsg-${environment}`, networkSecurityGroup()),
  ];
}

function storageAccount(environment: 'dev' | 'prod'): JsonObject {
  return {
    kind: 'StorageV2',
    sku: { name: environment === 'prod' ? 'Standard_ZRS' : 'Standard_LRS', tier: 'Standard' },
    properties: {
      accessTier: 'Hot',
      allowBlobPublicAccess: false,
      minimumTlsVersion: 'TLS1_2',
      publicNetworkAccess: 'Enabled',
      supportsHttpsTrafficOnly: true,
      networkAcls: { bypass: 'AzureServices', defaultAction: 'Deny', ipRules: [], virtualNetworkRules: [] },
      encryption: { keySource: 'Microsoft.Storage', services: { blob: { enabled: true }, file: { enabled: true } } },
    },
  };
}

function virtualMachine(name: string): JsonObject {
  return {
    properties: {
      hardwareProfile: { vmSize: 'Standard_D2s_v5' },
      storageProfile: {
        imageReference: { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' },
        osDisk: { name: `${name}-os`, osType: 'Linux', createOption: 'FromImage', caching: 'ReadWrite', diskSizeGB: 64 },
        dataDisks: [],
      },
      osProfile: {
        computerName: name,
        adminUsername: 'azureuser',
        linuxConfiguration: { disablePasswordAuthentication: true },
      },
    },
  };
}

function databaseServer(): JsonObject {
  return {
    kind: 'v12.0',
    properties: {
      administratorLogin: 'sqladmin',
      minimalTlsVersion: '1.2',
      publicNetworkAccess: 'Disabled',
      restrictOutboundNetworkAccess: 'Disabled',
    },
  };
}

function vault(environment: 'dev' | 'prod'): JsonObject {
  return {
    properties: {
      sku: { family: 'A', name: 'standard' },
      accessPolicies: [],
      enableRbacAuthorization: true,
      enableSoftDelete: true,
      softDeleteRetentionInDays: 90,
      ...(environment === 'prod' ? { enablePurgeProtection: true } : {}),
      publicNetworkAccess: 'Enabled',
    },
  };
}

function networkSecurityGroup(): JsonObject {
  const rule = { protocol: 'Tcp', sourcePortRange: '*', destinationAddressPrefix: '*', direction: 'Inbound' };
  const https = { ...rule, sourceAddressPrefix: 'Internet', destinationPortRange: '443', access: 'Allow', priority: 100 };
  const ssh = { ...rule, sourceAddressPrefix: '10.0.0.0/24', destinationPortRange: '22', access: 'Allow', priority: 110 };
  return {
    properties: {
      securityRules: [
        { name: 'allow-https', properties: https },
        { name: 'allow-ssh-from-bastion', properties: ssh },
      ],
    },
  };
}
