metadata description = 'Private endpoints of the services, registered in their zones.'

import { labels, privateServices } from 'types.bicep'

param namePrefix string
param location string
param tags labels
param subnetId string
param services privateServices
param zoneIds privateServices

resource endpoints 'Microsoft.Network/privateEndpoints@2025-05-01' = [
  for service in items(services): {
    name: '${namePrefix}-${service.key}'
    location: location
    tags: tags
    properties: {
      subnet: { id: subnetId }
      privateLinkServiceConnections: [
        { name: service.key, properties: { privateLinkServiceId: service.value, groupIds: [service.key] } }
      ]
    }
  }
]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = [
  for (service, at) in items(services): {
    parent: endpoints[at]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [{ name: service.key, properties: { privateDnsZoneId: zoneIds[service.key] } }]
    }
  }
]
