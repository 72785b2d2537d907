metadata description = 'Gives the rights of roles.bicep on Application Insights.'

import { right } from '../modules/types.bicep'

param insightsName string
param rights right[]

// In the layout with one app, three roles are one identity: what it then gets twice it is given once.
var distinct = union(rights, [])

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for entry in distinct: {
    scope: insights
    name: guid(insightsName, entry.principalId, entry.roleId)
    properties: {
      principalId: entry.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', entry.roleId)
    }
  }
]
