metadata description = 'Shapes that more than one module takes.'

@export()
@description('Tags of a resource.')
type labels = {
  *: string
}

@export()
@description('How the app runs.')
type hosting = {
  zoneRedundant: bool
  @description('Also bounds the load on both systems.')
  @minValue(40)
  @maxValue(1000)
  instancesMax: int
  @description('Instances that are always up, by group: http, durable, function:<name>.')
  alwaysReady: {
    *: int
  }
}

@export()
@description('Where alerts are raised.')
type thresholds = {
  @description('Seconds from an edit to its arrival on the other side, 95th percentile of five minutes.')
  lagSeconds: int
  @description('Messages that wait in the queue.')
  queueLength: int
  @description('Changes of one map that are parked in a quarter of an hour because they failed.')
  failures: int
  @description('Conflicts of one map in an hour.')
  conflicts: int
  @description('Changes in a quarter of an hour that wait because a system is throttling.')
  throttled: int
}

@export()
@description('Ids, by the group of the private endpoint: of the services, or of their zones.')
type privateServices = {
  blob: string
  queue: string
  table: string
  namespace: string
  vault: string
}
