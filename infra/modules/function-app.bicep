metadata description = 'The functions app on Flex Consumption, its settings, and sign-in for what people call.'

import { hosting, labels } from 'types.bicep'

param name string
param planName string
param location string
param tags labels
param options hosting
param identity { id: string, clientId: string }
@description('Container of the packages, with the address of its storage.')
param deploymentContainerUrl string
@description('App settings; what is secret among them are references into the vault.')
param settings labels
@description('Subnet that the app calls out through; empty for none.')
param subnetId string
@description('Client id of the app registration that people sign in to; empty: function keys alone admit to the API.')
param signInClientId string

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true, zoneRedundant: options.zoneRedundant }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  // azd finds the app by this tag.
  tags: union(tags, { 'azd-service-name': 'sync' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      alwaysOn: false
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
    functionAppConfig: {
      runtime: { name: 'node', version: '24' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: options.instancesMax
        alwaysReady: map(items(options.alwaysReady), group => { name: group.key, instanceCount: group.value })
        triggers: { http: { perInstanceConcurrency: 32 } }
      }
    }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: settings
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  // The systems that post events, and probes, cannot sign in; events bear a key of their own.
  resource signIn 'config' = if (!empty(signInClientId)) {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: true }
      httpSettings: { requireHttps: true }
      globalValidation: {
        requireAuthentication: true
        unauthenticatedClientAction: 'Return401'
        excludedPaths: ['/api/health', '/api/ingress/dataverse', '/api/ingress/finops']
      }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: signInClientId
            openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
            // Names the setting that makes the identity stand in for a secret (federated credential).
            clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'
          }
          validation: { allowedAudiences: ['api://${signInClientId}', signInClientId] }
        }
      }
      login: { tokenStore: { enabled: false } }
    }
  }
}

output host string = site.properties.defaultHostName
