import { expect } from 'vitest';
import { type BicepObject, isObject } from '../../support/bicep/bicep-value.ts';

/** A resource of the sources or of the compiled template: its type without a version, and its properties, as far as they are no expressions. */
export type TemplateResource = { readonly type: string; readonly properties: BicepObject };

/** The ids of roles that no identity of Countersign may ever be given. Source: learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged. */
export const forbiddenRoles = [
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635', // Owner
  'b24988ac-6180-42a0-ab88-20f7382dd24c', // Contributor
  '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9', // User Access Administrator
  'a8889054-8d42-49c9-bc1c-52486c10e7cd', // Reservations Administrator
] as const;

/** What must be true of every deployment, however it is made; the same for the sources and for what the compiler made of them. */
export function expectHardened(resources: readonly TemplateResource[]): void {
  for (const properties of of(resources, 'Microsoft.Storage/storageAccounts')) {
    expect(properties).toMatchObject({
      allowSharedKeyAccess: false,
      allowBlobPublicAccess: false,
      allowCrossTenantReplication: false,
      isLocalUserEnabled: false,
      minimumTlsVersion: 'TLS1_2',
      supportsHttpsTrafficOnly: true,
    });
  }
  for (const properties of of(resources, 'Microsoft.Storage/storageAccounts/blobServices')) {
    expect(properties).toMatchObject({
      isVersioningEnabled: true,
      deleteRetentionPolicy: { enabled: true },
      containerDeleteRetentionPolicy: { enabled: true },
    });
  }
  for (const properties of of(resources, 'Microsoft.Storage/storageAccounts/blobServices/containers')) {
    expect(properties).toMatchObject({ publicAccess: 'None' });
  }
  for (const properties of of(resources, 'Microsoft.ServiceBus/namespaces')) {
    expect(properties).toMatchObject({ disableLocalAuth: true, minimumTlsVersion: '1.2' });
  }
  for (const properties of of(resources, 'Microsoft.KeyVault/vaults')) {
    expect(properties).toMatchObject({ enableRbacAuthorization: true, enableSoftDelete: true, enablePurgeProtection: true });
    expect(properties).not.toHaveProperty('accessPolicies');
  }
  for (const properties of of(resources, 'Microsoft.Insights/components')) expect(properties).toMatchObject({ DisableLocalAuth: true });
  for (const properties of of(resources, 'Microsoft.OperationalInsights/workspaces')) {
    expect(properties).toMatchObject({ features: { disableLocalAuth: true } });
  }
  for (const properties of of(resources, 'Microsoft.BotService/botServices')) {
    expect(properties).toMatchObject({ disableLocalAuth: true, msaAppType: 'UserAssignedMSI' });
  }
  for (const properties of of(resources, 'Microsoft.Web/sites')) {
    expect(properties).toMatchObject({
      httpsOnly: true,
      siteConfig: { minTlsVersion: '1.2', scmMinTlsVersion: '1.2', ftpsState: 'Disabled' },
      functionAppConfig: { runtime: { name: 'node', version: '24' } },
    });
  }
  for (const properties of of(resources, 'Microsoft.Web/sites/basicPublishingCredentialsPolicies')) {
    expect(properties).toEqual({ allow: false });
  }
  expect(resources.filter(({ type }) => type === 'Microsoft.Authorization/roleDefinitions')).toEqual([]);
  for (const role of forbiddenRoles) {
    const assigned = of(resources, 'Microsoft.Authorization/roleAssignments').map(({ roleDefinitionId }) => roleDefinitionId);
    expect(JSON.stringify(assigned).toLowerCase()).not.toContain(role);
  }
}

function of(resources: readonly TemplateResource[], type: string): readonly BicepObject[] {
  const found = resources.filter((resource) => resource.type === type);
  expect(found, `there is a ${type}`).not.toEqual([]);
  return found.map(({ properties }) => (isObject(properties) ? properties : {}));
}
