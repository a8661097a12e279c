metadata description = 'The vault of what has to stay secret: keys of the webhooks, and what signs the tag on our writes.'

import { labels } from 'types.bicep'

param name string
param location string
param tags labels
param isPrivate bool
@description('Whether a deleted vault or secret can be removed for good before its time. Cannot be turned on again once off, nor off once on.')
param protectsFromPurge bool
param workspaceId string
@description('Principal id of the identity of the app.')
param appPrincipalId string
@description('Who deploys, and writes the secrets into the vault.')
param deployerId string
param deployerType 'User' | 'ServicePrincipal'

var roles = loadJsonContent('../roles.json')

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: protectsFromPurge ? true : null
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: { defaultAction: isPrivate ? 'Deny' : 'Allow', bypass: 'None' }
  }
}

resource appReads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, 'app', roles.keyVaultSecretsUser)
  scope: vault
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
  }
}

resource deployerWrites 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, deployerId, roles.keyVaultSecretsOfficer)
  scope: vault
  properties: {
    principalId: deployerId
    principalType: deployerType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsOfficer)
  }
}

// The version the rule proposes is older than this preview, and cannot name categories of resource logs this way.
#disable-next-line use-recent-api-versions
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'AuditEvent', enabled: true }]
  }
}

output id string = vault.id
output url string = vault.properties.vaultUri
