metadata description = 'Gives a right of roles.bicep on a subscription, bound by a condition.'

targetScope = 'subscription'

import { right } from '../modules/types.bicep'

param conditional right

@description('Attribute-based condition, version 2.0.')
@minLength(100)
param condition string

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, conditional.principalId, conditional.roleId)
  properties: {
    principalId: conditional.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', conditional.roleId)
    condition: condition
    conditionVersion: '2.0'
  }
}
