metadata description = 'Gives the rights of roles.bicep on queues.'

import { right } from '../modules/types.bicep'

param namespaceName string
param rights right[]

// In the layout with one app, three roles are one identity: what it then gets twice it is given once.
var distinct = union(rights, [])

resource queues 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' existing = [
  for entry in distinct: {
    name: '${namespaceName}/${entry.?on ?? ''}'
  }
]

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (entry, i) in distinct: {
    scope: queues[i]
    name: guid(namespaceName, entry.?on ?? '', entry.principalId, entry.roleId)
    properties: {
      principalId: entry.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', entry.roleId)
    }
  }
]
