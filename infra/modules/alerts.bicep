metadata description = 'What somebody is told of. Each alert names its page of the runbook.'

import { labels, thresholds } from 'types.bicep'

param namePrefix string
param location string
param tags labels
param insightsId string
param namespaceId string
@description('Namespace of the queues that the systems post to; empty for none.')
param directNamespaceId string
param appHost string
param emails string[]
@description('Address of the folder docs, without a slash at its end.')
param docsUrl string
param limits thresholds

var events = loadTextContent('../kql/events.kql')
var rules = [
  {
    name: 'lag'
    severity: 2
    summary: 'Changes arrive late on the other side.'
    query: loadTextContent('../kql/lag.kql')
    measure: 'lagSeconds'
    threshold: limits.lagSeconds
    window: 'PT5M'
    frequency: 'PT5M'
  }
  {
    name: 'failures'
    severity: 2
    summary: 'Changes of a map fail and wait.'
    query: loadTextContent('../kql/failures.kql')
    measure: 'changes'
    threshold: limits.failures
    window: 'PT15M'
    frequency: 'PT5M'
  }
  {
    name: 'conflicts'
    severity: 3
    summary: 'Unusually many conflicts in a map.'
    query: loadTextContent('../kql/conflicts.kql')
    measure: 'conflicts'
    threshold: limits.conflicts
    window: 'PT1H'
    frequency: 'PT5M'
  }
  {
    name: 'throttling'
    severity: 3
    summary: 'A system asks for long pauses.'
    query: loadTextContent('../kql/throttling.kql')
    measure: 'changes'
    threshold: limits.throttled
    window: 'PT15M'
    frequency: 'PT5M'
  }
  {
    name: 'sign-in'
    severity: 1
    summary: 'A system refuses the identity of the app.'
    query: loadTextContent('../kql/sign-in.kql')
    measure: 'changes'
    threshold: 0
    window: 'PT5M'
    frequency: 'PT5M'
  }
  {
    name: 'side-offline'
    severity: 1
    summary: 'A system has not answered for ten minutes.'
    query: loadTextContent('../kql/side-offline.kql')
    measure: ''
    threshold: 0
    window: 'P1D'
    frequency: 'PT5M'
  }
  {
    name: 'deletions-held'
    severity: 2
    summary: 'More was deleted than a map lets pass at once.'
    query: loadTextContent('../kql/deletions-held.kql')
    measure: 'deletions'
    threshold: 0
    window: 'PT5M'
    frequency: 'PT5M'
  }
  {
    name: 'map-paused'
    severity: 3
    summary: 'A map has been paused for twenty hours.'
    query: loadTextContent('../kql/map-paused.kql')
    measure: ''
    threshold: 0
    window: 'P2D'
    frequency: 'PT1H'
  }
  {
    name: 'silence'
    severity: 3
    summary: 'Neither system has posted an event for a day.'
    query: loadTextContent('../kql/silence.kql')
    measure: ''
    threshold: 0
    window: 'P1D'
    frequency: 'PT1H'
  }
  {
    name: 'ingress-failing'
    severity: 1
    summary: 'Events are refused, because the queue does not take them.'
    query: loadTextContent('../kql/ingress-failing.kql')
    measure: 'answers'
    threshold: 10
    window: 'PT5M'
    frequency: 'PT5M'
  }
]
var directRules = empty(directNamespaceId)
  ? []
  : [
      {
        name: 'direct-dead-letters'
        scope: directNamespaceId
        severity: 2
        summary: 'Events that a system posted to its queue could not be taken in.'
        metric: 'DeadletteredMessages'
        threshold: 0
      }
    ]
var queueRules = [
  {
    name: 'dead-letters'
    scope: namespaceId
    severity: 2
    summary: 'Dead letters are not taken out of the queue.'
    metric: 'DeadletteredMessages'
    threshold: 0
  }
  {
    name: 'queue-length'
    scope: namespaceId
    severity: 2
    summary: 'Changes pile up in the queue.'
    metric: 'ActiveMessages'
    threshold: limits.queueLength
  }
]

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${namePrefix}-operators'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'twinwrite'
    emailReceivers: [
      for (email, at) in emails: { name: 'operator ${at + 1}', emailAddress: email, useCommonAlertSchema: true }
    ]
  }
}

resource queryAlerts 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for rule in rules: {
    name: '${namePrefix}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Twinwrite: ${rule.summary}'
      description: '${rule.summary} What to do: ${docsUrl}/alerts.md#${rule.name}'
      severity: rule.severity
      scopes: [insightsId]
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      autoMitigate: true
      criteria: {
        allOf: [
          union(
            {
              query: '${events}${rule.query}'
              operator: 'GreaterThan'
              threshold: rule.threshold
              failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
            },
            empty(rule.measure)
              ? { timeAggregation: 'Count' }
              : { timeAggregation: 'Maximum', metricMeasureColumn: rule.measure }
          )
        ]
      }
      actions: { actionGroups: [operators.id] }
    }
  }
]

resource queueAlerts 'Microsoft.Insights/metricAlerts@2026-01-01' = [
  for rule in concat(queueRules, directRules): {
    name: '${namePrefix}-${rule.name}'
    location: 'global'
    tags: tags
    properties: {
      description: '${rule.summary} What to do: ${docsUrl}/alerts.md#${rule.name}'
      severity: rule.severity
      enabled: true
      scopes: [rule.scope]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            name: rule.name
            criterionType: 'StaticThresholdCriterion'
            metricNamespace: 'Microsoft.ServiceBus/namespaces'
            metricName: rule.metric
            dimensions: [{ name: 'EntityName', operator: 'Include', values: ['*'] }]
            operator: 'GreaterThan'
            threshold: rule.threshold
            // The least of the window: what is soon worked off raises no alert.
            timeAggregation: 'Minimum'
          }
        ]
      }
      actions: [{ actionGroupId: operators.id }]
    }
  }
]

resource probe 'Microsoft.Insights/webtests@2022-06-15' = {
  name: '${namePrefix}-health'
  location: location
  tags: union(tags, { 'hidden-link:${insightsId}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: '${namePrefix}-health'
    Name: 'Twinwrite: health'
    Enabled: true
    Kind: 'standard'
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    Locations: [{ Id: 'emea-nl-ams-azr' }, { Id: 'us-va-ash-azr' }, { Id: 'apac-sg-sin-azr' }]
    Request: { RequestUrl: 'https://${appHost}/api/health', HttpVerb: 'GET', ParseDependentRequests: false }
    ValidationRules: { ExpectedHttpStatusCode: 200, SSLCheck: true, SSLCertRemainingLifetimeCheck: 7 }
  }
}

resource healthAlert 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: '${namePrefix}-health'
  location: 'global'
  tags: tags
  properties: {
    description: 'The app is not ready. What to do: ${docsUrl}/alerts.md#health'
    severity: 1
    enabled: true
    scopes: [probe.id, insightsId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: probe.id
      componentId: insightsId
      failedLocationCount: 2
    }
    actions: [{ actionGroupId: operators.id }]
  }
}
