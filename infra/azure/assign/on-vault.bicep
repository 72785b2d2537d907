metadata description = 'Gives the rights of roles.bicep on the vault of Countersign’s own secrets.'

import { right } from '../modules/types.bicep'

param vaultName string
param rights right[]

// In the layout with one app, three roles are one identity: what it then gets twice it is given once.
var distinct = union(rights, [])

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for entry in distinct: {
    scope: vault
    name: guid(vaultName, entry.principalId, entry.roleId)
    properties: {
      principalId: entry.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', entry.roleId)
    }
  }
]
