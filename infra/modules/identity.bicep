metadata description = 'The one identity of the app: it signs in to its own resources and to both systems.'

import { labels } from 'types.bicep'

param name string
param location string
param tags labels

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

output id string = identity.id
output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
