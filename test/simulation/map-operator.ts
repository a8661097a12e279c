import { pauseMap, resumeMap } from '../../shared/pipeline/control-map.ts';
import type { HistoryRecord } from './history-record.ts';
import type { Random } from './random.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { firstAgain, MAPS, type Variant, variantOf } from './simulated-maps.ts';

/** `replacing`: another version was sent, and is sent again until it is active. */
type State = 'running' | 'pausing' | 'paused' | 'stopped' | 'resuming' | 'replacing';

interface OperatedMap {
  state: State;
  version: number;
  /** What is being made the active version, or is it. */
  variant: Variant | null;
}

export interface OperatorOptions {
  host: SimulatedHost;
  record: HistoryRecord;
  random: Random;
  /** Versions may lack a field for a while: what was typed there meanwhile is found by a sweep only. */
  sweeps: boolean;
}

/**
 * An operator who pauses maps and lets them run again, replaces their versions, and repeats a command of which no answer
 * came.
 */
export class MapOperator {
  private readonly maps = new Map<string, OperatedMap>(
    MAPS.map(({ id }) => [id, { state: 'running', version: 0, variant: null }]),
  );
  private readonly options: OperatorOptions;
  private attempt = 0;

  constructor(options: OperatorOptions) {
    this.options = options;
  }

  get allRun(): boolean {
    return [...this.maps.values()].every(({ state }) => state === 'running');
  }

  /** Goes one step further with one map. */
  async goOn(): Promise<void> {
    const { random, sweeps } = this.options;
    const { id } = random.pick(MAPS);
    const map = this.mapOf(id);
    if (map.state === 'paused' || map.state === 'stopped') this.resume(id);
    else if (map.state === 'running' && random.chance(0.4)) {
      map.version += 1;
      map.variant = variantOf(id, map.version, !sweeps, random);
      this.noteLacking(map.variant);
      this.replace(id);
    } else if (map.state === 'replacing') this.replace(id);
    else if (map.state !== 'resuming') await this.pause(id);
  }

  /** Lets every map run, and has what it maps by its first version again; true when nothing is left to do. */
  finish(): boolean {
    for (const [id, map] of this.maps) {
      if (map.state === 'running' && map.variant !== null && map.variant.map.fields.length < this.fieldsOf(id)) {
        map.version += 1;
        map.variant = firstAgain(id, map.version);
        this.replace(id);
      } else if (map.state === 'replacing') this.replace(id);
      else if (map.state !== 'running' && map.state !== 'resuming') this.resume(id);
    }
    return this.allRun;
  }

  /** The console's request died with the process: it is sent again. */
  repeatAfterKill(): void {
    for (const [id, { state }] of this.maps) if (state === 'resuming') this.resume(id);
  }

  private noteLacking({ compiled }: Variant): void {
    const kept = new Set(compiled.fields.map(({ id }) => id));
    const first = MAPS.find(({ id }) => id === compiled.id);
    this.options.record.lacking.push(...(first?.fields ?? []).filter(({ id }) => !kept.has(id)));
  }

  private mapOf(id: string): OperatedMap {
    const map = this.maps.get(id);
    if (map === undefined) throw new Error(`there is no map ${id}`);
    return map;
  }

  private fieldsOf(id: string): number {
    return firstAgain(id, 0).map.fields.length;
  }

  private async pause(id: string): Promise<void> {
    const { host, record } = this.options;
    const { status } = await pauseMap(host.deps, id, 'operator');
    this.mapOf(id).state = status;
    if (status === 'paused') record.paused.add(id);
  }

  private replace(id: string): void {
    const map = this.mapOf(id);
    const { variant } = map;
    if (variant === null) return;
    map.state = 'replacing';
    void this.options.host.activate(variant, 'operator').then((status) => {
      if (map.state !== 'replacing' || status === 'pausing') return;
      // A process that died in the middle of it left the map paused.
      if (status === 'running') map.state = 'running';
      else this.resume(id);
    });
  }

  private resume(id: string): void {
    const { host, record } = this.options;
    const map = this.mapOf(id);
    map.state = 'resuming';
    record.paused.delete(id);
    this.attempt += 1;
    void resumeMap(host.deps, id, `operator ${this.attempt}`).then(() => {
      if (map.state === 'resuming') map.state = 'running';
    });
  }
}
