@export()
@description('A user-assigned identity.')
type identity = {
  @description('Resource id.')
  id: string

  @description('Client id, which asks for tokens.')
  clientId: string

  @description('Object id, which role assignments name.')
  principalId: string
}

@export()
@description('The identities that calls to Azure are made with: one a tier, and the one that gives the tiers their rights.')
type tierIdentities = {
  @description('Reads Azure and can change nothing.')
  reader: identity

  @description('Makes the calls of operations.')
  operator: identity

  @description('Makes calls that answer with secrets.')
  secrets: identity

  @description('Gives and takes the rights of the two above.')
  granter: identity
}

@export()
@description('One right on a queue, a table, a container or a subscription.')
type right = {
  @description('Object id of the identity that gets it.')
  principalId: string

  @description('GUID of the built-in role.')
  roleId: string

  @description('Name of the queue, table or container; not for rights on a whole resource.')
  on: string?
}

@export()
@description('Reachable by public names, with Entra ID in front; or only within a virtual network.')
type networkKind = 'public' | 'private'

@export()
@description('Three apps with separate identities, or one that plays every role: for trials, since it separates nothing.')
type appLayout = 'separate' | 'single'

@export()
@description('Private DNS zones, by what has its names there.')
type zoneNames = {
  blob: string
  table: string
  namespace: string
  vault: string
  sites: string
}

@export()
@description('What an app plays.')
type appRole = 'edge' | 'approvals' | 'executor' | 'all'
