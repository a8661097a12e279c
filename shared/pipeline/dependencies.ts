import type { PerSide } from '../core/record/side.ts';
import type { ChangeQueue } from '../ports/change-queue.ts';
import type { Clock, Identifiers } from '../ports/clock.ts';
import type { CompiledMaps, MapStore } from '../ports/map-store.ts';
import type { Orchestrations } from '../ports/orchestrations.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Probe, SideBlocks } from '../ports/side-blocks.ts';
import type { StateStore } from '../ports/state-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';

/** Limits of the pipeline; each says why in `PIPELINE_SETTINGS`. */
export interface PipelineSettings {
  /** A claim outlasts the longest write call by far, so that it never ends in the middle of one. */
  claimMs: number;
  /** A write is sent only while its claim has this much time left: the time-out of one call, and a margin. */
  writeCallMs: number;
  /** Orchestrations open at once; dispatch waits beyond it. */
  openOrchestrationsMax: number;
  /** How often an event about a row that nobody knows is tried again before it ends as an unknown row. */
  unknownRowReleasesMax: number;
  /** Brings over a record that another one refers to and that was never synchronised, before that other one. */
  syncMissingParents: boolean;
}

export const PIPELINE_SETTINGS: PipelineSettings = {
  claimMs: 120_000,
  writeCallMs: 65_000,
  openOrchestrationsMax: 64,
  unknownRowReleasesMax: 5,
  syncMissingParents: true,
};

/** Everything that the use cases need of the outside. */
export interface Dependencies {
  sides: PerSide<RecordStore>;
  state: StateStore;
  queue: ChangeQueue;
  maps: CompiledMaps;
  mapStore: MapStore;
  clock: Clock;
  identifiers: Identifiers;
  telemetry: Telemetry;
  blocks: SideBlocks;
  probes: PerSide<Probe>;
  settings: PipelineSettings;
}

/** What dispatch needs besides: only a trigger with a durable client can start orchestrations. */
export interface DispatchDependencies extends Dependencies {
  orchestrations: Orchestrations;
}
