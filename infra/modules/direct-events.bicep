metadata description = 'A namespace to which the two systems post events themselves. They need a key, so each may send to its own queue and do nothing else.'

import { labels } from 'types.bicep'

param name string
param location string
param tags labels
@description('Principal id of the identity of the app.')
param appPrincipalId string

var roles = loadJsonContent('../roles.json')
var queues = loadJsonContent('../queues.json', '$.directQueues')

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Standard', tier: 'Standard' }
  properties: {
    // The only place with keys: neither system signs in with an identity.
    disableLocalAuth: false
    minimumTlsVersion: '1.2'
    publicNetworkAccess: 'Enabled'
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
      requiresSession: settings.requiresSession
      defaultMessageTimeToLive: 'PT${settings.defaultTimeToLiveSeconds}S'
      deadLetteringOnMessageExpiration: settings.deadLetteringOnExpiration
    }
  }
]

resource sender 'Microsoft.ServiceBus/namespaces/queues/authorizationRules@2026-01-01' = [
  for (settings, at) in queues: {
    parent: queue[at]
    name: 'sender'
    properties: { rights: ['Send'] }
  }
]

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

output id string = namespace.id
output host string = split(split(namespace.properties.serviceBusEndpoint, '://')[1], ':')[0]
