metadata description = 'One function app on Flex Consumption with Node 24: its plan, its settings, its identities.'

import { identity, networkKind } from 'types.bicep'

@description('Name of the app, which is the first label of its host name.')
@minLength(2)
@maxLength(60)
param name string

param location string
param tags object
param network networkKind

@description('Subnet that the app calls out from; empty without a network of our own.')
param subnetId string

@description('The app’s own identity: host storage, code, data, queues, telemetry, references to secrets.')
param ownIdentity identity

@description('The other identities that it may ask for tokens of.')
param otherIdentityIds string[]

@description('What it plays.')
@allowed(['edge', 'approvals', 'executor', 'all'])
param role string

@description('Storage account of its host and of its releases; nobody else’s.')
@minLength(3)
@maxLength(24)
param hostAccountName string

param tableEndpoint string
param blobEndpoint string
param serviceBusHost string
param insightsConnectionString string

@description('Settings that every app has.')
param commonSettings object

@description('Settings of who asks people; empty for the others.')
param approvalsSettings object

@description('Settings of who makes calls; empty for the others.')
param executorSettings object

@description('Service tags that may reach it over public addresses; none: everybody may.')
param allowedServiceTags string[]

@description('Whether it has any public address.')
param isPublic bool

@allowed([2048, 4096])
param instanceMemoryMB int

@minValue(1)
@maxValue(1000)
param maximumInstanceCount int

@description('Where diagnostic logs go.')
param workspaceId string

var hostBlobEndpoint = 'https://${hostAccountName}.blob.${environment().suffixes.storage}/'

// What belongs to the app's own identity. `__credential` and `__clientId` are read by the functions host, by prefix of the connection.
var ownSettings = {
  COUNTERSIGN_ROLE: role
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: ownIdentity.clientId
  AzureWebJobsStorage__blobServiceUri: hostBlobEndpoint
  STORAGE__tableServiceUri: tableEndpoint
  STORAGE__blobServiceUri: blobEndpoint
  STORAGE__clientId: ownIdentity.clientId
  SERVICE_BUS__fullyQualifiedNamespace: serviceBusHost
  SERVICE_BUS__credential: 'managedidentity'
  SERVICE_BUS__clientId: ownIdentity.clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD;ClientId=${ownIdentity.clientId}'
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource site 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: toObject(concat([ownIdentity.id], otherIdentityIds), id => id, id => {})
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: isPublic ? 'Enabled' : 'Disabled'
    virtualNetworkSubnetId: network == 'private' ? subnetId : null
    keyVaultReferenceIdentity: ownIdentity.id
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostBlobEndpoint}releases'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: ownIdentity.id
          }
        }
      }
      runtime: {
        name: 'node'
        version: '24'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      // In a private network releases come from within it.
      scmIpSecurityRestrictionsDefaultAction: network == 'private' ? 'Deny' : 'Allow'
      ipSecurityRestrictionsDefaultAction: empty(allowedServiceTags) ? 'Allow' : 'Deny'
      ipSecurityRestrictions: [
        for (serviceTag, i) in allowedServiceTags: {
          name: serviceTag
          priority: 100 + i
          action: 'Allow'
          tag: 'ServiceTag'
          ipAddress: serviceTag
        }
      ]
    }
  }
}

resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: site
  name: 'appsettings'
  properties: union(commonSettings, approvalsSettings, executorSettings, ownSettings)
}

// Releases come with tokens of Entra ID, never with a publishing password.
resource scmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: site
  name: 'scm'
  properties: {
    allow: false
  }
}

resource ftpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: site
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource siteToWorkspace 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: site
  name: 'to-log-analytics'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output id string = site.id
output name string = site.name
output host string = site.properties.defaultHostName
