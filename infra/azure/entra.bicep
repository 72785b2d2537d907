metadata description = 'Registrations in Entra ID: the API, and the application through which people vote and read. Deployed before main.bicep, by who may register applications.'

extension microsoftGraphV1

targetScope = 'subscription'

@description('The same as for main.bicep.')
@minLength(2)
@maxLength(40)
param environmentName string

@description('Where people are sent back to after they signed in; https, or http on localhost.')
param redirectUris string[]

@description('Which entries of agents.json get the app role Operation.Submit: those of this tenant. Their service principals must be there.')
param assignAgents bool = true

// Ids of roles and scopes: the same each time, so that a second deployment changes nothing.
var submitId = guid(tenant().tenantId, environmentName, 'Operation.Submit')
var approveRoleId = guid(tenant().tenantId, environmentName, 'role', 'Operation.Approve')
var auditRoleId = guid(tenant().tenantId, environmentName, 'role', 'Audit.Read')
var approveScopeId = guid(tenant().tenantId, environmentName, 'scope', 'Operation.Approve')
var auditScopeId = guid(tenant().tenantId, environmentName, 'scope', 'Audit.Read')

var registered = items(loadJsonContent('../policy/agents.json'))
var ofThisTenant = filter(registered, agent => agent.value.tenant == tenant().tenantId)

resource console 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'countersign-console-${environmentName}'
  displayName: 'Countersign console (${environmentName})'
  signInAudience: 'AzureADMyOrg'
  spa: {
    redirectUris: redirectUris
  }
}

resource api 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'countersign-${environmentName}'
  displayName: 'Countersign (${environmentName})'
  signInAudience: 'AzureADMyOrg'
  identifierUris: ['api://${tenant().tenantId}/countersign-${environmentName}']
  api: {
    requestedAccessTokenVersion: 2
    oauth2PermissionScopes: [
      {
        id: approveScopeId
        value: 'Operation.Approve'
        type: 'User'
        isEnabled: true
        adminConsentDisplayName: 'Vote on operations'
        adminConsentDescription: 'Lets the application vote on operations of agents in the name of the person who is signed in.'
        userConsentDisplayName: 'Vote on operations'
        userConsentDescription: 'Lets the application vote on operations of agents in your name.'
      }
      {
        id: auditScopeId
        value: 'Audit.Read'
        type: 'User'
        isEnabled: true
        adminConsentDisplayName: 'Read operations'
        adminConsentDescription: 'Lets the application read operations and their evidence in the name of the person who is signed in.'
        userConsentDisplayName: 'Read operations'
        userConsentDescription: 'Lets the application read operations and their evidence in your name.'
      }
    ]
    // Nobody is asked for consent, and no other client gets these scopes without an administrator.
    preAuthorizedApplications: [
      {
        appId: console.appId
        delegatedPermissionIds: [approveScopeId, auditScopeId]
      }
    ]
  }
  appRoles: [
    {
      id: submitId
      value: 'Operation.Submit'
      displayName: 'Submit operations'
      description: 'Agents that may ask for operations.'
      allowedMemberTypes: ['Application']
      isEnabled: true
    }
    {
      id: approveRoleId
      value: 'Operation.Approve'
      displayName: 'Vote on operations'
      description: 'People who may sign in to vote. Which votes count, the policies and groups say.'
      allowedMemberTypes: ['User']
      isEnabled: true
    }
    {
      id: auditRoleId
      value: 'Audit.Read'
      displayName: 'Read operations'
      description: 'People who may sign in to read. What they see, the policies and groups say.'
      allowedMemberTypes: ['User']
      isEnabled: true
    }
  ]
  optionalClaims: {
    // Tells tokens of applications from tokens of people, whoever they are for.
    accessToken: [
      {
        name: 'idtyp'
        essential: false
        additionalProperties: ['include_user_token']
      }
    ]
  }
}

// Nobody gets a token for the API without having been given a role.
resource apiPrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: api.appId
  appRoleAssignmentRequired: true
}

resource consolePrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: console.appId
}

resource agents 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [
  for agent in ofThisTenant: if (assignAgents) {
    appRoleId: submitId
    principalId: agent.value.id
    resourceId: apiPrincipal.id
  }
]

output COUNTERSIGN_API_CLIENT_ID string = api.appId
output COUNTERSIGN_API_IDENTIFIER_URI string = 'api://${tenant().tenantId}/countersign-${environmentName}'
output COUNTERSIGN_PERSON_CLIENT_IDS string = console.appId
output COUNTERSIGN_CONSOLE_PRINCIPAL_ID string = consolePrincipal.id
