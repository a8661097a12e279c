import { creation, type EngineState, hold, keep, type LiveInstance } from './engine-state.ts';
import { EVENT, type HistoryEvent } from './history.ts';
import { newRecord } from './instance-changes.ts';
import { restartWork } from './restart-work.ts';
import type { InstanceMessage, InstanceRecord, StoreChange } from './store.ts';

/**
 * Takes a failed instance back to before its last turn. What it heard in that turn is told to it again, except the
 * failures: those calls run anew ("HTTP APIs in Durable Functions", Rewind instance). A call whose retries were used
 * up fails again at once.
 */
export function rewindInstance(state: EngineState, record: InstanceRecord): void {
  const { instanceId, executionId } = record;
  const texts = state.options.store.history(instanceId);
  const events = texts.map((text) => JSON.parse(text) as HistoryEvent);
  const lastTurn = events.findLastIndex(({ EventType }) => EventType === EVENT.turnStarted);
  const earlier = events.slice(0, lastTurn);
  const actions = earlier.findLast(({ Host }) => Host?.actions !== undefined)?.Host?.actions ?? 0;
  const renewed: InstanceRecord = {
    ...record,
    status: 'Running',
    output: null,
    digests: record.digests.slice(0, actions),
    nextTaskId: earlier.reduce((next, { EventId }) => Math.max(next, EventId + 1), 0),
  };
  const again = events.slice(lastTurn).flatMap((event) => messageOf(event, executionId) ?? []);
  const kept = again.map((body) => ({ body, ...keep(state, instanceId, body) }));
  state.options.store.commit([
    { op: 'clear-history', instanceId },
    { op: 'append-history', instanceId, from: 0, events: texts.slice(0, lastTurn) },
    { op: 'update-instance', record: renewed },
    ...kept.map(({ change }) => change),
  ]);
  const instance = hold(state, renewed);
  for (const { body, key } of kept) {
    state.post.toInstance(instanceId, body, key);
  }
  restartChildren(state, instance);
  restartWork(state, instance);
}

function messageOf(event: HistoryEvent, executionId: string): InstanceMessage | null {
  switch (event.EventType) {
    case EVENT.taskCompleted:
    case EVENT.childCompleted:
      return { kind: 'completed', executionId, taskId: event.TaskScheduledId ?? -1, result: event.Result ?? 'null' };
    case EVENT.timerFired:
      return { kind: 'timer', executionId, taskId: event.TimerId ?? -1 };
    case EVENT.eventRaised: {
      const [name, input] = [event.Name ?? '', event.Input ?? 'null'];
      return name.startsWith(`${executionId}:`)
        ? { kind: 'entity-reply', executionId, requestId: name, input }
        : { kind: 'event', name, input };
    }
    default:
      return null;
  }
}

function restartChildren(state: EngineState, instance: LiveInstance): void {
  const { instanceId, executionId } = instance.record;
  const answered = new Set(instance.inbox.map(({ body }) => ('taskId' in body ? body.taskId : -1)));
  for (const task of instance.open.values()) {
    if (task.kind === 'child' && !answered.has(task.id) && !state.live.has(task.instanceId)) {
      const child = newRecord(task.instanceId, task.call.name, null, { instanceId, executionId, taskId: task.id });
      const changes: StoreChange[] = creation(state, child, task.call.input);
      state.options.store.commit(changes);
      state.post.wake(hold(state, child));
    }
  }
}
