import { type Call, type TemplateFunction, unknownCall } from '../context.ts';
import { EvaluationFault } from '../template-fault.ts';
import { type TemplateValue, Unknown } from '../template-value.ts';

const aTenant = '00000000-0000-0000-0000-000000000000';
const aLocation = 'westeurope';

/**
 * What a template can ask about where it is deployed. Names, ids and locations are spelled as Azure has them, which nobody else can tell: they are places.
 * Sources: learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-scope and …/template-functions-deployment.
 */
export const scopeFunctions: Readonly<Record<string, TemplateFunction>> = {
  subscription: (_, call) => {
    const { subscriptionId } = call.context.scope;
    if (subscriptionId === undefined) throw new EvaluationFault('there is no subscription here');
    return {
      id: `/subscriptions/${subscriptionId}`,
      subscriptionId,
      tenantId: place(aTenant),
      displayName: unknownMember(call, 'displayName'),
      tags: unknownMember(call, 'tags'),
    };
  },
  resourcegroup: (_, call) => {
    const { resourceGroup, id } = call.context.scope;
    if (resourceGroup === undefined) throw new EvaluationFault('there is no resource group here');
    return {
      id: place(id),
      name: place(resourceGroup),
      type: 'Microsoft.Resources/resourceGroups',
      location: place(aLocation),
      managedBy: unknownMember(call, 'managedBy'),
      tags: unknownMember(call, 'tags'),
      properties: { provisioningState: 'Succeeded' },
    };
  },
  managementgroup: (_, call) => {
    const { managementGroup, id } = call.context.scope;
    if (managementGroup === undefined) throw new EvaluationFault('there is no management group here');
    return {
      id: place(id),
      name: place(managementGroup),
      type: 'Microsoft.Management/managementGroups',
      properties: unknownMember(call, 'properties'),
    };
  },
  tenant: (_, call) => ({
    tenantId: place(aTenant),
    id: place(`/tenants/${aTenant}`),
    countryCode: unknownMember(call, 'countryCode'),
    displayName: unknownMember(call, 'displayName'),
  }),
  deployment: (_, call) => {
    const { deploymentName, deploymentLocation } = call.context;
    return {
      name: typeof deploymentName === 'string' ? place(deploymentName) : deploymentName,
      location: deploymentLocation,
      properties: unknownMember(call, 'properties'),
    };
  },
  deployer: (_, call) => ({
    tenantId: place(aTenant),
    objectId: unknownMember(call, 'objectId'),
    userPrincipalName: unknownMember(call, 'userPrincipalName'),
  }),
  environment: () => azureCloud,
};

function place(text: string): Unknown {
  return new Unknown('place', text);
}

function unknownMember(call: Call, name: string): Unknown {
  return new Unknown('anything', `${unknownCall(call).shown.slice(0, -1)}.${name}]`);
}

function placesIn(values: Readonly<Record<string, string>>): Readonly<Record<string, TemplateValue>> {
  return Object.fromEntries(Object.entries(values).map(([name, text]) => [name, place(text)]));
}

/** What `environment()` gives in the public cloud; which cloud it is stands in no template. */
const azureCloud: TemplateValue = {
  ...placesIn({
    name: 'AzureCloud',
    gallery: 'https://gallery.azure.com/',
    graph: 'https://graph.windows.net/',
    graphAudience: 'https://graph.windows.net/',
    portal: 'https://portal.azure.com',
    resourceManager: 'https://management.azure.com/',
    sqlManagement: 'https://management.core.windows.net:8443/',
    vmImageAliasDoc: 'https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json',
    batch: 'https://batch.core.windows.net/',
    media: 'https://rest.media.azure.net',
    activeDirectoryDataLake: 'https://datalake.azure.net/',
  }),
  authentication: {
    ...placesIn({ loginEndpoint: 'https://login.microsoftonline.com/', tenant: 'common', identityProvider: 'AAD' }),
    audiences: [place('https://management.core.windows.net/'), place('https://management.azure.com/')],
  },
  suffixes: placesIn({
    acrLoginServer: '.azurecr.io',
    azureDatalakeAnalyticsCatalogAndJob: 'azuredatalakeanalytics.net',
    azureDatalakeStoreFileSystem: 'azuredatalakestore.net',
    azureFrontDoorEndpointSuffix: 'azurefd.net',
    keyvaultDns: '.vault.azure.net',
    sqlServerHostname: '.database.windows.net',
    storage: 'core.windows.net',
  }),
};
