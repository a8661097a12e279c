metadata description = 'The storage of the app: its packages, files of the host, the tables of Twinwrite, and durable state where it lies here.'

import { labels } from 'types.bicep'

param name string
param location string
param tags labels
param deploymentContainer string
param isPrivate bool
param zoneRedundant bool
@description('Whether orchestrations keep their state here; they then need queues, too.')
param keepsDurableState bool
@description('Principal id of the identity of the app.')
param appPrincipalId string

var roles = loadJsonContent('../roles.json')
var appRoles = concat(
  [roles.storageBlobDataOwner, roles.storageTableDataContributor],
  keepsDurableState ? [roles.storageQueueDataContributor] : []
)

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS' }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    defaultToOAuthAuthentication: true
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: { defaultAction: isPrivate ? 'Deny' : 'Allow', bypass: 'None' }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: { enabled: true, days: 7 }
    }

    resource packages 'containers' = {
      name: deploymentContainer
      properties: { publicAccess: 'None' }
    }
  }

  resource tables 'tableServices' = {
    name: 'default'
  }

  resource queues 'queueServices' = {
    name: 'default'
  }
}

resource appAssignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in appRoles: {
    name: guid(account.id, 'app', role)
    scope: account
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

output id string = account.id
output blobUrl string = account.properties.primaryEndpoints.blob
output queueUrl string = account.properties.primaryEndpoints.queue
output tableUrl string = account.properties.primaryEndpoints.table
@description('Without the slash at the end that the address above has.')
output tablesEndpoint string = 'https://${account.name}.table.${environment().suffixes.storage}'
