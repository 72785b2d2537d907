metadata description = 'The function apps and every setting that shared/config.ts asks of their role.'

import { appLayout, identity, networkKind, tierIdentities } from 'types.bicep'

@description('What all names are made from; lower-case letters and digits.')
@minLength(13)
@maxLength(13)
param token string

param location string
param tags object
param layout appLayout
param network networkKind

@description('Subnet that apps call out from; empty without a network of our own.')
param appsSubnetId string

param edge identity
param approvals identity
param executor identity
param tiers tierIdentities
param directory identity
param bot identity

@description('Account of operations.')
param tableEndpoint string

param blobEndpoint string
param serviceBusHost string
param insightsConnectionString string
param vaultName string

@description('Names of vaults that health asks after.')
param watchedVaults string[]

param workspaceId string

@description('Where agents and people reach the API; empty: the host name of the app that takes requests.')
param publicUrl string

@description('What the API is called in the audience of tokens.')
param audiences string[]

@description('Clients through which people may sign in.')
param personClientIds string[]

param idtypIssued bool

@description('Scopes that no agent may touch, whatever policies say.')
param protectedScopes string[]

param maskedPersonalData string[]
param directoryMaxAgeSeconds int
param rights string
param teamsServiceUrls string[]
param noticeWebhookUrl string
param noticeEventGridEndpoint string

@allowed([2048, 4096])
param instanceMemoryMB int

@minValue(1)
@maxValue(1000)
param maximumInstanceCount int

var names = {
  edge: 'func-${token}-edge'
  approvals: 'func-${token}-approvals'
  executor: 'func-${token}-executor'
  all: 'func-${token}-all'
}
var roles = layout == 'single' ? ['all'] : ['edge', 'approvals', 'executor']
var asking = layout == 'single' ? names.all : names.edge

// Every app asks for tokens of these, beside its own.
var readingIds = [tiers.reader.id, directory.id]
var executingIds = [tiers.operator.id, tiers.secrets.id, tiers.granter.id]
var otherIdentityIds = {
  edge: readingIds
  approvals: concat(readingIds, [bot.id])
  executor: concat(readingIds, executingIds)
  all: concat(readingIds, [bot.id], executingIds)
}
var ownIdentity = {
  edge: edge
  approvals: approvals
  executor: executor
  // Only the trial layout plays all roles, and it does so under the identity of one.
  all: executor
}

var commonSettings = {
  COUNTERSIGN_PUBLIC_URL: empty(publicUrl) ? 'https://${asking}.azurewebsites.net' : publicUrl
  COUNTERSIGN_TENANT_ID: tenant().tenantId
  COUNTERSIGN_API_AUDIENCE: join(audiences, ',')
  COUNTERSIGN_PERSON_CLIENT_IDS: join(personClientIds, ',')
  COUNTERSIGN_IDTYP_ISSUED: idtypIssued ? 'true' : 'false'
  COUNTERSIGN_AUTHORITY_HOST: environment().authentication.loginEndpoint
  COUNTERSIGN_SEALING_KEYS: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=sealing-keys)'
  // Where a release has its policies (infra/package).
  COUNTERSIGN_POLICY_DIRECTORY: '/home/site/wwwroot/infra/policy'
  COUNTERSIGN_PROTECTED_SCOPES: join(protectedScopes, ',')
  COUNTERSIGN_MASK_PERSONAL_DATA: join(maskedPersonalData, ',')
  COUNTERSIGN_ARM_ENDPOINT: environment().resourceManager
  COUNTERSIGN_GRAPH_ENDPOINT: 'https://graph.microsoft.com/v1.0'
  COUNTERSIGN_VAULT_SUFFIX: environment().suffixes.keyvaultDns
  COUNTERSIGN_WATCHED_VAULTS: join(map(watchedVaults, name => 'https://${name}${environment().suffixes.keyvaultDns}'), ',')
  COUNTERSIGN_READER_CLIENT_ID: tiers.reader.clientId
  COUNTERSIGN_DIRECTORY_CLIENT_ID: directory.clientId
  COUNTERSIGN_DIRECTORY_MAX_AGE_SECONDS: string(directoryMaxAgeSeconds)
}

// A setting without a value is one that is not there.
var approvalsSettings = {
  COUNTERSIGN_BOT_APP_ID: bot.clientId
  COUNTERSIGN_BOT_ISSUER: 'https://api.botframework.com'
  COUNTERSIGN_BOT_OPENID_METADATA_URL: 'https://login.botframework.com/v1/.well-known/openidconfiguration'
  COUNTERSIGN_TEAMS_SERVICE_URLS: join(teamsServiceUrls, ',')
  COUNTERSIGN_NOTICE_WEBHOOK_URL: noticeWebhookUrl
  COUNTERSIGN_NOTICE_WEBHOOK_SECRETS: empty(noticeWebhookUrl)
    ? ''
    : '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=notice-webhook-secrets)'
  COUNTERSIGN_NOTICE_EVENT_GRID_ENDPOINT: noticeEventGridEndpoint
  COUNTERSIGN_NOTICE_EVENT_GRID_CLIENT_ID: empty(noticeEventGridEndpoint) ? '' : (layout == 'single' ? executor.clientId : approvals.clientId)
}

var executorSettings = {
  COUNTERSIGN_OPERATOR_CLIENT_ID: tiers.operator.clientId
  COUNTERSIGN_OPERATOR_PRINCIPAL_ID: tiers.operator.principalId
  COUNTERSIGN_SECRETS_CLIENT_ID: tiers.secrets.clientId
  COUNTERSIGN_SECRETS_PRINCIPAL_ID: tiers.secrets.principalId
  COUNTERSIGN_RIGHTS: rights
  COUNTERSIGN_GRANTER_CLIENT_ID: tiers.granter.clientId
}

// Without a public address: Teams reaches the approvals, nobody the others.
var publicRoles = network == 'public' ? ['edge', 'approvals', 'executor', 'all'] : ['approvals', 'all']
var botTags = network == 'public' ? [] : ['AzureBotService']

module apps 'function-app.bicep' = [
  for role in roles: {
    name: 'app-${role}'
    params: {
      name: names[role]
      location: location
      tags: tags
      role: role
      network: network
      subnetId: appsSubnetId
      ownIdentity: ownIdentity[role]
      otherIdentityIds: otherIdentityIds[role]
      hostAccountName: 'st${token}${role}'
      tableEndpoint: tableEndpoint
      blobEndpoint: blobEndpoint
      serviceBusHost: serviceBusHost
      insightsConnectionString: insightsConnectionString
      commonSettings: commonSettings
      approvalsSettings: contains(['approvals', 'all'], role) ? approvalsSettings : {}
      executorSettings: contains(['executor', 'all'], role) ? executorSettings : {}
      isPublic: contains(publicRoles, role)
      allowedServiceTags: botTags
      instanceMemoryMB: instanceMemoryMB
      maximumInstanceCount: maximumInstanceCount
      workspaceId: workspaceId
    }
  }
]

@description('Host name of the app that takes requests.')
output edgeHost string = '${asking}.azurewebsites.net'

@description('Host name of the app that Teams speaks to.')
output approvalsHost string = '${layout == 'single' ? names.all : names.approvals}.azurewebsites.net'

@description('Every app: what releases are put into.')
output appNames string[] = [for (role, i) in roles: apps[i].outputs.name]
