/** Numbers of the history events in the JSON of durable-functions 3.x (`HistoryEventType` of the package). */
export const EVENT = {
  executionStarted: 0,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  childCreated: 7,
  childCompleted: 8,
  childFailed: 9,
  timerCreated: 10,
  timerFired: 11,
  turnStarted: 12,
  turnCompleted: 13,
  eventSent: 14,
  eventRaised: 15,
  generic: 17,
} as const;

/** How often and how fast a failed call is tried again; all durations in milliseconds. */
export interface RetryOptions {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number | undefined;
  readonly maxRetryIntervalInMilliseconds?: number | undefined;
  readonly retryTimeoutInMilliseconds?: number | undefined;
}

/** Where a retried call stands: `attempt` counts from 1, `firstAttemptAt` is epoch milliseconds. */
export interface RetryState {
  readonly options: RetryOptions;
  readonly attempt: number;
  readonly firstAttemptAt: number;
  readonly call: Call;
  /** Why the last attempt failed; set on the timer between two attempts. */
  readonly lastFailure?: Failure;
}

/** What the SDK shows as the error of a failed task. */
export interface Failure {
  readonly reason: string;
  readonly details: string;
}

/** An activity or a sub-orchestration to run; `input` is JSON text. */
export type Call =
  | { readonly kind: 'activity'; readonly name: string; readonly input: string }
  | {
      readonly kind: 'child';
      readonly name: string;
      readonly input: string;
      readonly instanceId: string | null;
    };

/** A request of `callHttp`; the names are those of the action's JSON. */
export interface HttpCall {
  readonly method: string;
  readonly uri: string;
  readonly content?: string | undefined;
  readonly headers?: Record<string, string> | undefined;
  readonly asynchronousPatternEnabled?: boolean | undefined;
}

/** Something an execution waits for. `id` is the number both the SDK and the engine count out. */
export type OpenTask =
  | { readonly kind: 'activity'; readonly id: number; readonly call: Call; readonly retry?: RetryState }
  | {
      readonly kind: 'child';
      readonly id: number;
      readonly call: Call;
      readonly instanceId: string;
      readonly retry?: RetryState;
    }
  | {
      readonly kind: 'timer';
      readonly id: number;
      /** Epoch milliseconds of this timer, and of the end of the chain a long timer is cut into. */
      readonly fireAt: number;
      readonly finalFireAt: number;
      /** Position of the action that made it, to see its cancellation; null for timers inside the engine. */
      readonly action: number | null;
      readonly retry?: RetryState;
      readonly polls?: number;
    }
  | {
      readonly kind: 'entity';
      readonly id: number;
      readonly requestId: string;
      readonly entityId: string;
      readonly operation: string;
    }
  | { readonly kind: 'http'; readonly id: number; readonly request: HttpCall; readonly after: number | null };

/**
 * One history event in the JSON that durable-functions 3.x replays, plus `Host`: the engine's own note on it,
 * which the SDK ignores.
 */
export interface HistoryEvent {
  readonly EventType: number;
  readonly EventId: number;
  readonly IsPlayed: boolean;
  readonly Timestamp: string;
  readonly Name?: string;
  readonly Input?: string | null;
  readonly Version?: string;
  readonly Result?: string;
  readonly Reason?: string;
  readonly Details?: string;
  readonly TaskScheduledId?: number;
  readonly TimerId?: number;
  readonly FireAt?: string;
  readonly InstanceId?: string;
  readonly Host?: { readonly task?: OpenTask; readonly canceled?: number; readonly actions?: number };
}

/** A history event at `at` (epoch milliseconds). */
export function historyEvent(
  type: number,
  at: number,
  fields: Omit<Partial<HistoryEvent>, 'EventType' | 'Timestamp'> = {},
): HistoryEvent {
  return { EventType: type, EventId: -1, IsPlayed: false, Timestamp: new Date(at).toISOString(), ...fields };
}

/** Brings the map of open tasks up to date with one more event. */
export function applyEvent(open: Map<number, OpenTask>, event: HistoryEvent): void {
  const { task, canceled } = event.Host ?? {};
  if (task !== undefined) {
    open.set(task.id, task);
  }
  if (canceled !== undefined) {
    open.delete(canceled);
  }
  if (event.TaskScheduledId !== undefined) {
    open.delete(event.TaskScheduledId);
  }
  if (event.TimerId !== undefined) {
    open.delete(event.TimerId);
  }
  if (event.EventType === EVENT.eventRaised) {
    for (const [id, waiting] of open) {
      if (waiting.kind === 'entity' && waiting.requestId === event.Name) {
        open.delete(id);
      }
    }
  }
}
