import type { DurableEngine } from './engine.ts';
import { EVENT, type HistoryEvent } from './history.ts';
import type { InstanceFilter, RuntimeStatus } from './store.ts';

const STATUSES: readonly RuntimeStatus[] = ['Pending', 'Running', 'Suspended', 'Completed', 'Failed', 'Terminated'];

/** Status of an instance as the management API shows it. */
export interface InstanceStatus {
  readonly name: string;
  readonly instanceId: string;
  readonly runtimeStatus: RuntimeStatus;
  readonly input: unknown;
  readonly customStatus: unknown;
  readonly output: unknown;
  readonly createdTime: string;
  readonly lastUpdatedTime: string;
  readonly historyEvents?: readonly unknown[];
}

/** Reads the list filter of a query. Unknown statuses are left out. */
export function readFilter(query: URLSearchParams): InstanceFilter {
  const wanted = query.get('runtimeStatus')?.split(',');
  const from = query.get('createdTimeFrom');
  const to = query.get('createdTimeTo');
  const idPrefix = query.get('instanceIdPrefix');
  return {
    ...(wanted === undefined ? {} : { statuses: STATUSES.filter((status) => wanted.includes(status)) }),
    ...(from === null ? {} : { createdFrom: Date.parse(from) }),
    ...(to === null ? {} : { createdTo: Date.parse(to) }),
    ...(idPrefix === null ? {} : { idPrefix }),
  };
}

/** The status of an instance; null when it is unknown. The query says whether input and history are wanted. */
export function describeInstance(
  engine: DurableEngine,
  instanceId: string,
  query: URLSearchParams,
): InstanceStatus | null {
  const found = engine.status(instanceId);
  if (found === null) {
    return null;
  }
  const { record, input } = found;
  const parsed = (text: string | null): unknown => (text === null ? null : JSON.parse(text));
  return {
    name: record.name,
    instanceId,
    runtimeStatus: record.status,
    input: query.get('showInput') === 'false' ? null : parsed(input),
    customStatus: parsed(record.customStatus),
    output: parsed(record.output),
    createdTime: wholeSeconds(record.createdAt),
    lastUpdatedTime: wholeSeconds(record.updatedAt),
    ...(query.get('showHistory') === 'true'
      ? { historyEvents: showHistory(engine.history(instanceId), query.get('showHistoryOutput') === 'true') }
      : {}),
  };
}

function wholeSeconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

const SHOWN: Readonly<Record<number, string>> = {
  [EVENT.executionStarted]: 'ExecutionStarted',
  [EVENT.taskCompleted]: 'TaskCompleted',
  [EVENT.taskFailed]: 'TaskFailed',
  [EVENT.childCompleted]: 'SubOrchestrationInstanceCompleted',
  [EVENT.childFailed]: 'SubOrchestrationInstanceFailed',
  [EVENT.timerFired]: 'TimerFired',
  [EVENT.eventSent]: 'EventSent',
  [EVENT.eventRaised]: 'EventRaised',
};

/** Only what happened, each with the name and time of what it answers. */
function showHistory(texts: readonly string[], withOutput: boolean): unknown[] {
  const events = texts.map((text) => JSON.parse(text) as HistoryEvent);
  const scheduled = new Map(events.filter(({ EventId }) => EventId >= 0).map((event) => [event.EventId, event]));
  return events.flatMap((event) => {
    const type = SHOWN[event.EventType];
    const cause = scheduled.get(event.TaskScheduledId ?? event.TimerId ?? -1);
    return type === undefined ? [] : [showEvent(type, event, cause, withOutput)];
  });
}

function showEvent(type: string, event: HistoryEvent, cause: HistoryEvent | undefined, withOutput: boolean): unknown {
  const result = withOutput && event.Result !== undefined ? (JSON.parse(event.Result) as unknown) : undefined;
  const { Timestamp, Name, FireAt, Reason } = event;
  const [FunctionName, ScheduledTime] = [cause?.Name, cause?.Timestamp];
  // Fields that are undefined do not reach the JSON.
  return { EventType: type, Timestamp, Name, FunctionName, ScheduledTime, FireAt, Reason, Result: result };
}
