import { commitTurn, finish } from './commit-turn.ts';
import { type EngineState, inBackground, keep, type LiveInstance, liveInstance, type Pending } from './engine-state.ts';
import { forget, update } from './instance-changes.ts';
import { eventTexts, replayTwice } from './replay.ts';
import type { InstanceMessage, StoreChange } from './store.ts';
import { type TurnResult, takeTurn } from './turn.ts';

/** Gives an instance a message that need not survive the process, or is already kept under `key`. */
export function deliver(
  state: EngineState,
  instanceId: string,
  body: InstanceMessage,
  key: number | null = null,
): void {
  const instance = liveInstance(state, instanceId);
  if (instance === null) {
    if (key !== null) {
      state.options.store.commit([{ op: 'delete-message', key }]);
    }
    return;
  }
  if ((instance.record.status === 'Suspended' || state.stopped) && key === null) {
    const kept = keep(state, instanceId, body);
    state.options.store.commit([kept.change]);
    instance.inbox.push({ key: kept.key, body });
    return;
  }
  instance.inbox.push({ key, body });
  scheduleTurn(state, instance);
}

/** Lets the instance take a turn soon, together with whatever else arrives until then. */
export function scheduleTurn(state: EngineState, instance: LiveInstance): void {
  if (instance.scheduled || state.stopped) {
    return;
  }
  instance.scheduled = true;
  inBackground(state, async () => {
    await new Promise((resolve) => setImmediate(resolve));
    await state.orchestrators.run(() => turnOf(state, instance));
  });
}

async function turnOf(state: EngineState, instance: LiveInstance): Promise<void> {
  if (state.stopped) {
    state.options.store.commit(keepAll(state, instance));
    return;
  }
  takeControls(state, instance);
  if (instance.record.status === 'Suspended' || state.live.get(instance.record.instanceId) !== instance) {
    instance.scheduled = false;
    return;
  }
  const messages = instance.inbox.splice(0);
  if (instance.history.length === 0 || messages.length > 0) {
    await oneTurn(state, instance, messages);
  }
  instance.scheduled = false;
  const live = state.live.get(instance.record.instanceId) === instance;
  // An empty history is that of an execution continued as new.
  if (live && (instance.inbox.length > 0 || instance.history.length === 0)) {
    scheduleTurn(state, instance);
  }
}

async function oneTurn(
  state: EngineState,
  instance: LiveInstance,
  messages: readonly Pending<InstanceMessage>[],
): Promise<void> {
  let result: TurnResult;
  try {
    result = await runTurn(state, instance, messages);
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const message = `The turn of '${instance.record.name}' could not be carried out: ${reason}`;
    state.options.log(message);
    finish(state, instance, messages, { status: 'Failed', output: JSON.stringify(message), message });
    return;
  }
  commitTurn(state, instance, messages, result);
}

/** Obeys terminate, suspend and resume, which come before everything else. */
function takeControls(state: EngineState, instance: LiveInstance): void {
  const controls = instance.inbox.filter(({ body }) => isControl(body));
  if (controls.length === 0) {
    return;
  }
  const others = instance.inbox.filter(({ body }) => !isControl(body));
  instance.inbox.splice(0, Number.POSITIVE_INFINITY, ...others);
  for (const { body } of controls) {
    if (body.kind !== 'control') {
      continue;
    }
    if (body.control === 'terminate') {
      finish(state, instance, [...controls, ...others], {
        status: 'Terminated',
        output: JSON.stringify(body.reason),
        message: null,
      });
      return;
    }
    const running = instance.history.length === 0 ? 'Pending' : 'Running';
    update(instance, { status: body.control === 'suspend' ? 'Suspended' : running });
  }
  const kept = instance.record.status === 'Suspended' ? keepAll(state, instance) : [];
  state.options.store.commit([...forget(controls), ...kept, { op: 'update-instance', record: instance.record }]);
}

function isControl(body: InstanceMessage): boolean {
  return body.kind === 'control';
}

/** What an instance was about to hear while it is suspended, or the host stops, must outlive the process. */
function keepAll(state: EngineState, instance: LiveInstance): StoreChange[] {
  const changes: StoreChange[] = [];
  instance.inbox.forEach((pending, index) => {
    if (pending.key === null) {
      const kept = keep(state, instance.record.instanceId, pending.body);
      changes.push(kept.change);
      instance.inbox[index] = { key: kept.key, body: pending.body };
    }
  });
  return changes;
}

function runTurn(
  state: EngineState,
  instance: LiveInstance,
  messages: readonly Pending<InstanceMessage>[],
): Promise<TurnResult> {
  const { record, history, open, input } = instance;
  const bodies = messages.map(({ body }) => body);
  const { name, instanceId } = record;
  state.counts.turns += 1;
  return takeTurn({ record, historyLength: history.length, open, messages: bodies, now: Date.now() }, (newEvents) => {
    if (!state.options.workers.has('orchestrator', name)) {
      const error = `The function '${name}' is not registered as an orchestrator in this app.`;
      return Promise.resolve({ done: true, actions: [], output: null, customStatus: null, error });
    }
    return replayTwice((payload, again) => state.options.workers.callOrchestrator(name, payload, again), {
      instanceId,
      parentInstanceId: record.parent?.instanceId ?? null,
      input: input.text,
      history: [...history, ...eventTexts(newEvents)],
    });
  });
}
