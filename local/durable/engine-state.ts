import { applyEvent, type HistoryEvent, type OpenTask } from './history.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import {
  type DurableStore,
  type EntityMessage,
  type InstanceMessage,
  type InstanceRecord,
  isFinal,
  type StoreChange,
} from './store.ts';

/** The functions of the app that the engine calls. Inputs and results are JSON text. */
export interface DurableWorkers {
  has(kind: 'orchestrator' | 'activity' | 'entity', name: string): boolean;
  callOrchestrator(name: string, payload: string, again: boolean): Promise<string>;
  callActivity(name: string, input: string, instanceId: string): Promise<string>;
  callEntity(name: string, payload: string): Promise<string>;
}

/** How many durable operations were done since the start. */
export interface DurableCounts {
  turns: number;
  activities: number;
  timers: number;
  historyEvents: number;
  entityBatches: number;
  httpCalls: number;
}

/** What the engine needs from its surroundings. `busy` hears of work in hand, so that tests can wait for its end. */
export interface EngineOptions {
  readonly store: DurableStore;
  readonly workers: DurableWorkers;
  readonly maxActivities: number;
  readonly maxOrchestrators: number;
  readonly log: (line: string) => void;
  readonly busy: { begin(): void; end(): void };
}

/** A message on its way; `key` is null when it is not kept in the store. */
export interface Pending<T> {
  readonly key: number | null;
  readonly body: T;
}

/** An instance that is not finished, held in memory. */
export interface LiveInstance {
  record: InstanceRecord;
  readonly input: { text: string };
  readonly history: string[];
  readonly open: Map<number, OpenTask>;
  readonly inbox: Pending<InstanceMessage>[];
  readonly timers: Map<number, () => void>;
  scheduled: boolean;
}

/** An entity with operations waiting. */
export interface LiveEntity {
  readonly queue: Pending<EntityMessage>[];
  scheduled: boolean;
}

/** Everything the engine's parts share. */
export interface EngineState {
  readonly options: EngineOptions;
  readonly live: Map<string, LiveInstance>;
  readonly entities: Map<string, LiveEntity>;
  readonly counts: DurableCounts;
  readonly activities: Limiter;
  readonly orchestrators: Limiter;
  /** How the parts reach one another without importing one another. */
  readonly post: Post;
  nextKey: number;
  stopped: boolean;
}

/** Ways to hand something on. `key` is that of the kept message, null when it is not kept. */
export interface Post {
  toInstance(instanceId: string, body: InstanceMessage, key?: number | null): void;
  toEntity(entityId: string, body: EntityMessage, key: number): void;
  wake(instance: LiveInstance): void;
}

/** An engine at rest over a store. */
export function createEngineState(options: EngineOptions, post: (state: EngineState) => Post): EngineState {
  const keys = options.store.messages().map((message) => message.key);
  const state: Omit<EngineState, 'post'> = {
    options,
    live: new Map(),
    entities: new Map(),
    counts: { turns: 0, activities: 0, timers: 0, historyEvents: 0, entityBatches: 0, httpCalls: 0 },
    activities: createLimiter(options.maxActivities),
    orchestrators: createLimiter(options.maxOrchestrators),
    nextKey: keys.reduce((latest, key) => Math.max(latest, key), 0) + 1,
    stopped: false,
  };
  const complete: EngineState = Object.assign(state, { post: post(state as EngineState) });
  return complete;
}

/** The instance in memory, loaded from the store when needed; null when it is unknown or finished. */
export function liveInstance(state: EngineState, instanceId: string): LiveInstance | null {
  const known = state.live.get(instanceId);
  if (known !== undefined) {
    return known;
  }
  const record = state.options.store.instance(instanceId);
  return record === null || isFinal(record.status) ? null : hold(state, record);
}

/** Takes an instance into memory with its history and what it waits for. */
export function hold(state: EngineState, record: InstanceRecord): LiveInstance {
  const { store } = state.options;
  const history = store.history(record.instanceId);
  const open = new Map<number, OpenTask>();
  for (const text of history) {
    applyEvent(open, JSON.parse(text) as HistoryEvent);
  }
  const input = { text: store.input(record.instanceId) };
  const instance: LiveInstance = { record, input, history, open, inbox: [], timers: new Map(), scheduled: false };
  state.live.set(record.instanceId, instance);
  return instance;
}

/** Changes that create an instance whose first turn is still to come, replacing a finished one of the same id. */
export function creation(state: EngineState, record: InstanceRecord, input: string): StoreChange[] {
  const { instanceId } = record;
  const earlier = state.options.store.instance(instanceId);
  const remove: StoreChange[] = earlier === null ? [] : [{ op: 'delete-instance', instanceId }];
  return [...remove, { op: 'create-instance', record, input }];
}

/** The change that keeps a message, and its key. */
export function keep(state: EngineState, target: string, body: InstanceMessage | EntityMessage) {
  const key = state.nextKey;
  state.nextKey += 1;
  return { key, change: { op: 'put-message', message: { key, target, body } } as const };
}

/** Runs work in the background, counted as busy; its failure is logged, since nobody waits for it. */
export function inBackground(state: EngineState, work: () => Promise<void>): void {
  state.options.busy.begin();
  work()
    .catch((error: unknown) => {
      state.options.log(`durable engine: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    })
    .finally(() => state.options.busy.end());
}
