metadata description = 'Private endpoints of everything that keeps something: none of it has any other address in a private network.'

import { appRole, zoneNames } from 'types.bicep'

@description('What all names are made from; lower-case letters and digits.')
@minLength(13)
@maxLength(13)
param token string

param location string
param tags object

@description('Subnet for private endpoints.')
param subnetId string

param zones zoneNames
param roles appRole[]

@description('Account of operations.')
param dataAccountId string

@description('The hosts’ accounts, in the order of the roles.')
param hostAccountIds string[]

param namespaceId string
param vaultId string

module data 'private-endpoint.bicep' = [
  for part in ['blob', 'table']: {
    name: 'endpoint-data-${part}'
    params: {
      name: 'pe-${token}-data-${part}'
      location: location
      tags: tags
      subnetId: subnetId
      targetId: dataAccountId
      part: part
      zoneName: part == 'blob' ? zones.blob : zones.table
    }
  }
]

module hosts 'private-endpoint.bicep' = [
  for (role, i) in roles: {
    name: 'endpoint-host-${role}'
    params: {
      name: 'pe-${token}-host-${role}'
      location: location
      tags: tags
      subnetId: subnetId
      targetId: hostAccountIds[i]
      part: 'blob'
      zoneName: zones.blob
    }
  }
]

module namespace 'private-endpoint.bicep' = {
  name: 'endpoint-namespace'
  params: {
    name: 'pe-${token}-namespace'
    location: location
    tags: tags
    subnetId: subnetId
    targetId: namespaceId
    part: 'namespace'
    zoneName: zones.namespace
  }
}

module vault 'private-endpoint.bicep' = {
  name: 'endpoint-vault'
  params: {
    name: 'pe-${token}-vault'
    location: location
    tags: tags
    subnetId: subnetId
    targetId: vaultId
    part: 'vault'
    zoneName: zones.vault
  }
}
