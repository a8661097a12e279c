metadata description = 'The workbook of the operators: its queries are the files in kql.'

import { labels } from 'types.bicep'

param location string
param tags labels
param insightsId string
param namespaceId string

var events = loadTextContent('../kql/events.kql')
var pages = [
  { title: 'Overview', query: loadTextContent('../kql/overview.kql'), visualization: 'timechart' }
  { title: 'Lag', query: loadTextContent('../kql/lag-over-time.kql'), visualization: 'table' }
  {
    title: 'Parked changes and errors by map'
    query: loadTextContent('../kql/parked-by-map.kql')
    visualization: 'table'
  }
  { title: 'Conflicts', query: loadTextContent('../kql/conflicts-by-field.kql'), visualization: 'table' }
  { title: 'Throttling', query: loadTextContent('../kql/throttling-over-time.kql'), visualization: 'timechart' }
  { title: 'One record', query: loadTextContent('../kql/one-record.kql'), visualization: 'table' }
]
var parameters = {
  type: 9
  name: 'parameters'
  content: {
    version: 'KqlParameterItem/1.0'
    style: 'pills'
    queryType: 0
    resourceType: 'microsoft.insights/components'
    parameters: [
      {
        id: guid('period')
        version: 'KqlParameterItem/1.0'
        name: 'Period'
        type: 4
        isRequired: true
        value: { durationMs: 86400000 }
        typeSettings: {
          selectableValues: [{ durationMs: 3600000 }, { durationMs: 86400000 }, { durationMs: 604800000 }]
        }
      }
      {
        id: guid('key')
        version: 'KqlParameterItem/1.0'
        name: 'Key'
        label: 'Key of a record, as the log names it'
        type: 1
        isRequired: false
      }
    ]
  }
}
var queries = map(pages, page => {
  type: 3
  name: page.title
  content: {
    version: 'KqlItem/1.0'
    title: page.title
    query: '${events}${page.query}'
    size: 0
    timeContextFromParameter: 'Period'
    queryType: 0
    resourceType: 'microsoft.insights/components'
    crossComponentResources: [insightsId]
    visualization: page.visualization
  }
})
var queueDepth = {
  type: 10
  name: 'Queue'
  content: {
    version: 'MetricsItem/2.0'
    title: 'Queue'
    size: 0
    chartType: 2
    resourceType: 'microsoft.servicebus/namespaces'
    metricScope: 0
    resourceIds: [namespaceId]
    timeContextFromParameter: 'Period'
    metrics: [
      {
        namespace: 'microsoft.servicebus/namespaces'
        metric: 'microsoft.servicebus/namespaces--ActiveMessages'
        aggregation: 4
        splitBy: 'EntityName'
      }
      {
        namespace: 'microsoft.servicebus/namespaces'
        metric: 'microsoft.servicebus/namespaces--DeadletteredMessages'
        aggregation: 4
        splitBy: 'EntityName'
      }
    ]
  }
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Twinwrite'
    category: 'workbook'
    sourceId: insightsId
    version: 'Notebook/1.0'
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([parameters], queries, [queueDepth])
      fallbackResourceIds: [insightsId]
    })
  }
}
