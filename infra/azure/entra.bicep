metadata description = 'Registrations in Entra ID: the API, the console through which people vote and read, and the command line through which they only read. Deployed before main.bicep, by who may register applications.'

extension microsoftGraphV1

targetScope = 'subscription'

@description('The same as for main.bicep.')
@minLength(2)
@maxLength(40)
param environmentName string

@description('Where people are sent back to after they signed in; https, or http on localhost. Empty: nobody signs in to vote or read but in Teams and by the command line.')
param redirectUris string[] = []

@description('Which entries of agents.json get the app role Operation.Submit: those of this tenant. Their service principals must be there.')
param assignAgents bool = true

// The same each time, so that a second deployment changes nothing. Where a role and a scope have one value, as here, Entra ID takes them only with one id, name and
// description for both (github.com/MicrosoftDocs/azure-docs/issues/81899).
var submitId = guid(tenant().tenantId, environmentName, 'Operation.Submit')
var approve = {
  id: guid(tenant().tenantId, environmentName, 'Operation.Approve')
  name: 'Vote on operations'
  description: 'Votes on operations of agents, as a person who is signed in. Which votes count, the policies and groups say.'
}
var audit = {
  id: guid(tenant().tenantId, environmentName, 'Audit.Read')
  name: 'Read operations'
  description: 'Reads operations and their evidence, as a person who is signed in. Which ones, the policies and groups say.'
}

var registered = items(loadJsonContent('../policy/agents.json'))
var ofThisTenant = filter(registered, agent => agent.value.tenant == tenant().tenantId)

// The client by which people's tokens count: only pages at redirectUris get tokens through it.
resource console 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'countersign-console-${environmentName}'
  displayName: 'Countersign console (${environmentName})'
  signInAudience: 'AzureADMyOrg'
  spa: {
    redirectUris: redirectUris
  }
}

// For npm run doctor. Whoever has a shell on the machine of an approver could sign in through it, so that it gets no scope by which anybody could vote.
resource auditing 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'countersign-audit-${environmentName}'
  displayName: 'Countersign audit by command line (${environmentName})'
  signInAudience: 'AzureADMyOrg'
  isFallbackPublicClient: true
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
        id: approve.id
        value: 'Operation.Approve'
        type: 'Admin'
        isEnabled: true
        adminConsentDisplayName: approve.name
        adminConsentDescription: approve.description
      }
      {
        id: audit.id
        value: 'Audit.Read'
        type: 'Admin'
        isEnabled: true
        adminConsentDisplayName: audit.name
        adminConsentDescription: audit.description
      }
    ]
    // Nobody is asked for consent, and since people may not give it themselves (`Admin`), no other client gets these scopes without an administrator.
    preAuthorizedApplications: [
      {
        appId: console.appId
        delegatedPermissionIds: [approve.id, audit.id]
      }
      {
        appId: auditing.appId
        delegatedPermissionIds: [audit.id]
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
      id: approve.id
      value: 'Operation.Approve'
      displayName: approve.name
      description: approve.description
      allowedMemberTypes: ['User']
      isEnabled: true
    }
    {
      id: audit.id
      value: 'Audit.Read'
      displayName: audit.name
      description: audit.description
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

resource auditingPrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: auditing.appId
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
output COUNTERSIGN_AUDIT_CLIENT_ID string = auditing.appId
output COUNTERSIGN_CONSOLE_PRINCIPAL_ID string = consolePrincipal.id
output COUNTERSIGN_AUDIT_PRINCIPAL_ID string = auditingPrincipal.id
