metadata description = 'The namespace and its queues, whose settings the embedded broker shares (queues.json).'

import { labels } from 'types.bicep'

param name string
param location string
param tags labels
@description('A private network needs Premium; Basic knows no duplicate detection.')
param isPrivate bool
param workspaceId string
@description('Principal id of the identity of the app.')
param appPrincipalId string

var roles = loadJsonContent('../roles.json')
var queues = loadJsonContent('../queues.json', '$.queues')

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: name
  location: location
  tags: tags
  sku: isPrivate ? { name: 'Premium', tier: 'Premium', capacity: 1 } : { name: 'Standard', tier: 'Standard' }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
  }
}

resource queue 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = [
  for settings in queues: {
    parent: namespace
    name: settings.name
    properties: {
      lockDuration: 'PT${settings.lockDurationSeconds}S'
      maxDeliveryCount: settings.maxDeliveryCount
      requiresDuplicateDetection: settings.requiresDuplicateDetection
      duplicateDetectionHistoryTimeWindow: 'PT${settings.duplicateDetectionWindowSeconds}S'
      requiresSession: settings.requiresSession
      defaultMessageTimeToLive: 'PT${settings.defaultTimeToLiveSeconds}S'
      deadLetteringOnMessageExpiration: settings.deadLetteringOnExpiration
    }
  }
]

// Owner of the queue, not of the namespace: the platform scales by the queue's length only where it may read it, and
// that takes the right to manage. Receiver and sender together would do for the app itself.
resource appAssignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (settings, at) in queues: {
    name: guid(queue[at].id, 'app', roles.serviceBusDataOwner)
    scope: queue[at]
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataOwner)
    }
  }
]

// The version the rule proposes is older than this preview, and cannot name categories of resource logs this way.
#disable-next-line use-recent-api-versions
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: namespace
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'OperationalLogs', enabled: true }]
  }
}

output id string = namespace.id
output host string = split(split(namespace.properties.serviceBusEndpoint, '://')[1], ':')[0]
