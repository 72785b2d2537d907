metadata description = 'What the identity `directory` may ask Microsoft Graph. Deployed after main.bicep, by who may consent for the tenant.'

extension microsoftGraphV1

targetScope = 'subscription'

@description('Object id of the identity `directory`: COUNTERSIGN_DIRECTORY_PRINCIPAL_ID of main.bicep.')
@minLength(36)
@maxLength(36)
param directoryPrincipalId string

// Whether an account is enabled, and who is in a group: this and nothing else (shared/contracts/graph-permissions.ts). Both can only read.
var permissions = map(items(loadJsonContent('constants.json').directoryPermissions), entry => entry.value)

resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: '00000003-0000-0000-c000-000000000000'
}

resource grants 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [
  for permission in permissions: {
    appRoleId: filter(graph.appRoles, role => role.value == permission)[0].id
    principalId: directoryPrincipalId
    resourceId: graph.id
  }
]
