import { createMemoryMapStore } from '../../shared/adapters/memory/memory-map-store.ts';
import { createMemoryStateStore } from '../../shared/adapters/memory/memory-state-store.ts';
import type { ChangeEvent, SyncBatch } from '../../shared/core/change/change.ts';
import type { CompiledMap } from '../../shared/core/map/compiled-map.ts';
import type { PerSide } from '../../shared/core/record/side.ts';
import { acceptEvent } from '../../shared/pipeline/accept-event.ts';
import { type DispatchDependencies, PIPELINE_SETTINGS } from '../../shared/pipeline/dependencies.ts';
import { DispatchBusyError, dispatchChanges } from '../../shared/pipeline/dispatch-changes.ts';
import { handleCommand } from '../../shared/pipeline/handle-command.ts';
import { releaseDue } from '../../shared/pipeline/release-parked.ts';
import { type SyncAnswer, type SyncReport, syncChanges } from '../../shared/pipeline/sync-changes.ts';
import type { QueueMessage } from '../../shared/ports/change-queue.ts';
import type { StateStore } from '../../shared/ports/state-store.ts';
import type { TelemetryEvent } from '../../shared/ports/telemetry.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import { SIMULATED_MAPS } from './simulated-maps.ts';
import type { FaultRates, SimulatedSide } from './simulated-side.ts';

interface Instance {
  id: string;
  batch: SyncBatch;
  /** Answers given so far: the durable history. */
  history: SyncAnswer[];
  waiting: boolean;
  running: boolean;
}

export interface HostOptions {
  maps: readonly CompiledMap[];
  sides: PerSide<SimulatedSide>;
  scheduler: Scheduler;
  random: Random;
  rates: FaultRates;
  onTelemetry(event: TelemetryEvent): void;
}

/**
 * The functions app in virtual time: queue, dispatch, orchestrations whose answered commands survive a kill, and the
 * release timer. The pipeline is the real one.
 */
export class SimulatedHost {
  readonly state: StateStore = createMemoryStateStore();
  readonly queue: QueueMessage[] = [];
  readonly deps: DispatchDependencies;
  private readonly options: HostOptions;
  private readonly seen = new Set<string>();
  private readonly instances = new Map<string, Instance>();
  private dispatching = false;
  private epoch = 0;
  private identifiers = 0;

  constructor(options: HostOptions) {
    this.options = options;
    this.deps = this.dependencies();
  }

  async install(): Promise<void> {
    for (const map of SIMULATED_MAPS) await this.deps.mapStore.install(map, 'running');
  }

  get idle(): boolean {
    return this.queue.length === 0 && this.instances.size === 0 && !this.dispatching;
  }

  /** An event arrives at ingress; our own tagged ones end there. */
  receive(event: ChangeEvent): void {
    const epoch = this.epoch;
    void this.deliver(event).catch((error: unknown) => {
      if (epoch === this.epoch) throw error;
    });
  }

  private async deliver(event: ChangeEvent): Promise<void> {
    await acceptEvent({ ...this.deps, queue: { send: async (messages) => this.enqueue(messages) } }, event);
  }

  /** Takes a random handful of messages; they leave the queue only when dispatch is through. */
  dispatch(): void {
    if (this.dispatching || this.queue.length === 0) return;
    this.dispatching = true;
    const epoch = this.epoch;
    const messages = this.queue.slice(0, 1 + this.options.random.below(10));
    const done = (): void => {
      if (epoch !== this.epoch) return;
      for (const message of messages) this.queue.splice(this.queue.indexOf(message), 1);
      this.dispatching = false;
    };
    const failed = (error: unknown): void => {
      if (!(error instanceof DispatchBusyError)) throw error;
      this.dispatching = false;
    };
    void dispatchChanges(
      this.deps,
      messages.map(({ body }) => body),
    ).then(done, failed);
  }

  /** The release timer's tick. */
  async tick(): Promise<void> {
    const epoch = this.epoch;
    await releaseDue(this.deps);
    if (epoch !== this.epoch) return;
  }

  /** The process dies: whatever was under way is gone, what was saved is not. Open instances go on. */
  kill(): void {
    this.epoch += 1;
    this.options.scheduler.dropSteps();
    this.dispatching = false;
    for (const instance of this.instances.values()) {
      instance.running = false;
      if (!instance.waiting) this.advance(instance);
    }
  }

  private advance(instance: Instance): void {
    const epoch = this.epoch;
    const generator = syncChanges(instance.batch, instance.id);
    let step = generator.next() as IteratorResult<ReturnType<typeof generator.next>['value'], SyncReport>;
    for (const answer of instance.history) step = generator.next(answer);
    if (step.done === true) {
      this.instances.delete(instance.id);
      return;
    }
    const command = step.value as Exclude<typeof step.value, SyncReport>;
    const answered = (answer: SyncAnswer): void => {
      instance.history.push(JSON.parse(JSON.stringify(answer)) as SyncAnswer);
      this.advance(instance);
    };
    if (command.kind === 'wait') {
      instance.waiting = true;
      const { scheduler } = this.options;
      scheduler.at(scheduler.nowMs + command.delayMs, () => {
        instance.waiting = false;
        answered({ kind: 'waited' });
      });
      return;
    }
    instance.running = true;
    const travelled = JSON.parse(JSON.stringify(command)) as typeof command;
    void handleCommand(this.deps, travelled).then((answer) => {
      if (epoch === this.epoch) answered(answer);
    });
  }

  private enqueue(messages: readonly QueueMessage[]): void {
    for (const message of messages) {
      if (this.seen.has(message.id)) continue;
      this.seen.add(message.id);
      const at = this.options.random.below(this.queue.length + 1);
      this.queue.splice(at, 0, JSON.parse(JSON.stringify(message)) as QueueMessage);
    }
  }

  private start(id: string, batch: SyncBatch): void {
    if (this.instances.has(id)) return;
    const instance: Instance = { id, batch, history: [], waiting: false, running: false };
    this.instances.set(id, instance);
    this.advance(instance);
  }

  private nextIdentifier(): string {
    this.identifiers += 1;
    return `guid-${this.identifiers}`;
  }

  private dependencies(): DispatchDependencies {
    const { maps, sides, scheduler } = this.options;
    const routes = maps.map((map) => ({ map, finopsPhysicalName: null }));
    const step =
      <T extends unknown[], R>(label: string, call: (...args: T) => Promise<R>) =>
      async (...args: T) => {
        await scheduler.step(label);
        const result = await call(...args);
        await scheduler.step(`${label} answered`);
        return result;
      };
    const { state } = this;
    const interleaved: StateStore = {
      loadLinks: step('load', (mapId: string, keys: readonly string[]) => state.loadLinks(mapId, keys)),
      cachedLinks: (mapId, keys) => (this.options.random.chance(0.5) ? state.cachedLinks(mapId, keys) : new Map()),
      commit: step('commit', (commits) => state.commit(commits)),
      findIds: step('find', state.findIds),
      rememberIds: step('ids', state.rememberIds),
      park: step('park', (changes) => state.park(changes)),
      listParked: (filter) => state.listParked(filter),
      removeParked: step('unpark', (stored) => state.removeParked(stored)),
      addWaiter: step('waiter', (awaited, identity, mapId) => state.addWaiter(awaited, identity, mapId)),
      listWaiters: step('waiters', (mapId, keys) => state.listWaiters(mapId, keys)),
      countLiveClaims: (mapId, nowMs) => state.countLiveClaims(mapId, nowMs),
      takeDeletions: step('deletions', state.takeDeletions),
      countLinks: state.countLinks,
      listAudit: (ref) => state.listAudit(ref),
      listConflicts: (ref) => state.listConflicts(ref),
    };
    return {
      sides,
      state: interleaved,
      queue: { send: step('send', async (messages) => this.enqueue(messages)) },
      maps: {
        routes: async () => routes,
        find: async (mapId) => routes.find((route) => route.map.id === mapId) ?? null,
      },
      mapStore: createMemoryMapStore(),
      orchestrations: {
        start: async (id, batch) => this.start(id, JSON.parse(JSON.stringify(batch)) as SyncBatch),
        countOpen: async () => this.instances.size,
      },
      clock: { nowMs: () => scheduler.nowMs },
      identifiers: { guid: () => this.nextIdentifier() },
      telemetry: { emit: (event) => this.options.onTelemetry(event) },
      settings: PIPELINE_SETTINGS,
    };
  }
}
