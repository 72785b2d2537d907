import { expect, it } from 'vitest';
import { compiledResources } from './compiled.ts';

const compiled = {
  $schema: 'https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#',
  languageVersion: '2.0',
  contentVersion: '1.0.0.0',
  resources: {
    group: { type: 'Microsoft.Resources/resourceGroups', apiVersion: '2024-03-01', name: "[parameters('x')]" },
    storage: {
      type: 'Microsoft.Resources/deployments',
      apiVersion: '2022-09-01',
      properties: {
        expressionEvaluationOptions: { scope: 'inner' },
        mode: 'Incremental',
        parameters: {},
        template: {
          languageVersion: '2.0',
          contentVersion: '1.0.0.0',
          resources: {
            account: { type: 'Microsoft.Storage/storageAccounts', apiVersion: '2023-05-01', properties: { allowSharedKeyAccess: false } },
            other: { existing: true, type: 'Microsoft.KeyVault/vaults', apiVersion: '2023-07-01', name: 'kv' },
          },
        },
      },
    },
  },
};

it('the resources of a compiled template are those of all deployments in it, without the ones that are only looked at', () => {
  expect(compiledResources(compiled)).toEqual([
    { type: 'Microsoft.Resources/resourceGroups', properties: {} },
    { type: 'Microsoft.Storage/storageAccounts', properties: { allowSharedKeyAccess: false } },
  ]);
});

it('what is no template is refused', () => {
  expect(() => compiledResources({ resources: 'none' })).toThrow();
});
