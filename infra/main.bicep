metadata description = 'Twinwrite in one resource group.'

targetScope = 'subscription'

import { hosting, thresholds } from 'modules/types.bicep'

@description('Names the environment, and with it the resource group.')
@minLength(1)
@maxLength(24)
param environmentName string
@description('Region of all resources.')
param location string
@description('https://<organisation>.api.<region>.dynamics.com/api/data/v9.2')
@minLength(1)
param dataverseUrl string
@description('https://<environment>.operations.dynamics.com')
@minLength(1)
param finopsUrl string
@description('private: storage, Service Bus (Premium then) and vault are reached through private endpoints only.')
param networkMode 'public' | 'private'
@description('Where orchestrations keep their state: Durable Task Scheduler, or the storage account. The package has to be made for the same.')
param durableBackEnd 'dts' | 'azureStorage'
param options hosting
param limits thresholds
@description('Days that telemetry is kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int
@description('Gigabytes of telemetry a day; -1 for no limit.')
param logDailyCapGb int
@description('Whether the deleted vault stays recoverable, whatever anybody does. Cannot be taken back.')
param protectsVaultFromPurge bool
@description('Who gets alerts.')
param alertEmails string[]
@description('Address of the folder docs, to which alerts link.')
param docsUrl string
@description('A month, in the currency of the subscription; 0 for no budget.')
@minValue(0)
param monthlyBudget int = 0
@description('First day of its first month, yyyy-MM-01; needed with a budget.')
param budgetStart string = ''
@description('Client id of the app registration that people sign in to; empty: function keys alone admit to the API.')
param signInClientId string = ''
@description('Object id of the Entra group of the operators; empty for none.')
param operatorsGroupId string = ''
@description('Type of who deploys.')
param deployerType 'User' | 'ServicePrincipal' = 'User'
@description('Whether the two systems may post events to queues of their own, besides the webhooks.')
param directEvents bool = false
@description('Whether a referred-to record that was never synchronised is brought over first.')
param syncMissingParents bool = true
@description('Seconds between two looks at what changed in Dataverse, which finds what lost events should have told; 0 for none.')
@minValue(0)
@maxValue(86400)
param catchUpSeconds int = 300
@description('Whether F&O refuses a write with a stale If-Match; see docs/azure.md.')
param finopsHonoursIfMatch bool = true

var suffix = take(uniqueString(subscription().id, environmentName, location), 8)
var tags = { 'azd-env-name': environmentName, application: 'twinwrite' }
var isPrivate = networkMode == 'private'
var keepsStateInStorage = durableBackEnd == 'azureStorage'
var hubName = loadJsonContent('../host.json', '$.extensions.durableTask.hubName')
var names = {
  group: 'rg-twinwrite-${environmentName}'
  identity: 'id-twinwrite-${environmentName}'
  workspace: 'log-twinwrite-${environmentName}'
  insights: 'appi-twinwrite-${environmentName}'
  network: 'vnet-twinwrite-${environmentName}'
  plan: 'plan-twinwrite-${environmentName}'
  alerts: 'twinwrite-${environmentName}'
  // These are unique in the world.
  storage: 'sttwinwrite${suffix}'
  namespace: 'sb-twinwrite-${suffix}'
  directNamespace: 'sb-twinwrite-${suffix}-direct'
  scheduler: 'dts-twinwrite-${suffix}'
  vault: 'kv-twinwrite-${suffix}'
  app: 'func-twinwrite-${suffix}'
}
var deploymentContainer = 'packages'
resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: names.group
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: { name: names.identity, location: location, tags: tags }
}

module monitor 'modules/monitor.bicep' = {
  scope: group
  params: {
    workspaceName: names.workspace
    insightsName: names.insights
    location: location
    tags: tags
    retentionDays: logRetentionDays
    dailyCapGb: logDailyCapGb
    appPrincipalId: identity.outputs.principalId
    operatorsGroupId: operatorsGroupId
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: names.storage
    location: location
    tags: tags
    deploymentContainer: deploymentContainer
    isPrivate: isPrivate
    zoneRedundant: options.zoneRedundant
    keepsDurableState: keepsStateInStorage
    appPrincipalId: identity.outputs.principalId
  }
}

module serviceBus 'modules/service-bus.bicep' = {
  scope: group
  params: {
    name: names.namespace
    location: location
    tags: tags
    isPrivate: isPrivate
    workspaceId: monitor.outputs.workspaceId
    appPrincipalId: identity.outputs.principalId
  }
}

module directQueues 'modules/direct-events.bicep' = if (directEvents) {
  scope: group
  params: {
    name: names.directNamespace
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
  }
}

module durableTask 'modules/durable-task.bicep' = if (!keepsStateInStorage) {
  scope: group
  params: {
    name: names.scheduler
    location: location
    tags: tags
    hubName: hubName
    appPrincipalId: identity.outputs.principalId
    operatorsGroupId: operatorsGroupId
  }
}

module vault 'modules/key-vault.bicep' = {
  scope: group
  params: {
    name: names.vault
    location: location
    tags: tags
    isPrivate: isPrivate
    protectsFromPurge: protectsVaultFromPurge
    workspaceId: monitor.outputs.workspaceId
    appPrincipalId: identity.outputs.principalId
    deployerId: deployer().objectId
    deployerType: deployerType
  }
}

module network 'modules/network.bicep' = if (isPrivate) {
  scope: group
  params: { name: names.network, location: location, tags: tags }
}

module endpoints 'modules/private-endpoints.bicep' = if (isPrivate) {
  scope: group
  params: {
    namePrefix: 'pep-twinwrite-${environmentName}'
    location: location
    tags: tags
    subnetId: network!.outputs.endpointsSubnetId
    services: {
      blob: storage.outputs.id
      queue: storage.outputs.id
      table: storage.outputs.id
      namespace: serviceBus.outputs.id
      vault: vault.outputs.id
    }
    zoneIds: network!.outputs.zoneIds
  }
}

var hostSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.outputs.clientId
  AzureWebJobsStorage__blobServiceUri: storage.outputs.blobUrl
  AzureWebJobsStorage__queueServiceUri: storage.outputs.queueUrl
  AzureWebJobsStorage__tableServiceUri: storage.outputs.tableUrl
  ServiceBusConnection__fullyQualifiedNamespace: serviceBus.outputs.host
  ServiceBusConnection__credential: 'managedidentity'
  ServiceBusConnection__clientId: identity.outputs.clientId
  // Larger requests are refused before the app sees them; of those up to here that are too large it keeps the beginning.
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '4194304'
  APPLICATIONINSIGHTS_CONNECTION_STRING: monitor.outputs.connectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.outputs.clientId};Authorization=AAD'
}
var appSettings = {
  AZURE_CLIENT_ID: identity.outputs.clientId
  TWINWRITE_IDENTITY: 'managed-identity'
  TWINWRITE_DATAVERSE_URL: dataverseUrl
  TWINWRITE_FINOPS_URL: finopsUrl
  TWINWRITE_TABLES_URL: storage.outputs.tablesEndpoint
  TWINWRITE_WEBHOOK_KEYS: '@Microsoft.KeyVault(SecretUri=${vault.outputs.url}secrets/webhook-keys)'
  TWINWRITE_TAG_SECRETS: '@Microsoft.KeyVault(SecretUri=${vault.outputs.url}secrets/tag-secrets)'
  TWINWRITE_SYNC_MISSING_PARENTS: syncMissingParents ? 'true' : 'false'
  TWINWRITE_CATCH_UP_SECONDS: string(catchUpSeconds)
  TWINWRITE_FINOPS_HONOURS_IF_MATCH: finopsHonoursIfMatch ? 'true' : 'false'
}
var schedulerSettings = keepsStateInStorage
  ? {}
  : {
      DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${durableTask!.outputs.endpoint};Authentication=ManagedIdentity;ClientID=${identity.outputs.clientId}'
    }
var directSettings = directEvents
  ? {
      DirectEventsConnection__fullyQualifiedNamespace: directQueues!.outputs.host
      DirectEventsConnection__credential: 'managedidentity'
      DirectEventsConnection__clientId: identity.outputs.clientId
    }
  : {}
var signInSettings = empty(signInClientId) ? {} : { OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: identity.outputs.clientId }

module app 'modules/function-app.bicep' = {
  scope: group
  params: {
    name: names.app
    planName: names.plan
    location: location
    tags: tags
    options: options
    identity: { id: identity.outputs.id, clientId: identity.outputs.clientId }
    deploymentContainerUrl: '${storage.outputs.blobUrl}${deploymentContainer}'
    settings: union(hostSettings, appSettings, schedulerSettings, directSettings, signInSettings)
    subnetId: isPrivate ? network!.outputs.appSubnetId : ''
    signInClientId: signInClientId
  }
  // The host reaches these as soon as it starts.
  dependsOn: [endpoints]
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    namePrefix: names.alerts
    location: location
    tags: tags
    insightsId: monitor.outputs.insightsId
    namespaceId: serviceBus.outputs.id
    directNamespaceId: directEvents ? directQueues!.outputs.id : ''
    appHost: app.outputs.host
    emails: alertEmails
    docsUrl: docsUrl
    limits: limits
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    insightsId: monitor.outputs.insightsId
    namespaceId: serviceBus.outputs.id
  }
}

module budget 'modules/budget.bicep' = if (monthlyBudget > 0) {
  scope: group
  params: {
    name: 'twinwrite-${environmentName}'
    amount: max(monthlyBudget, 1)
    start: budgetStart
    emails: alertEmails
  }
}

output AZURE_RESOURCE_GROUP string = names.group
output APP_NAME string = names.app
output APP_URL string = 'https://${app.outputs.host}'
output DATAVERSE_WEBHOOK_URL string = 'https://${app.outputs.host}/api/ingress/dataverse'
output IDENTITY_CLIENT_ID string = identity.outputs.clientId
output KEY_VAULT_NAME string = names.vault
output DIRECT_EVENTS_NAMESPACE string = directEvents ? names.directNamespace : ''
output DURABLE_BACK_END string = durableBackEnd
