metadata description = 'Log Analytics and Application Insights, which takes telemetry by identity only.'

import { labels } from 'types.bicep'

param workspaceName string
param insightsName string
param location string
param tags labels
@minValue(30)
@maxValue(730)
param retentionDays int
@description('Gigabytes a day beyond which nothing more is taken in; -1 for no limit.')
param dailyCapGb int
@description('Principal id of the identity of the app.')
param appPrincipalId string
@description('Object id of the Entra group of the operators; empty for none.')
param operatorsGroupId string

var roles = loadJsonContent('../roles.json')

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    workspaceCapping: { dailyQuotaGb: dailyCapGb }
    features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource appPublishes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, 'app', roles.monitoringMetricsPublisher)
  scope: insights
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.monitoringMetricsPublisher
    )
  }
}

resource operatorsRead 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsGroupId)) {
  name: guid(workspace.id, operatorsGroupId, roles.logAnalyticsReader)
  scope: workspace
  properties: {
    principalId: operatorsGroupId
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.logAnalyticsReader)
  }
}

output workspaceId string = workspace.id
output insightsId string = insights.id
@description('Names where telemetry goes. It admits nobody: local authentication is off.')
output connectionString string = insights.properties.ConnectionString
