import { dispatch } from './dispatch.ts';
import { creation, type EngineState, keep, type LiveInstance, liveInstance, type Pending } from './engine-state.ts';
import { forget, newExecutionId, newRecord, stopTimer, stopTimers, update } from './instance-changes.ts';
import { eventTexts } from './replay.ts';
import type { EntityMessage, InstanceMessage, InstanceRecord, StoreChange } from './store.ts';
import type { TurnEnd, TurnResult } from './turn.ts';

/** Makes a turn's decisions lasting, in one commit, and only then starts what it asked for. */
export function commitTurn(
  state: EngineState,
  instance: LiveInstance,
  messages: readonly Pending<InstanceMessage>[],
  result: TurnResult,
): void {
  const { draft } = result;
  const missing = draft.opened.find(
    (task) => task.kind === 'activity' && !state.options.workers.has('activity', task.call.name),
  );
  const end: TurnEnd | null =
    missing?.kind === 'activity'
      ? { kind: 'failed', reason: `The function '${missing.call.name}' is not registered as an activity in this app.` }
      : result.end;
  const texts = eventTexts(draft.events);
  const { instanceId } = instance.record;
  const changes: StoreChange[] = forget(messages);
  changes.push({ op: 'append-history', instanceId, from: instance.history.length, events: texts });
  instance.history.push(...texts);
  state.counts.historyEvents += texts.length;
  update(instance, {
    status: 'Running',
    nextTaskId: draft.nextTaskId,
    digests: result.digests,
    customStatus: result.customStatus,
    held: result.held,
  });
  const after = missing === undefined ? startWork(state, instance, result, changes) : [];
  if (end === null) {
    state.options.store.commit([...changes, { op: 'update-instance', record: instance.record }]);
  } else {
    endExecution(state, instance, end, changes);
  }
  for (const effect of after) {
    effect();
  }
}

/** Adds to the changes what must be kept of the work a turn starts, and returns what to do after the commit. */
function startWork(
  state: EngineState,
  instance: LiveInstance,
  { draft, end }: TurnResult,
  changes: StoreChange[],
): (() => void)[] {
  const after: (() => void)[] = [];
  for (const { entityId, body } of draft.letters) {
    const kept = keep(state, entityId, body);
    changes.push(kept.change);
    after.push(() => state.post.toEntity(entityId, body, kept.key));
  }
  for (const id of draft.canceled) {
    after.push(() => stopTimer(instance, id));
  }
  const started = draft.opened.filter((task) => end === null || task.kind !== 'timer');
  const begun = new Set<string>();
  for (const task of started) {
    if (task.kind !== 'child') {
      after.push(() => dispatch(state, instance, task, draft.executionId));
      continue;
    }
    const { call, instanceId: childId } = task;
    const taken = begun.has(childId) || liveInstance(state, childId) !== null;
    begun.add(childId);
    const parent = { instanceId: draft.instanceId, executionId: draft.executionId, taskId: task.id };
    if (!taken) {
      changes.push(...creation(state, newRecord(childId, call.name, null, parent), call.input));
    }
    after.push(() => beginChild(state, childId, taken, parent));
  }
  return after;
}

function beginChild(
  state: EngineState,
  childId: string,
  taken: boolean,
  parent: NonNullable<InstanceRecord['parent']>,
): void {
  if (taken) {
    const reason = `An orchestration instance with the id '${childId}' is already running.`;
    const failure = { reason, details: '' };
    state.post.toInstance(parent.instanceId, { kind: 'failed', ...parentTask(parent), failure });
    return;
  }
  const child = liveInstance(state, childId);
  if (child !== null) {
    state.post.wake(child);
  }
}

const parentTask = ({ executionId, taskId }: { executionId: string; taskId: number }) => ({ executionId, taskId });

function endExecution(state: EngineState, instance: LiveInstance, end: TurnEnd, changes: StoreChange[]): void {
  if (end.kind === 'continued') {
    continueAsNew(state, instance, end.input, changes);
    return;
  }
  if (end.kind === 'completed') {
    finish(state, instance, [], { status: 'Completed', output: end.output, message: null }, changes);
    return;
  }
  const reason = `Orchestrator function '${instance.record.name}' failed: ${end.reason}`;
  state.options.log(`${reason} (instance ${instance.record.instanceId})`);
  finish(state, instance, [], { status: 'Failed', output: JSON.stringify(reason), message: reason }, changes);
}

function continueAsNew(state: EngineState, instance: LiveInstance, input: string, changes: StoreChange[]): void {
  const { instanceId } = instance.record;
  const released = releaseHeld(state, instance.record);
  stopTimers(instance);
  update(instance, { executionId: newExecutionId(), nextTaskId: 0, digests: [], held: [] });
  instance.input.text = input;
  instance.history.length = 0;
  instance.open.clear();
  state.options.store.commit([
    ...changes,
    { op: 'clear-history', instanceId },
    { op: 'set-input', instanceId, input },
    { op: 'update-instance', record: instance.record },
    ...released.changes,
  ]);
  released.send();
}

/** An execution that ends lets go of whatever it has locked ("Durable entities", "Critical sections"). */
function releaseHeld(state: EngineState, { held = [], executionId }: InstanceRecord) {
  const body: EntityMessage = { kind: 'release', holder: executionId };
  const letters = held.map((entityId) => ({ entityId, ...keep(state, entityId, body) }));
  return {
    changes: letters.map(({ change }) => change),
    send: () => {
      for (const { entityId, key } of letters) state.post.toEntity(entityId, body, key);
    },
  };
}

/** Ends an instance and tells its parent, all in one commit. */
export function finish(
  state: EngineState,
  instance: LiveInstance,
  messages: readonly Pending<InstanceMessage>[],
  end: { status: 'Completed' | 'Failed' | 'Terminated'; output: string; message: string | null },
  changes: readonly StoreChange[] = [],
): void {
  stopTimers(instance);
  update(instance, { status: end.status, output: end.output });
  const { record } = instance;
  const unread = instance.inbox.splice(0);
  const released = releaseHeld(state, record);
  const all = [...changes, ...forget([...messages, ...unread]), ...released.changes];
  all.push({ op: 'update-instance', record });
  const { parent } = record;
  const told = parent === null ? null : { parent, body: messageToParent(record, parent, end) };
  const kept = told === null ? null : keep(state, told.parent.instanceId, told.body);
  state.options.store.commit(kept === null ? all : [...all, kept.change]);
  state.live.delete(record.instanceId);
  released.send();
  if (told !== null && kept !== null) {
    state.post.toInstance(told.parent.instanceId, told.body, kept.key);
  }
}

function messageToParent(
  record: InstanceRecord,
  parent: NonNullable<InstanceRecord['parent']>,
  end: { status: string; output: string; message: string | null },
): InstanceMessage {
  if (end.status === 'Completed') {
    return { kind: 'completed', ...parentTask(parent), result: end.output };
  }
  const reason = end.message ?? `Sub-orchestration '${record.name}' was terminated: ${end.output}`;
  return { kind: 'failed', ...parentTask(parent), failure: { reason, details: '' } };
}
