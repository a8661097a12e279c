import { randomUUID } from 'node:crypto';
import {
  createEngineState,
  creation,
  type DurableCounts,
  type EngineOptions,
  type EngineState,
  hold,
  keep,
} from './engine-state.ts';
import { deliverToEntity } from './entities.ts';
import { deliver, scheduleTurn } from './executor.ts';
import { newRecord } from './instance-changes.ts';
import { restartWork } from './restart-work.ts';
import { rewindInstance } from './rewind.ts';
import {
  type EntityOperation,
  type InstanceFilter,
  type InstanceMessage,
  type InstanceRecord,
  isFinal,
  type RuntimeStatus,
} from './store.ts';

/** Why a request to an instance was not taken. */
export type Refusal = 'unknown' | 'finished' | 'running' | 'not-failed' | 'no-such-function';

/** The durable engine as its clients see it. Inputs are JSON text; a refusal is null when the request was taken. */
export interface DurableEngine {
  start(name: string, input: string, instanceId: string | null, version: string | null): Refusal | { id: string };
  tell(instanceId: string, message: InstanceMessage): Refusal | null;
  signalEntity(entityId: string, operation: string, input: string): void;
  readEntity(entityId: string): string | null;
  status(instanceId: string): { readonly record: InstanceRecord; readonly input: string } | null;
  history(instanceId: string): string[];
  list(filter: InstanceFilter): InstanceRecord[];
  purge(instanceId: string): Refusal | null;
  rewind(instanceId: string): Refusal | null;
  /** Starts the instance's function with its input once more, under a new id or the same. */
  restart(instanceId: string, withNewId: boolean): Refusal | { id: string };
  counts(): DurableCounts;
  /** Takes up what an earlier process left unfinished. */
  resume(): void;
  stop(): void;
}

/** A durable engine over a store; nothing runs before `resume` or `start`. */
export function createDurableEngine(options: EngineOptions): DurableEngine {
  const state = createEngineState(options, (self) => ({
    toInstance: (instanceId, body, key) => deliver(self, instanceId, body, key),
    toEntity: (entityId, body, key) => deliverToEntity(self, entityId, body, key),
    wake: (instance) => scheduleTurn(self, instance),
  }));
  const { store } = options;
  const recordOf = (instanceId: string) => state.live.get(instanceId)?.record ?? store.instance(instanceId);
  return {
    start: (name, input, instanceId, version) => start(state, name, input, instanceId, version),
    tell: (instanceId, message) => tell(state, instanceId, message),
    signalEntity(entityId, operation, input) {
      const body: EntityOperation = { kind: 'operation', requestId: randomUUID(), operation, input, replyTo: null };
      const kept = keep(state, entityId, body);
      store.commit([kept.change]);
      deliverToEntity(state, entityId, body, kept.key);
    },
    readEntity: (entityId) => store.entity(entityId)?.state ?? null,
    status(instanceId) {
      const record = recordOf(instanceId);
      return record === null ? null : { record, input: store.input(instanceId) };
    },
    history: (instanceId) => store.history(instanceId),
    list: (filter) => store.list(filter),
    purge(instanceId) {
      const record = recordOf(instanceId);
      if (record === null) {
        return 'unknown';
      }
      if (!isFinal(record.status)) {
        return 'running';
      }
      store.commit([{ op: 'delete-instance', instanceId }]);
      return null;
    },
    rewind(instanceId) {
      const record = recordOf(instanceId);
      if (record?.status !== 'Failed') {
        return record === null ? 'unknown' : 'not-failed';
      }
      rewindInstance(state, record);
      return null;
    },
    restart(instanceId, withNewId) {
      const record = recordOf(instanceId);
      return record === null
        ? 'unknown'
        : start(state, record.name, store.input(instanceId), withNewId ? null : instanceId, record.version);
    },
    counts: () => ({ ...state.counts }),
    resume: () => resume(state),
    stop() {
      state.stopped = true;
      for (const instance of state.live.values()) {
        for (const cancel of instance.timers.values()) {
          cancel();
        }
      }
    },
  };
}

function start(
  state: EngineState,
  name: string,
  input: string,
  wantedId: string | null,
  version: string | null,
): Refusal | { id: string } {
  if (!state.options.workers.has('orchestrator', name)) {
    return 'no-such-function';
  }
  const id = wantedId ?? randomUUID().replaceAll('-', '');
  const existing = state.live.get(id)?.record ?? state.options.store.instance(id);
  if (existing !== null && !isFinal(existing.status)) {
    return 'running';
  }
  const record = newRecord(id, name, version, null);
  state.options.store.commit(creation(state, record, input));
  scheduleTurn(state, hold(state, record));
  return { id };
}

function tell(state: EngineState, instanceId: string, message: InstanceMessage): Refusal | null {
  const instance = state.live.get(instanceId);
  if (instance === undefined) {
    return state.options.store.instance(instanceId) === null ? 'unknown' : 'finished';
  }
  const kept = keep(state, instanceId, message);
  state.options.store.commit([kept.change]);
  deliver(state, instanceId, message, kept.key);
  return null;
}

function resume(state: EngineState): void {
  const statuses: RuntimeStatus[] = ['Pending', 'Running', 'Suspended'];
  const instances = state.options.store.list({ statuses }).map((record) => hold(state, record));
  for (const { key, target, body } of state.options.store.messages()) {
    if (body.kind === 'operation' || body.kind === 'lock' || body.kind === 'release') {
      deliverToEntity(state, target, body, key);
    } else {
      deliver(state, target, body, key);
    }
  }
  for (const instance of instances) {
    restartWork(state, instance);
  }
}
