metadata description = 'What somebody must look at. operations.md says of each what it means and what to do.'

import { networkKind } from 'types.bicep'

@description('What all names are made from; lower-case letters and digits.')
@minLength(13)
@maxLength(13)
param token string

param location string
param tags object
param network networkKind
param workspaceId string
param insightsId string
param namespaceId string
param actionGroupId string

@description('Object ids of the identities that write to the record.')
param writerIds string[]

@description('Host names of the apps, which are asked for their health from outside where they have public addresses.')
param hosts string[]

// Severity 0 is critical, 1 an error, 2 a warning.
var queryAlerts = [
  {
    name: 'forged-votes'
    severity: 0
    description: 'An approval does not hold, or somebody speaks to the bot who is not Teams.'
    query: loadTextContent('../queries/forged-votes.kql')
    window: 'PT5M'
  }
  {
    name: 'strangers-write'
    severity: 0
    description: 'Somebody who is none of the apps writes to the record of operations.'
    query: replace(loadTextContent('../queries/strangers-write.kql'), '{writers}', join(writerIds, '", "'))
    window: 'PT15M'
  }
  {
    name: 'rights-left'
    severity: 0
    description: 'An identity of operations holds a right that no operation was given, or one could not be taken back.'
    query: loadTextContent('../queries/rights-left.kql')
    window: 'PT15M'
  }
  {
    name: 'doubtful-outcomes'
    severity: 1
    description: 'Nobody can say what a call did. A person has to look at the target and record it.'
    query: loadTextContent('../queries/doubtful-outcomes.kql')
    window: 'PT5M'
  }
  {
    name: 'messages-nobody-handles'
    severity: 1
    description: 'A message died or was set aside.'
    query: loadTextContent('../queries/messages-nobody-handles.kql')
    window: 'PT15M'
  }
  {
    name: 'oldest-waiting'
    severity: 1
    description: 'An operation has not ended for more than a day.'
    query: loadTextContent('../queries/oldest-waiting.kql')
    window: 'PT15M'
  }
  {
    name: 'nothing-measured'
    severity: 1
    description: 'The executor has measured nothing for a quarter of an hour.'
    query: loadTextContent('../queries/nothing-measured.kql')
    window: 'PT15M'
  }
]

resource queryRules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in queryAlerts: {
    name: 'countersign-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Countersign: ${alert.name}'
      description: alert.description
      severity: alert.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: alert.window
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      autoMitigate: true
      // A new workspace has no table yet that could be asked.
      skipQueryValidation: true
      actions: {
        actionGroups: [actionGroupId]
      }
    }
  }
]

// The namespace itself says it too, should the executor that counts them be what is down.
resource deadLetters 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'countersign-dead-letters'
  location: 'global'
  tags: tags
  properties: {
    description: 'Dead letters wait in a queue.'
    severity: 1
    enabled: true
    scopes: [namespaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'dead-letters'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.ServiceBus/namespaces'
          metricName: 'DeadletteredMessages'
          timeAggregation: 'Maximum'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: [
            {
              name: 'EntityName'
              operator: 'Include'
              values: ['*']
            }
          ]
        }
      ]
    }
    autoMitigate: true
    actions: [
      {
        actionGroupId: actionGroupId
      }
    ]
  }
}

// From outside nobody can ask an app that has no public address; there `nothing-measured` stands in for it.
resource healthTests 'Microsoft.Insights/webtests@2022-06-15' = [
  for (host, i) in hosts: if (network == 'public') {
    name: 'health-${token}-${i}'
    location: location
    kind: 'standard'
    tags: union(tags, { 'hidden-link:${insightsId}': 'Resource' })
    properties: {
      SyntheticMonitorId: 'health-${token}-${i}'
      Name: 'health of ${host}'
      Kind: 'standard'
      Enabled: true
      Frequency: 300
      Timeout: 30
      RetryEnabled: true
      Locations: [
        {
          Id: 'emea-nl-ams-azr'
        }
        {
          Id: 'us-va-ash-azr'
        }
        {
          Id: 'apac-sg-sin-azr'
        }
      ]
      Request: {
        RequestUrl: 'https://${host}/api/health'
        HttpVerb: 'GET'
        ParseDependentRequests: false
        FollowRedirects: false
      }
      ValidationRules: {
        ExpectedHttpStatusCode: 200
        SSLCheck: true
        SSLCertRemainingLifetimeCheck: 7
      }
    }
  }
]

resource healthAlerts 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for (host, i) in hosts: if (network == 'public') {
    name: 'countersign-health-${i}'
    location: 'global'
    tags: tags
    properties: {
      description: 'GET https://${host}/api/health fails from two places at least.'
      severity: 1
      enabled: true
      scopes: [(healthTests[i].id), insightsId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
        webTestId: healthTests[i].id
        componentId: insightsId
        failedLocationCount: 2
      }
      autoMitigate: true
      actions: [
        {
          actionGroupId: actionGroupId
        }
      ]
    }
  }
]
