metadata description = 'Every right that Countersign takes, with its reason. No other file says who may do what.'

targetScope = 'subscription'

import { appLayout, identity, tierIdentities } from 'modules/types.bicep'

param resourceGroupName string
param layout appLayout

param edge identity
param approvals identity
param executor identity
param tiers tierIdentities

@description('Has permissions of Microsoft Graph (entra-permissions.bicep) and no right on Azure.')
param directory identity

@description('Has no right at all.')
param bot identity

@description('Account of operations.')
param dataAccountName string

param namespaceName string
param vaultName string
param insightsName string

@description('What all names are made from.')
param token string

@description('Subscriptions in which agents may act.')
param managedSubscriptionIds string[]

@description('`perOperation`: operations get their rights one by one. `standing`: somebody else gives them for good.')
@allowed(['perOperation', 'standing'])
param rights string

var constants = loadJsonContent('constants.json')

// Built-in roles, by the ids that they have in every tenant.
var role = {
  reader: 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
  keyVaultReader: '21090545-7ca7-4776-b22c-e363652d74d2'
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
  roleBasedAccessControlAdministrator: 'f58310d9-a9f6-439a-9e8d-f62e7b41a168'
  serviceBusDataReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
  serviceBusDataSender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  storageTableDataReader: '76199698-9eea-4c19-bc75-cec21354c6b6'
}

// The trial layout has one app, under the identity of the executor.
var edgeId = layout == 'single' ? executor.principalId : edge.principalId
var approvalsId = layout == 'single' ? executor.principalId : approvals.principalId
var executorId = executor.principalId

// --- Queues. Sending is needed for every follow-up of a step (shared/domain/follow-up.ts) and for putting a message off.
// A receiver of a queue is also the receiver of its dead letters.

var onQueues = [
  // The edge announces what it stores: to people, to the executor, to whoever watches deadlines, to the listing.
  { principalId: edgeId, roleId: role.serviceBusDataSender, on: 'approval-requests' }
  { principalId: edgeId, roleId: role.serviceBusDataSender, on: 'executions' }
  { principalId: edgeId, roleId: role.serviceBusDataSender, on: 'checks' }
  { principalId: edgeId, roleId: role.serviceBusDataSender, on: 'changes' }

  // Approvals ask people, bring cards and listing up to date, tell receivers how operations end.
  { principalId: approvalsId, roleId: role.serviceBusDataReceiver, on: 'approval-requests' }
  { principalId: approvalsId, roleId: role.serviceBusDataReceiver, on: 'changes' }
  { principalId: approvalsId, roleId: role.serviceBusDataReceiver, on: 'notices' }
  // … put messages of these queues off, …
  { principalId: approvalsId, roleId: role.serviceBusDataSender, on: 'approval-requests' }
  { principalId: approvalsId, roleId: role.serviceBusDataSender, on: 'changes' }
  { principalId: approvalsId, roleId: role.serviceBusDataSender, on: 'notices' }
  // … announce what a vote decided, …
  { principalId: approvalsId, roleId: role.serviceBusDataSender, on: 'executions' }
  { principalId: approvalsId, roleId: role.serviceBusDataSender, on: 'checks' }
  // … and keep whole what nobody could read.
  { principalId: approvalsId, roleId: role.serviceBusDataSender, on: 'set-aside' }

  // The executor makes calls and looks after them.
  { principalId: executorId, roleId: role.serviceBusDataReceiver, on: 'executions' }
  { principalId: executorId, roleId: role.serviceBusDataReceiver, on: 'checks' }
  { principalId: executorId, roleId: role.serviceBusDataSender, on: 'executions' }
  { principalId: executorId, roleId: role.serviceBusDataSender, on: 'checks' }
  { principalId: executorId, roleId: role.serviceBusDataSender, on: 'changes' }
  { principalId: executorId, roleId: role.serviceBusDataSender, on: 'set-aside' }
  // Its timers count the dead letters of every queue and settle those that the functions host cannot hand over.
  { principalId: executorId, roleId: role.serviceBusDataReceiver, on: 'approval-requests' }
  { principalId: executorId, roleId: role.serviceBusDataReceiver, on: 'changes' }
  { principalId: executorId, roleId: role.serviceBusDataReceiver, on: 'notices' }
  { principalId: executorId, roleId: role.serviceBusDataReceiver, on: 'set-aside' }
]

// --- Tables.

var onTables = [
  // Operations and their events: every role takes steps.
  { principalId: edgeId, roleId: role.storageTableDataContributor, on: 'operations' }
  { principalId: approvalsId, roleId: role.storageTableDataContributor, on: 'operations' }
  { principalId: executorId, roleId: role.storageTableDataContributor, on: 'operations' }

  // The listing: the edge reads it, the approvals keep it, the executor looks for the oldest that waits.
  { principalId: edgeId, roleId: role.storageTableDataReader, on: 'operationIndex' }
  { principalId: approvalsId, roleId: role.storageTableDataContributor, on: 'operationIndex' }
  { principalId: executorId, roleId: role.storageTableDataReader, on: 'operationIndex' }

  // How much each agent has asked for: counted where it asks and where it runs.
  { principalId: edgeId, roleId: role.storageTableDataContributor, on: 'limits' }
  { principalId: executorId, roleId: role.storageTableDataContributor, on: 'limits' }

  // Messages about nothing that we know, by whoever reads queues.
  { principalId: approvalsId, roleId: role.storageTableDataContributor, on: 'strayMessages' }
  { principalId: executorId, roleId: role.storageTableDataContributor, on: 'strayMessages' }

  // What receivers of notices have taken.
  { principalId: approvalsId, roleId: role.storageTableDataContributor, on: 'notices' }
]

// --- Containers. Nobody here may write to `exports`: whoever exports evidence has that right for the time of the export (README).

var onContainers = [
  // Bodies, previews and results: sealed, each written by the step that has it.
  { principalId: edgeId, roleId: role.storageBlobDataContributor, on: 'operation-bodies' }
  { principalId: approvalsId, roleId: role.storageBlobDataContributor, on: 'operation-bodies' }
  { principalId: executorId, roleId: role.storageBlobDataContributor, on: 'operation-bodies' }
]

// --- The vault of Countersign's own secrets. The vault holds nothing else, and each app opens what the others sealed.

var onVault = [
  { principalId: edgeId, roleId: role.keyVaultSecretsUser }
  { principalId: approvalsId, roleId: role.keyVaultSecretsUser }
  { principalId: executorId, roleId: role.keyVaultSecretsUser }
]

// --- Application Insights takes telemetry from these and nobody else.

var onInsights = [
  { principalId: edgeId, roleId: role.monitoringMetricsPublisher }
  { principalId: approvalsId, roleId: role.monitoringMetricsPublisher }
  { principalId: executorId, roleId: role.monitoringMetricsPublisher }
]

// --- The account of an app's own functions host: leases of timers, keys of the host, the app's releases. The host needs the role that owns the data
// (learn.microsoft.com/azure/azure-functions/functions-reference, "Connecting to host storage with an identity"), and no app has it on another's account.

var onHostAccounts = layout == 'single'
  ? [
      { account: 'st${token}all', right: { principalId: executorId, roleId: role.storageBlobDataOwner } }
    ]
  : [
      { account: 'st${token}edge', right: { principalId: edgeId, roleId: role.storageBlobDataOwner } }
      { account: 'st${token}approvals', right: { principalId: approvalsId, roleId: role.storageBlobDataOwner } }
      { account: 'st${token}executor', right: { principalId: executorId, roleId: role.storageBlobDataOwner } }
    ]

// --- Subscriptions in which agents may act.

var onManagedSubscriptions = [
  // Facts about targets, previews, drift, the activity log: it reads and can change nothing.
  { principalId: tiers.reader.principalId, roleId: role.reader }
  // Properties of secrets, never their values.
  { principalId: tiers.reader.principalId, roleId: role.keyVaultReader }
]

// The one standing right by which anything could be changed. Its condition says which roles it may give, and to whom: the identities of operations,
// `operator` and `secrets`, and nobody else. Those two have no right of their own.
var granterRight = { principalId: tiers.granter.principalId, roleId: role.roleBasedAccessControlAdministrator }
var granterCondition = replace(
  replace(constants.granterCondition, '{operator}', tiers.operator.principalId),
  '{secrets}',
  tiers.secrets.principalId
)

module queues 'assign/on-queues.bicep' = {
  name: 'rights-on-queues'
  scope: resourceGroup(resourceGroupName)
  params: {
    namespaceName: namespaceName
    rights: onQueues
  }
}

module tables 'assign/on-tables.bicep' = {
  name: 'rights-on-tables'
  scope: resourceGroup(resourceGroupName)
  params: {
    accountName: dataAccountName
    rights: onTables
  }
}

module containers 'assign/on-containers.bicep' = {
  name: 'rights-on-containers'
  scope: resourceGroup(resourceGroupName)
  params: {
    accountName: dataAccountName
    rights: onContainers
  }
}

module vault 'assign/on-vault.bicep' = {
  name: 'rights-on-vault'
  scope: resourceGroup(resourceGroupName)
  params: {
    vaultName: vaultName
    rights: onVault
  }
}

module insights 'assign/on-insights.bicep' = {
  name: 'rights-on-insights'
  scope: resourceGroup(resourceGroupName)
  params: {
    insightsName: insightsName
    rights: onInsights
  }
}

module hostAccounts 'assign/on-account.bicep' = [
  for entry in onHostAccounts: {
    name: 'rights-on-${entry.account}'
    scope: resourceGroup(resourceGroupName)
    params: {
      accountName: entry.account
      rights: [entry.right]
    }
  }
]

module managedSubscriptions 'assign/on-subscription.bicep' = [
  for id in managedSubscriptionIds: {
    name: 'countersign-${token}-reads'
    scope: subscription(id)
    params: {
      rights: onManagedSubscriptions
    }
  }
]

module grantingSubscriptions 'assign/on-subscription-with-condition.bicep' = [
  for id in managedSubscriptionIds: if (rights == 'perOperation') {
    name: 'countersign-${token}-grants'
    scope: subscription(id)
    params: {
      conditional: granterRight
      condition: granterCondition
    }
  }
]

// --- The same as a list, for whoever looks from outside whether it is still so (npm run doctor).

var providers = '/subscriptions/${subscription().subscriptionId}/resourceGroups/${resourceGroupName}/providers'
var namespaceScope = '${providers}/Microsoft.ServiceBus/namespaces/${namespaceName}'
var accountScope = '${providers}/Microsoft.Storage/storageAccounts'
var vaultScope = '${providers}/Microsoft.KeyVault/vaults/${vaultName}'
var insightsScope = '${providers}/Microsoft.Insights/components/${insightsName}'

var scoped = concat(
  map(onQueues, entry => { principalId: entry.principalId, roleId: entry.roleId, scope: '${namespaceScope}/queues/${entry.on}' }),
  map(onTables, entry => {
    principalId: entry.principalId
    roleId: entry.roleId
    scope: '${accountScope}/${dataAccountName}/tableServices/default/tables/${entry.on}'
  }),
  map(onContainers, entry => {
    principalId: entry.principalId
    roleId: entry.roleId
    scope: '${accountScope}/${dataAccountName}/blobServices/default/containers/${entry.on}'
  }),
  map(onVault, entry => { principalId: entry.principalId, roleId: entry.roleId, scope: vaultScope }),
  map(onInsights, entry => { principalId: entry.principalId, roleId: entry.roleId, scope: insightsScope }),
  map(onHostAccounts, entry => {
    principalId: entry.right.principalId
    roleId: entry.right.roleId
    scope: '${accountScope}/${entry.account}'
  }),
  flatten(map(managedSubscriptionIds, id => map(onManagedSubscriptions, entry => {
    principalId: entry.principalId
    roleId: entry.roleId
    scope: '/subscriptions/${id}'
  })))
)
var conditional = map(rights == 'perOperation' ? managedSubscriptionIds : [], id => {
  roleId: granterRight.roleId
  scope: '/subscriptions/${id}'
  condition: granterCondition
})
var holders = concat(
  layout == 'single' ? [] : [{ name: 'edge', principalId: edge.principalId }, { name: 'approvals', principalId: approvals.principalId }],
  [
    { name: 'executor', principalId: executor.principalId }
    { name: 'reader', principalId: tiers.reader.principalId }
    { name: 'directory', principalId: directory.principalId }
    { name: 'operator', principalId: tiers.operator.principalId }
    { name: 'secrets', principalId: tiers.secrets.principalId }
    { name: 'granter', principalId: tiers.granter.principalId }
    { name: 'bot', principalId: bot.principalId }
  ]
)

@description('Every identity with every right that this deployment gives it.')
output identities object[] = map(holders, holder => {
  name: holder.name
  principalId: holder.principalId
  graphPermissions: holder.name == 'directory' ? map(items(constants.directoryPermissions), entry => entry.value) : []
  takesRightsOfOperations: rights == 'perOperation' && contains(['operator', 'secrets'], holder.name)
  rights: concat(
    map(filter(union(scoped, []), one => one.principalId == holder.principalId), one => { roleId: one.roleId, scope: one.scope }),
    holder.name == 'granter' ? conditional : []
  )
})
