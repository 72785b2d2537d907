metadata description = 'Gives the rights of roles.bicep on a subscription that agents may act in.'

targetScope = 'subscription'

import { right } from '../modules/types.bicep'

param rights right[]

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for entry in rights: {
    name: guid(subscription().id, entry.principalId, entry.roleId)
    properties: {
      principalId: entry.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', entry.roleId)
    }
  }
]
