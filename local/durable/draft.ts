import { applyEvent, EVENT, type HistoryEvent, historyEvent, type OpenTask } from './history.ts';
import type { EntityMessage } from './store.ts';

/**
 * A turn being written: what it adds to the history, which task ids it hands out, what it will start once it is
 * committed. Ids must be handed out in the order in which the SDK counts them while it replays.
 */
export interface Draft {
  readonly at: number;
  readonly instanceId: string;
  readonly executionId: string;
  readonly open: Map<number, OpenTask>;
  readonly events: HistoryEvent[];
  readonly opened: OpenTask[];
  readonly canceled: number[];
  /** What is to be told to entities. */
  readonly letters: { readonly entityId: string; readonly body: EntityMessage }[];
  nextTaskId: number;
}

/** Adds an event and keeps the open tasks in step with it. */
export function record(draft: Draft, event: HistoryEvent): void {
  draft.events.push(event);
  applyEvent(draft.open, event);
}

/** Adds an event made of a type and fields, at the turn's time. */
export function recordNew(draft: Draft, type: number, fields: Parameters<typeof historyEvent>[2]): void {
  record(draft, historyEvent(type, draft.at, fields));
}

/** Hands out the next task id. */
export function takeId(draft: Draft): number {
  const id = draft.nextTaskId;
  draft.nextTaskId += 1;
  return id;
}

/** Writes the event that says the task was scheduled, and remembers to start it after the commit. */
export function openTask(draft: Draft, task: OpenTask): void {
  const note = { EventId: task.id, Host: { task } };
  switch (task.kind) {
    case 'activity':
      recordNew(draft, EVENT.taskScheduled, { ...note, Name: task.call.name, Input: task.call.input });
      break;
    case 'child':
      recordNew(draft, EVENT.childCreated, {
        ...note,
        Name: task.call.name,
        Input: task.call.input,
        InstanceId: task.instanceId,
      });
      break;
    case 'timer':
      recordNew(draft, EVENT.timerCreated, { ...note, FireAt: new Date(task.fireAt).toISOString() });
      break;
    case 'http':
      recordNew(draft, EVENT.taskScheduled, { ...note, Name: 'callHttp' });
      break;
    case 'entity':
      recordNew(draft, EVENT.eventSent, {
        ...note,
        Name: task.operation,
        InstanceId: task.entityId,
        Input: JSON.stringify({ id: task.requestId, op: task.operation }),
      });
  }
  draft.opened.push(task);
}

/** Forgets a timer; the SDK never hears of it again. */
export function cancelTimer(draft: Draft, id: number): void {
  recordNew(draft, EVENT.generic, { Host: { canceled: id } });
  draft.canceled.push(id);
}
