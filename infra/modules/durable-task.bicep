metadata description = 'Durable Task Scheduler: keeps the state of orchestrations, by identity only, with a dashboard.'

import { labels } from 'types.bicep'

param name string
param location string
param tags labels
@description('As in host.json.')
param hubName string
@description('Principal id of the identity of the app.')
param appPrincipalId string
@description('Object id of the Entra group of the operators; empty for none.')
param operatorsGroupId string

var roles = loadJsonContent('../roles.json')

resource scheduler 'Microsoft.DurableTask/schedulers@2026-02-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: { name: 'Consumption' }
    // Empty would let nobody in.
    ipAllowlist: ['0.0.0.0/0']
  }

  resource hub 'taskHubs' = {
    name: hubName
    properties: {}
  }
}

resource appAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(scheduler::hub.id, 'app', roles.durableTaskDataContributor)
  scope: scheduler::hub
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.durableTaskDataContributor
    )
  }
}

resource operatorsAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsGroupId)) {
  name: guid(scheduler::hub.id, operatorsGroupId, roles.durableTaskDataContributor)
  scope: scheduler::hub
  properties: {
    principalId: operatorsGroupId
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.durableTaskDataContributor
    )
  }
}

output endpoint string = scheduler.properties.endpoint
