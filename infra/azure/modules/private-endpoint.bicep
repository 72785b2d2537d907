metadata description = 'One private endpoint, with its name in the zone of its service.'

param name string
param location string
param tags object

@description('Subnet for private endpoints.')
param subnetId string

@description('What is reached.')
param targetId string

@description('Which part of it, as Private Link calls it.')
@allowed(['blob', 'table', 'namespace', 'vault', 'sites'])
param part string

@description('Zone in this resource group that holds the name.')
param zoneName string

resource zone 'Microsoft.Network/privateDnsZones@2020-06-01' existing = {
  name: zoneName
}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: part
        properties: {
          privateLinkServiceId: targetId
          groupIds: [part]
        }
      }
    ]
  }
}

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: part
        properties: {
          privateDnsZoneId: zone.id
        }
      }
    ]
  }
}
