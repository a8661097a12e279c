import { pauseMap, resumeMap } from '../../shared/pipeline/control-map.ts';
import type { HistoryRecord } from './history-record.ts';
import type { Random } from './random.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { MAPS } from './simulated-maps.ts';

type State = 'running' | 'pausing' | 'paused' | 'stopped' | 'resuming';

/** An operator who pauses maps and lets them run again, and repeats a command of which no answer came. */
export class MapPauses {
  private readonly states = new Map<string, State>(MAPS.map(({ id }) => [id, 'running']));
  private readonly host: SimulatedHost;
  private readonly record: HistoryRecord;
  private readonly random: Random;
  private attempt = 0;

  constructor(host: SimulatedHost, record: HistoryRecord, random: Random) {
    this.host = host;
    this.record = record;
    this.random = random;
  }

  get allRun(): boolean {
    return [...this.states.values()].every((state) => state === 'running');
  }

  /** Goes one step further with one map. */
  async goOn(): Promise<void> {
    const map = this.random.pick(MAPS);
    const state = this.states.get(map.id) ?? 'running';
    if (state === 'running' || state === 'pausing') await this.pause(map.id);
    else if (state === 'paused' || state === 'stopped') this.resume(map.id);
  }

  async resumeAll(): Promise<void> {
    for (const [mapId, state] of this.states) if (state !== 'running') this.resume(mapId);
  }

  /** The console's request died with the process: it is sent again. */
  repeatAfterKill(): void {
    for (const [mapId, state] of this.states) if (state === 'resuming') this.resume(mapId);
  }

  private async pause(mapId: string): Promise<void> {
    const { status } = await pauseMap(this.host.deps, mapId, 'operator');
    this.states.set(mapId, status);
    if (status === 'paused') this.record.paused.add(mapId);
  }

  private resume(mapId: string): void {
    this.states.set(mapId, 'resuming');
    this.record.paused.delete(mapId);
    this.attempt += 1;
    const { attempt } = this;
    void resumeMap(this.host.deps, mapId, `operator ${attempt}`).then(() => {
      if (this.states.get(mapId) === 'resuming') this.states.set(mapId, 'running');
    });
  }
}
