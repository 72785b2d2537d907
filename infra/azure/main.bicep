metadata description = 'Countersign in one subscription. The README beside this file tells how it is deployed, changed and taken down.'

targetScope = 'subscription'

import { appLayout, networkKind } from 'modules/types.bicep'

@description('Names the deployment. Two deployments in one subscription and region need two names; resources are named by a hash of it.')
@minLength(2)
@maxLength(40)
param environmentName string

@description('Region of everything that has one.')
@minLength(3)
param location string

@description('Resource group, which is made where there is none.')
@minLength(1)
@maxLength(90)
param resourceGroupName string = 'rg-${environmentName}'

@description('Three apps, or one for trials.')
param layout appLayout = 'separate'

@description('`private`: virtual network, private endpoints, no public names but the one that Teams needs. Makes Service Bus Premium.')
param network networkKind = 'public'

@description('Address space of the virtual network, where there is one: a /24 or wider.')
param addressPrefix string = '10.90.0.0/24'

@description('Client id of the registration of the API (entra.bicep).')
@minLength(36)
@maxLength(36)
param apiClientId string

@description('Identifier URI of the same registration, which is the audience of its tokens of version 1.')
@minLength(7)
param apiIdentifierUri string

@description('Client ids of the applications through which people may vote and read; never a command line’s.')
@minLength(1)
param personClientIds string[]

@description('Client id of the registration through which people read by command line (npm run doctor); it can never vote.')
@minLength(36)
@maxLength(36)
param auditClientId string

@description('Whether tokens carry `idtyp`, as entra.bicep has it. False only where somebody else made the registration without it.')
param idtypIssued bool = true

@description('Subscriptions in which agents may act: the reader reads there, and rights for single operations are given there.')
@minLength(1)
@maxLength(50)
param managedSubscriptionIds string[]

@description('`perOperation` gives each operation its right and takes it back. `standing`: you give the identities `operator` and `secrets` what they need.')
@allowed(['perOperation', 'standing'])
param rights string = 'perOperation'

@description('Further scopes that no agent may touch; the resource group of Countersign always is one.')
param protectedScopes string[] = []

@description('Names of vaults that agents work with, which health asks after; agents may use any other that a policy lets them.')
@maxLength(20)
param watchedVaults string[] = []

@description('Where agents and people reach the API if there is a gateway before it; empty: the app’s own name.')
param publicUrl string = ''

@description('Addresses of the Bot Framework that Teams may name; the first is where cards are posted. Of the region of your Teams tenant.')
@minLength(1)
param teamsServiceUrls string[]

@description('Name of the bot in Teams.')
@minLength(3)
@maxLength(35)
param botName string = 'Countersign'

@description('Kinds of personal data that are masked beside secrets: email, phone, card, nationalId.')
param maskedPersonalData ('email' | 'phone' | 'card' | 'nationalId')[] = []

@description('Seconds for which an answer of the directory may be used: so long may somebody act who has just been disabled.')
@minValue(0)
@maxValue(60)
param directoryMaxAgeSeconds int = 60

@description('Webhook that is told how operations end; its secrets are in the vault as `notice-webhook-secrets`. Empty: none.')
param noticeWebhookUrl string = ''

@description('Topic of Event Grid that is told instead; give the identity `approvals` EventGrid Data Sender there. Empty: none.')
param noticeEventGridEndpoint string = ''

@description('How often the evidence is stored.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS', 'Standard_RAGRS', 'Standard_RAGZRS'])
param replication string = 'Standard_ZRS'

@description('Days for which deleted or overwritten blobs can be brought back.')
@minValue(1)
@maxValue(365)
param softDeleteDays int = 30

@description('Days for which an export can be neither changed nor deleted; 0 once somebody has locked the policy of the container.')
@minValue(0)
@maxValue(146000)
param exportRetentionDays int = 365

@description('Days for which logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('Locks against deletion on the evidence, the keys and the queues.')
param locks bool = true

@description('Memory of an instance, in MB. Flex Consumption has one of 512, too; a host of this needs up to 700.')
@allowed([2048, 4096])
param instanceMemoryMB int = 2048

@description('Instances of each app at most. Azure throttles long before this one does.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Addresses that alerts are sent to.')
param alertEmails string[] = []

@description('What a month may cost before somebody is told, in the currency of the subscription; 0: no budget.')
@minValue(0)
param monthlyBudget int = 0

@description('First day of the month in which the budget begins; only with a budget, and then never changed.')
param budgetStart string = ''

@description('Tags of every resource.')
param tags object = {}

// 13 letters and digits, the same each time and others for every subscription, name and region.
var token = uniqueString(subscription().subscriptionId, environmentName, location)
var allTags = union(tags, {
  application: 'countersign'
  'azd-env-name': environmentName
})
var roles = layout == 'single' ? ['all'] : ['edge', 'approvals', 'executor']
var isPrivate = network == 'private'

// Names of what is only there in a private network: outputs of a module that may not be there would not be.
var appsSubnetId = resourceId(subscription().subscriptionId, resourceGroupName, 'Microsoft.Network/virtualNetworks/subnets', 'vnet-${token}', 'apps')
var endpointSubnetId = resourceId(subscription().subscriptionId, resourceGroupName, 'Microsoft.Network/virtualNetworks/subnets', 'vnet-${token}', 'endpoints')
var zone = {
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  table: 'privatelink.table.${environment().suffixes.storage}'
  namespace: 'privatelink.servicebus.windows.net'
  vault: 'privatelink.vaultcore.azure.net'
  sites: 'privatelink.azurewebsites.net'
}

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: resourceGroupName
  location: location
  tags: allTags
}

module identities 'modules/identities.bicep' = {
  name: 'identities'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    logRetentionDays: logRetentionDays
    alertEmails: alertEmails
  }
}

module stores 'modules/stores.bicep' = {
  name: 'stores'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    network: network
    roles: roles
    replication: replication
    softDeleteDays: softDeleteDays
    exportRetentionDays: exportRetentionDays
    isLocked: locks
    workspaceId: monitoring.outputs.workspaceId
  }
}

module virtualNetwork 'modules/network.bicep' = if (isPrivate) {
  name: 'network'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    addressPrefix: addressPrefix
    zoneNames: [zone.blob, zone.table, zone.namespace, zone.vault, zone.sites]
    workspaceId: monitoring.outputs.workspaceId
  }
}

// Before the apps: they are in place only once they can reach what they need.
module roleAssignments 'roles.bicep' = {
  name: 'countersign-${token}-rights'
  params: {
    resourceGroupName: group.name
    layout: layout
    token: token
    edge: identities.outputs.edge
    approvals: identities.outputs.approvals
    executor: identities.outputs.executor
    tiers: identities.outputs.tiers
    directory: identities.outputs.directory
    bot: identities.outputs.bot
    dataAccountName: stores.outputs.data.name
    namespaceName: stores.outputs.queues.name
    vaultName: stores.outputs.vault.name
    insightsName: monitoring.outputs.insightsName
    managedSubscriptionIds: managedSubscriptionIds
    rights: rights
  }
}

module storeEndpoints 'modules/store-endpoints.bicep' = if (isPrivate) {
  name: 'store-endpoints'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    subnetId: endpointSubnetId
    zones: zone
    roles: roles
    dataAccountId: stores.outputs.data.id
    hostAccountIds: stores.outputs.hostAccountIds
    namespaceId: stores.outputs.queues.id
    vaultId: stores.outputs.vault.id
  }
  dependsOn: [virtualNetwork]
}

module apps 'modules/apps.bicep' = {
  name: 'apps'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    layout: layout
    network: network
    appsSubnetId: isPrivate ? appsSubnetId : ''
    edge: identities.outputs.edge
    approvals: identities.outputs.approvals
    executor: identities.outputs.executor
    tiers: identities.outputs.tiers
    directory: identities.outputs.directory
    bot: identities.outputs.bot
    tableEndpoint: stores.outputs.data.tableEndpoint
    blobEndpoint: stores.outputs.data.blobEndpoint
    serviceBusHost: stores.outputs.queues.host
    insightsConnectionString: monitoring.outputs.insightsConnectionString
    vaultName: stores.outputs.vault.name
    watchedVaults: watchedVaults
    workspaceId: monitoring.outputs.workspaceId
    publicUrl: publicUrl
    audiences: [apiClientId, apiIdentifierUri]
    personClientIds: union(personClientIds, [auditClientId])
    idtypIssued: idtypIssued
    protectedScopes: concat([group.id], protectedScopes)
    maskedPersonalData: maskedPersonalData
    directoryMaxAgeSeconds: directoryMaxAgeSeconds
    rights: rights
    teamsServiceUrls: teamsServiceUrls
    noticeWebhookUrl: noticeWebhookUrl
    noticeEventGridEndpoint: noticeEventGridEndpoint
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
  }
  dependsOn: [storeEndpoints, virtualNetwork, roleAssignments]
}

module appEndpoints 'modules/private-endpoint.bicep' = [
  for role in roles: if (isPrivate) {
    name: 'endpoint-app-${role}'
    scope: group
    params: {
      name: 'pe-${token}-app-${role}'
      location: location
      tags: allTags
      subnetId: endpointSubnetId
      targetId: resourceId(subscription().subscriptionId, resourceGroupName, 'Microsoft.Web/sites', 'func-${token}-${role}')
      part: 'sites'
      zoneName: zone.sites
    }
    dependsOn: [apps, virtualNetwork]
  }
]

module bot 'modules/bot.bicep' = {
  name: 'bot'
  scope: group
  params: {
    token: token
    tags: allTags
    botIdentity: identities.outputs.bot
    host: apps.outputs.approvalsHost
    displayName: botName
    workspaceId: monitoring.outputs.workspaceId
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    network: network
    workspaceId: monitoring.outputs.workspaceId
    insightsId: monitoring.outputs.insightsId
    namespaceId: stores.outputs.queues.id
    actionGroupId: monitoring.outputs.actionGroupId
    writerIds: map(
      layout == 'single'
        ? [identities.outputs.executor]
        : [identities.outputs.edge, identities.outputs.approvals, identities.outputs.executor],
      writer => writer.principalId
    )
    hosts: map(roles, role => 'func-${token}-${role}.azurewebsites.net')
  }
  dependsOn: [apps]
}

module budget 'modules/budget.bicep' = if (monthlyBudget > 0) {
  name: 'budget'
  scope: group
  params: {
    monthlyAmount: monthlyBudget
    startDate: budgetStart
    emails: alertEmails
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output COUNTERSIGN_API string = 'https://${apps.outputs.edgeHost}/api'
output COUNTERSIGN_APPS string[] = apps.outputs.appNames
output COUNTERSIGN_APPROVALS_HOST string = apps.outputs.approvalsHost
output COUNTERSIGN_BOT_APP_ID string = identities.outputs.bot.clientId
output COUNTERSIGN_DIRECTORY_PRINCIPAL_ID string = identities.outputs.directory.principalId
output COUNTERSIGN_OPERATOR_PRINCIPAL_ID string = identities.outputs.tiers.operator.principalId
output COUNTERSIGN_SECRETS_PRINCIPAL_ID string = identities.outputs.tiers.secrets.principalId
output COUNTERSIGN_VAULT string = stores.outputs.vault.name
output COUNTERSIGN_DATA_ACCOUNT string = stores.outputs.data.name
output COUNTERSIGN_NAMESPACE string = stores.outputs.queues.name

@description('What npm run doctor compares with what it finds.')
output COUNTERSIGN_DEPLOYMENT object = {
  tenantId: tenant().tenantId
  audience: apiClientId
  auditClientId: auditClientId
  subscriptionId: subscription().subscriptionId
  apps: map(roles, role => { role: role, url: 'https://func-${token}-${role}.azurewebsites.net' })
  protectedScopes: concat([group.id], protectedScopes)
  serviceBusNamespace: stores.outputs.queues.id
  storageAccount: stores.outputs.data.id
  hostAccounts: stores.outputs.hostAccountIds
  sealingKeys: {
    vault: stores.outputs.vault.id
    secret: 'sealing-keys'
  }
  bot: bot.outputs.id
  identities: roleAssignments.outputs.identities
}
