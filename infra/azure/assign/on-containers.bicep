metadata description = 'Gives the rights of roles.bicep on containers of blobs.'

import { right } from '../modules/types.bicep'

param accountName string
param rights right[]

// In the layout with one app, three roles are one identity: what it then gets twice it is given once.
var distinct = union(rights, [])

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' existing = [
  for entry in distinct: {
    name: '${accountName}/default/${entry.?on ?? ''}'
  }
]

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (entry, i) in distinct: {
    scope: containers[i]
    name: guid(accountName, entry.?on ?? '', entry.principalId, entry.roleId)
    properties: {
      principalId: entry.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', entry.roleId)
    }
  }
]
