using 'main.bicep'

// One file for all environments: ENVIRONMENT_PROFILE picks the size; what belongs to one customer comes from the
// environment (`azd env set NAME VALUE`).
var profiles = {
  dev: {
    networkMode: 'public'
    durableBackEnd: 'azureStorage'
    options: { zoneRedundant: false, instancesMax: 40, alwaysReady: {} }
    limits: { lagSeconds: 120, queueLength: 5000, failures: 20, conflicts: 50, throttled: 100 }
    logRetentionDays: 30
    logDailyCapGb: 1
    protectsVaultFromPurge: false
    monthlyBudget: 50
  }
  test: {
    networkMode: 'public'
    durableBackEnd: 'dts'
    options: { zoneRedundant: false, instancesMax: 40, alwaysReady: {} }
    limits: { lagSeconds: 60, queueLength: 2000, failures: 10, conflicts: 20, throttled: 50 }
    logRetentionDays: 30
    logDailyCapGb: 2
    protectsVaultFromPurge: false
    monthlyBudget: 150
  }
  prod: {
    networkMode: 'private'
    durableBackEnd: 'azureStorage'
    options: {
      zoneRedundant: true
      instancesMax: 40
      alwaysReady: { http: 2, durable: 2, 'function:changesQueue': 2 }
    }
    limits: { lagSeconds: 30, queueLength: 1000, failures: 5, conflicts: 20, throttled: 50 }
    logRetentionDays: 90
    logDailyCapGb: -1
    protectsVaultFromPurge: true
    monthlyBudget: 1500
  }
}
var profile = profiles[readEnvironmentVariable('ENVIRONMENT_PROFILE', 'dev')]

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param dataverseUrl = readEnvironmentVariable('DATAVERSE_URL')
param finopsUrl = readEnvironmentVariable('FINOPS_URL')
param alertEmails = filter(split(readEnvironmentVariable('ALERT_EMAILS', ''), ','), email => !empty(email))
param docsUrl = readEnvironmentVariable('DOCS_URL')
param signInClientId = readEnvironmentVariable('SIGN_IN_CLIENT_ID', '')
param operatorsGroupId = readEnvironmentVariable('OPERATORS_GROUP_ID', '')
param directEvents = readEnvironmentVariable('DIRECT_EVENTS', '') == 'true'
param deployerType = readEnvironmentVariable('DEPLOYER_TYPE', 'User')
param networkMode = readEnvironmentVariable('NETWORK_MODE', profile.networkMode)
param durableBackEnd = readEnvironmentVariable('DURABLE_BACK_END', profile.durableBackEnd)
param options = profile.options
param limits = profile.limits
param logRetentionDays = profile.logRetentionDays
param logDailyCapGb = profile.logDailyCapGb
param protectsVaultFromPurge = profile.protectsVaultFromPurge
param budgetStart = readEnvironmentVariable('BUDGET_START', '')
param monthlyBudget = empty(readEnvironmentVariable('BUDGET_START', '')) ? 0 : profile.monthlyBudget
