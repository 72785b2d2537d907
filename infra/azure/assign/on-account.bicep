metadata description = 'Gives the rights of roles.bicep on a whole storage account: the one of an app’s own host.'

import { right } from '../modules/types.bicep'

param accountName string
param rights right[]

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: accountName
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for entry in rights: {
    scope: account
    name: guid(accountName, entry.principalId, entry.roleId)
    properties: {
      principalId: entry.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', entry.roleId)
    }
  }
]
