import { type Draft, openTask, recordNew, takeId } from './draft.ts';
import { type Call, EVENT, type HttpCall, type OpenTask, type RetryState } from './history.ts';
import { type Action, MAXIMUM_TIMER_MS, TIMER_HOP_MS } from './protocol.ts';

/** Carries out one action of an orchestrator, nested ones depth first. `position` is that of its first leaf. */
export function scheduleAction(draft: Draft, action: Action, position: number): void {
  switch (action.kind) {
    case 'any':
    case 'all': {
      let next = position;
      for (const nested of action.actions) {
        scheduleAction(draft, nested, next);
        next += countLeaves(nested);
      }
      return;
    }
    case 'activity':
    case 'child':
      openCall(draft, callOf(action), action.retry);
      return;
    case 'timer':
      scheduleTimer(draft, action.fireAt, action.canceled, position);
      return;
    case 'call-entity':
      callEntity(draft, action.entityId, action.operation, action.input);
      return;
    case 'signal-entity':
      signalEntity(draft, action.entityId, action.operation, action.input);
      return;
    case 'lock':
      lockEntities(draft, action.requestId, action.lockSet);
      return;
    case 'release':
      releaseEntities(draft, action.lockSet);
      return;
    case 'http':
      openTask(draft, { kind: 'http', id: takeId(draft), request: action.request, after: null });
      return;
    case 'event':
    case 'continue-as-new':
  }
}

/** Number of actions that are no `Task.any` or `Task.all`. */
export function countLeaves(action: Action): number {
  return action.kind === 'any' || action.kind === 'all'
    ? action.actions.reduce((sum, nested) => sum + countLeaves(nested), 0)
    : 1;
}

/** Positions, among the leaves, of the timers that were canceled. */
export function canceledTimers(actions: readonly Action[]): Set<number> {
  const canceled = new Set<number>();
  let position = 0;
  const visit = (action: Action): void => {
    if (action.kind === 'any' || action.kind === 'all') {
      action.actions.forEach(visit);
      return;
    }
    if (action.kind === 'timer' && action.canceled) {
      canceled.add(position);
    }
    position += 1;
  };
  actions.forEach(visit);
  return canceled;
}

function callOf(action: Extract<Action, { kind: 'activity' | 'child' }>): Call {
  const { name, input } = action;
  return action.kind === 'activity'
    ? { kind: 'activity', name, input }
    : { kind: 'child', name, input, instanceId: action.instanceId };
}

function openCall(draft: Draft, call: Call, options: RetryState['options'] | null): void {
  openAttempt(draft, call, options === null ? null : { options, attempt: 1, firstAttemptAt: draft.at, call });
}

/** Schedules an activity or a sub-orchestration, for the first time or again. Returns its task. */
export function openAttempt(draft: Draft, call: Call, retry: RetryState | null): OpenTask {
  const id = takeId(draft);
  const state = retry === null ? {} : { retry };
  const task: OpenTask =
    call.kind === 'activity'
      ? { kind: 'activity', id, call, ...state }
      : { kind: 'child', id, call, instanceId: call.instanceId ?? childId(draft, id), ...state };
  openTask(draft, task);
  return task;
}

/** A sub-orchestration without an id of its own always gets the same one, also after a restart. */
function childId(draft: Draft, taskId: number): string {
  return `${draft.executionId}:${taskId.toString(16).padStart(4, '0')}`;
}

function scheduleTimer(draft: Draft, finalFireAt: number, canceled: boolean, action: number): void {
  const id = takeId(draft);
  if (canceled) {
    recordNew(draft, EVENT.timerCreated, { EventId: id, FireAt: new Date(finalFireAt).toISOString() });
    return;
  }
  openTask(draft, { kind: 'timer', id, fireAt: hopEnd(draft.at, finalFireAt), finalFireAt, action });
}

/** When a timer must next fire: the SDK cuts waits of more than six days into hops of three. */
export function hopEnd(at: number, finalFireAt: number): number {
  return finalFireAt - at > MAXIMUM_TIMER_MS ? at + TIMER_HOP_MS : finalFireAt;
}

function callEntity(draft: Draft, entityId: string, operation: string, input: string): void {
  const id = takeId(draft);
  const requestId = `${draft.executionId}:${id}`;
  openTask(draft, { kind: 'entity', id, requestId, entityId, operation });
  const replyTo = { instanceId: draft.instanceId, executionId: draft.executionId };
  draft.letters.push({ entityId, body: { kind: 'operation', requestId, operation, input, replyTo } });
}

function signalEntity(draft: Draft, entityId: string, operation: string, input: string): void {
  const id = takeId(draft);
  const requestId = `${draft.executionId}:${id}`;
  recordNew(draft, EVENT.eventSent, {
    EventId: id,
    InstanceId: entityId,
    Name: operation,
    Input: JSON.stringify({ id: requestId, op: operation, signal: true }),
  });
  draft.letters.push({ entityId, body: { kind: 'operation', requestId, operation, input, replyTo: null } });
}

/** One task id for the wish; the entities hand it on among themselves, and the last of them answers. */
function lockEntities(draft: Draft, requestId: string, lockSet: readonly string[]): void {
  const [first = ''] = lockSet;
  openTask(draft, { kind: 'entity', id: takeId(draft), requestId, entityId: first, operation: 'lock' });
  const replyTo = { instanceId: draft.instanceId, executionId: draft.executionId };
  draft.letters.push({ entityId: first, body: { kind: 'lock', requestId, lockSet, position: 0, replyTo } });
}

/** The SDK counts one task id for each entity that is let go. */
function releaseEntities(draft: Draft, lockSet: readonly string[]): void {
  for (const entityId of lockSet) {
    recordNew(draft, EVENT.eventSent, { EventId: takeId(draft), InstanceId: entityId, Name: 'release', Input: '{}' });
    draft.letters.push({ entityId, body: { kind: 'release', holder: draft.executionId } });
  }
}

/** Schedules the pause and the next poll of a `callHttp` that was answered 202, in the SDK's order of ids. */
export function openPoll(draft: Draft, request: HttpCall, delayMs: number): void {
  const fireAt = draft.at + delayMs;
  const timerId = takeId(draft);
  const httpId = takeId(draft);
  openTask(draft, { kind: 'timer', id: timerId, fireAt, finalFireAt: fireAt, action: null, polls: httpId });
  openTask(draft, { kind: 'http', id: httpId, request, after: timerId });
}
