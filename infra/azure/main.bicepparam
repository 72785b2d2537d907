using 'main.bicep'

// Filled in by `azd env set NAME VALUE`, or by the environment of whoever deploys with `az`. What has no second argument must be there.

// Names the deployment; two in one subscription and region need two names.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')

// Where everything lies. Flex Consumption is not in every region: az functionapp list-flexconsumption-locations
param location = readEnvironmentVariable('AZURE_LOCATION')

// From the outputs of entra.bicep.
param apiClientId = readEnvironmentVariable('COUNTERSIGN_API_CLIENT_ID')
param apiIdentifierUri = readEnvironmentVariable('COUNTERSIGN_API_IDENTIFIER_URI')
param personClientIds = filter(
  map(split(readEnvironmentVariable('COUNTERSIGN_PERSON_CLIENT_IDS'), ','), id => trim(id)),
  id => !empty(id)
)
param auditClientId = readEnvironmentVariable('COUNTERSIGN_AUDIT_CLIENT_ID')

// Where agents may act, separated by commas. The subscription of Countersign itself need not be among them, and had better not.
param managedSubscriptionIds = filter(
  map(split(readEnvironmentVariable('COUNTERSIGN_MANAGED_SUBSCRIPTIONS'), ','), id => trim(id)),
  id => !empty(id)
)

// Vaults that agents work with, by name, separated by commas: health says whether they can be reached, and the doctor with it.
param watchedVaults = filter(
  map(split(readEnvironmentVariable('COUNTERSIGN_WATCHED_VAULTS', ''), ','), name => trim(name)),
  name => !empty(name)
)

// Of the region of your Teams tenant: emea, amer, apac or in. The first is where cards are posted.
param teamsServiceUrls = split(
  readEnvironmentVariable('COUNTERSIGN_TEAMS_SERVICE_URLS', 'https://smba.trafficmanager.net/emea/'),
  ','
)

// `single` for a trial: one app that plays every role, so that whoever takes it over has taken over all.
param layout = 'separate'

// `private`: everything within a virtual network, Service Bus Premium. Releases then come from a machine in that network.
param network = 'public'
param addressPrefix = '10.90.0.0/24'

// `standing` only where rights must not be given and taken; then somebody gives the identities of operations theirs.
param rights = 'perOperation'

// Further scopes that no agent may touch, whatever policies say; the resource group of Countersign is one already.
param protectedScopes = []

// Who is told of alerts. Nobody is told otherwise.
param alertEmails = filter(split(readEnvironmentVariable('COUNTERSIGN_ALERT_EMAILS', ''), ','), address => !empty(address))

// 0: no budget. The first day of its first month is never changed afterwards.
param monthlyBudget = 0
param budgetStart = ''

// Kinds of personal data that are hidden beside secrets: email, phone, card, nationalId.
param maskedPersonalData = []

// How often the evidence is stored: GZRS keeps a copy in another region.
param replication = 'Standard_ZRS'
param locks = true

// Evidence that was exported cannot be changed for so long. 0 once the policy of the container is locked (README).
param exportRetentionDays = 365

param tags = {}
