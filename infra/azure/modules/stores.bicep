metadata description = 'Everything that keeps something: operations and their evidence, the hosts’ own accounts, queues, keys.'

import { appRole, networkKind } from 'types.bicep'

@description('What all names are made from; lower-case letters and digits.')
@minLength(13)
@maxLength(13)
param token string

param location string
param tags object
param network networkKind

@description('What the apps play; each has a host account of its own.')
param roles appRole[]

@description('How many copies of the evidence, and where.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS', 'Standard_RAGRS', 'Standard_RAGZRS'])
param replication string

@minValue(1)
@maxValue(365)
param softDeleteDays int

@minValue(0)
@maxValue(146000)
param exportRetentionDays int

@description('Nobody deletes evidence, queues or keys without taking the lock away first.')
param isLocked bool

@description('Where diagnostic logs go.')
param workspaceId string

module storage 'storage.bicep' = {
  name: 'storage'
  params: {
    token: token
    location: location
    tags: tags
    network: network
    replication: replication
    softDeleteDays: softDeleteDays
    exportRetentionDays: exportRetentionDays
    isLocked: isLocked
    workspaceId: workspaceId
  }
}

module hostStorage 'host-storage.bicep' = [
  for role in roles: {
    name: 'host-storage-${role}'
    params: {
      token: token
      role: role
      location: location
      tags: tags
      network: network
      softDeleteDays: softDeleteDays
      workspaceId: workspaceId
    }
  }
]

module serviceBus 'service-bus.bicep' = {
  name: 'service-bus'
  params: {
    token: token
    location: location
    tags: tags
    network: network
    isLocked: isLocked
    workspaceId: workspaceId
  }
}

module keyVault 'key-vault.bicep' = {
  name: 'key-vault'
  params: {
    token: token
    location: location
    tags: tags
    network: network
    isLocked: isLocked
    workspaceId: workspaceId
  }
}

@description('The account of operations.')
output data {
  id: string
  name: string
  tableEndpoint: string
  blobEndpoint: string
} = {
  id: storage.outputs.id
  name: storage.outputs.name
  tableEndpoint: storage.outputs.tableEndpoint
  blobEndpoint: storage.outputs.blobEndpoint
}

@description('The hosts’ accounts, in the order of the roles.')
output hostAccountIds string[] = [for (role, i) in roles: hostStorage[i].outputs.id]

output queues {
  id: string
  name: string
  host: string
} = {
  id: serviceBus.outputs.id
  name: serviceBus.outputs.name
  host: serviceBus.outputs.host
}

output vault {
  id: string
  name: string
} = {
  id: keyVault.outputs.id
  name: keyVault.outputs.name
}
