metadata description = 'The private network: a subnet for the app, one for private endpoints, and the zones that resolve them.'

import { labels, privateServices } from 'types.bicep'

param name string
param location string
param tags labels
param addressSpace string = '10.70.0.0/16'

var storageSuffix = environment().suffixes.storage
// Key Vault's own suffix differs from that of its private zone, and Service Bus has none: both are those of the public cloud.
var zoneNames = {
  blob: 'privatelink.blob.${storageSuffix}'
  queue: 'privatelink.queue.${storageSuffix}'
  table: 'privatelink.table.${storageSuffix}'
  namespace: 'privatelink.servicebus.windows.net'
  #disable-next-line no-hardcoded-env-urls
  vault: 'privatelink.vaultcore.azure.net'
}

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressSpace] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressSpace, 24, 0)
          delegations: [{ name: 'flex', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressSpace, 24, 1)
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }

  resource app 'subnets' existing = {
    name: 'app'
  }

  resource endpoints 'subnets' existing = {
    name: 'endpoints'
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in items(zoneNames): {
    name: zone.value
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, at) in items(zoneNames): {
    parent: zones[at]
    name: name
    location: 'global'
    properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
  }
]

output appSubnetId string = network::app.id
output endpointsSubnetId string = network::endpoints.id
output zoneIds privateServices = {
  blob: resourceId('Microsoft.Network/privateDnsZones', zoneNames.blob)
  queue: resourceId('Microsoft.Network/privateDnsZones', zoneNames.queue)
  table: resourceId('Microsoft.Network/privateDnsZones', zoneNames.table)
  namespace: resourceId('Microsoft.Network/privateDnsZones', zoneNames.namespace)
  vault: resourceId('Microsoft.Network/privateDnsZones', zoneNames.vault)
}
