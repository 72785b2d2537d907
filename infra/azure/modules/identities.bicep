metadata description = 'One identity a role and one a tier of credentials. What each may do is said in roles.bicep alone.'

import { identity, tierIdentities } from 'types.bicep'

@description('What all names are made from; lower-case letters and digits.')
@minLength(13)
@maxLength(13)
param token string

param location string
param tags object

resource edgeIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${token}-edge'
  location: location
  tags: tags
}

resource approvalsIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${token}-approvals'
  location: location
  tags: tags
}

resource executorIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${token}-executor'
  location: location
  tags: tags
}

resource readerIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${token}-reader'
  location: location
  tags: tags
}

resource directoryIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${token}-directory'
  location: location
  tags: tags
}

resource operatorIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${token}-operator'
  location: location
  tags: tags
}

resource secretsIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${token}-secrets'
  location: location
  tags: tags
}

resource granterIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${token}-granter'
  location: location
  tags: tags
}

resource botIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${token}-bot'
  location: location
  tags: tags
}

@description('The app that takes requests: storage and queues.')
output edge identity = {
  id: edgeIdentity.id
  clientId: edgeIdentity.properties.clientId
  principalId: edgeIdentity.properties.principalId
}

@description('The app that asks people and counts votes: storage and queues.')
output approvals identity = {
  id: approvalsIdentity.id
  clientId: approvalsIdentity.properties.clientId
  principalId: approvalsIdentity.properties.principalId
}

@description('The app that makes calls: storage and queues.')
output executor identity = {
  id: executorIdentity.id
  clientId: executorIdentity.properties.clientId
  principalId: executorIdentity.properties.principalId
}

@description('Asks Microsoft Graph for people and groups, for every app.')
output directory identity = {
  id: directoryIdentity.id
  clientId: directoryIdentity.properties.clientId
  principalId: directoryIdentity.properties.principalId
}

@description('One identity a tier, and the granter.')
output tiers tierIdentities = {
  reader: {
    id: readerIdentity.id
    clientId: readerIdentity.properties.clientId
    principalId: readerIdentity.properties.principalId
  }
  operator: {
    id: operatorIdentity.id
    clientId: operatorIdentity.properties.clientId
    principalId: operatorIdentity.properties.principalId
  }
  secrets: {
    id: secretsIdentity.id
    clientId: secretsIdentity.properties.clientId
    principalId: secretsIdentity.properties.principalId
  }
  granter: {
    id: granterIdentity.id
    clientId: granterIdentity.properties.clientId
    principalId: granterIdentity.properties.principalId
  }
}

@description('The bot in Teams.')
output bot identity = {
  id: botIdentity.id
  clientId: botIdentity.properties.clientId
  principalId: botIdentity.properties.principalId
}
