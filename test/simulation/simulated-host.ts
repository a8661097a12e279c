import { createMemoryMapStore } from '../../shared/adapters/memory/memory-map-store.ts';
import { createMemoryStateStore } from '../../shared/adapters/memory/memory-state-store.ts';
import type { ChangeEvent, SyncBatch } from '../../shared/core/change/change.ts';
import type { Route } from '../../shared/core/change/route-event.ts';
import type { PerSide } from '../../shared/core/record/side.ts';
import { acceptEvent } from '../../shared/pipeline/accept-event.ts';
import { activateMap } from '../../shared/pipeline/activate-map.ts';
import { type DispatchDependencies, PIPELINE_SETTINGS } from '../../shared/pipeline/dependencies.ts';
import { DispatchBusyError, dispatchChanges } from '../../shared/pipeline/dispatch-changes.ts';
import { releaseDue } from '../../shared/pipeline/release-parked.ts';
import { watchSides } from '../../shared/pipeline/watch-sides.ts';
import type { QueueMessage } from '../../shared/ports/change-queue.ts';
import type { MapStatus } from '../../shared/ports/map-store.ts';
import type { StateStore } from '../../shared/ports/state-store.ts';
import type { TelemetryEvent } from '../../shared/ports/telemetry.ts';
import type { FaultRates } from './fault-rates.ts';
import { interleavedState } from './interleaved-state.ts';
import type { Outages } from './outages.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import { SimulatedInstance } from './simulated-instance.ts';
import type { Variant } from './simulated-maps.ts';
import type { CalledSide } from './simulated-side.ts';

/** Compiled maps are kept for so long. */
const LEARNT_WITHIN_MS = 5_000;

export interface HostOptions {
  sides: PerSide<CalledSide>;
  /** What is installed, and the same compiled. */
  maps: readonly Variant[];
  outages: Outages;
  scheduler: Scheduler;
  random: Random;
  rates: FaultRates;
  /** Everything passes as text, as it does in production, and each turn is replayed and compared. */
  thorough: boolean;
  /** Forms the GUID of a number; short names where a system does not mind. */
  guid?: (number: number) => string;
  onTelemetry(event: TelemetryEvent): void;
  onViolation(violation: string): void;
}

/**
 * The functions app in virtual time: queue, dispatch, orchestrations whose answered commands survive a kill, and the
 * release timer. The pipeline is the real one.
 */
export class SimulatedHost {
  readonly state: StateStore = createMemoryStateStore();
  readonly queue: QueueMessage[] = [];
  readonly deps: DispatchDependencies;
  readonly options: HostOptions;
  /** How many messages are taken from the queue at once, at most. */
  messagesMax: number;
  private readonly seen = new Set<string>();
  private readonly instances = new Map<string, SimulatedInstance>();
  /** What instances take for the active versions: they learn of another one some seconds late. */
  private routes: readonly Route[];
  private dispatching = false;
  private identifiers = 0;

  constructor(options: HostOptions) {
    this.options = options;
    this.routes = options.maps.map(({ compiled, finopsPhysicalName = null }) => ({
      map: compiled,
      finopsPhysicalName,
    }));
    this.messagesMax = options.random.pick([3, 10, 32]);
    this.deps = this.dependencies();
  }

  async install(): Promise<void> {
    for (const { map } of this.options.maps) await this.deps.mapStore.install(map, 'running');
  }

  get idle(): boolean {
    return this.queue.length === 0 && this.instances.size === 0 && !this.dispatching;
  }

  get isDispatching(): boolean {
    return this.dispatching;
  }

  /** An operator makes another version of a map the active one. */
  async activate({ map, compiled }: Variant, actor: string): Promise<MapStatus> {
    const { scheduler, random } = this.options;
    const outcome = await activateMap(this.deps, map, actor);
    if (!outcome.ok) throw new Error(outcome.fault.message);
    if (outcome.value.status === 'pausing') return 'pausing';
    scheduler.at(scheduler.nowMs + random.below(LEARNT_WITHIN_MS), () => {
      const isNewer = (known: string): boolean => known.localeCompare(compiled.version, 'en', { numeric: true }) < 0;
      this.routes = this.routes.map((route) =>
        route.map.id === compiled.id && isNewer(route.map.version) ? { ...route, map: compiled } : route,
      );
    });
    return outcome.value.status;
  }

  /** An event arrives at ingress. */
  receive(event: ChangeEvent): void {
    void acceptEvent({ ...this.deps, queue: { send: async (messages) => this.enqueue(messages) } }, event);
  }

  /** Takes a random handful of messages; they leave the queue only when dispatch is through. */
  dispatch(): void {
    if (this.dispatching || this.queue.length === 0) return;
    this.dispatching = true;
    const messages = this.queue.slice(0, 1 + this.options.random.below(this.messagesMax));
    void this.dispatchAll(messages);
  }

  private async dispatchAll(messages: readonly QueueMessage[]): Promise<void> {
    const { scheduler } = this.options;
    await scheduler.step('dispatch');
    try {
      await dispatchChanges(
        this.deps,
        messages.map(({ body }) => body),
      );
      await scheduler.step('dispatched');
      for (const message of messages) this.queue.splice(this.queue.indexOf(message), 1);
    } catch (error) {
      if (!(error instanceof DispatchBusyError)) throw error;
    }
    this.dispatching = false;
  }

  /** The timers' tick. */
  async tick(): Promise<void> {
    await watchSides(this.deps);
    await releaseDue(this.deps);
  }

  /** When the first parked change is due; infinite where none is. */
  async nextDueMs(): Promise<number> {
    const [first] = await this.state.listParked({ limit: 1 });
    return first?.parked.dueAtMs ?? Number.POSITIVE_INFINITY;
  }

  /** The process dies: whatever was under way is gone, what was saved is not. Open instances go on. */
  kill(): void {
    this.options.scheduler.dropSteps();
    this.dispatching = false;
    for (const instance of [...this.instances.values()]) instance.restart();
  }

  private enqueue(messages: readonly QueueMessage[]): void {
    for (const message of messages) {
      if (this.seen.has(message.id)) continue;
      this.seen.add(message.id);
      const at = this.options.random.below(this.queue.length + 1);
      this.queue.splice(at, 0, this.travelled(message));
    }
  }

  private start(id: string, batch: SyncBatch): void {
    if (this.instances.has(id)) return;
    const { sides, scheduler, random, rates, onViolation, thorough } = this.options;
    const instance = new SimulatedInstance({
      id,
      batch: this.travelled(batch),
      deps: this.deps,
      sides,
      scheduler,
      random,
      rates,
      onViolation,
      thorough,
      onEnd: () => this.instances.delete(id),
    });
    this.instances.set(id, instance);
    instance.restart();
  }

  private travelled<T>(value: T): T {
    return this.options.thorough ? (JSON.parse(JSON.stringify(value)) as T) : value;
  }

  private nextIdentifier(): string {
    this.identifiers += 1;
    return this.options.guid?.(this.identifiers) ?? `guid-${this.identifiers}`;
  }

  private dependencies(): DispatchDependencies {
    const { sides, outages, scheduler, random, onTelemetry } = this.options;
    return {
      sides,
      state: interleavedState(this.state, scheduler, random),
      queue: {
        send: async (messages) => {
          await scheduler.step('send');
          this.enqueue(messages);
        },
      },
      maps: {
        routes: async () => this.routes,
        find: async (mapId) => this.routes.find((route) => route.map.id === mapId) ?? null,
      },
      mapStore: createMemoryMapStore(),
      orchestrations: {
        start: async (id, batch) => this.start(id, batch),
        countOpen: async () => this.instances.size,
      },
      clock: { nowMs: () => scheduler.nowMs },
      identifiers: { guid: () => this.nextIdentifier() },
      telemetry: { emit: onTelemetry },
      blocks: outages.blocks,
      probes: outages.probes,
      settings: PIPELINE_SETTINGS,
    };
  }
}
