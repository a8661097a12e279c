import type { Route } from '../core/change/route-event.ts';
import type { Fault } from '../core/fault/fault.ts';
import type { TableMap } from '../core/map/table-map.ts';

/** Until the full status machine runs a map, these are the states that the pipeline obeys; only `running` writes. */
export type MapStatus = 'running' | 'pausing' | 'paused' | 'stopped';

/** Why a map was stopped, as its fault says. */
export type StatusReason = Pick<Fault, 'code' | 'message'>;

/** What a map may do at the moment. A map that nobody installed is stopped. */
interface MapStanding {
  status: MapStatus;
  /** The active version; null for a map that nobody installed. */
  version: string | null;
}

export interface InstalledMap {
  map: TableMap;
  status: MapStatus;
  /** Absent where a person gave the map its status. */
  reason?: StatusReason;
}

/** Installed maps, their active versions and their status. */
export interface MapStore {
  list(): Promise<InstalledMap[]>;
  install(map: TableMap, status: MapStatus): Promise<void>;
  /** Always read, never cached: a pause, and a new version, hold for whoever asks after it. */
  standing(mapId: string): Promise<MapStanding>;
  /** The same for many maps in one read. */
  statuses(mapIds: readonly string[]): Promise<ReadonlyMap<string, MapStatus>>;
  /** The reason goes with the status: without one, the last is forgotten. */
  setStatus(mapId: string, status: MapStatus, reason?: StatusReason): Promise<void>;
}

/** Compiled maps, ready to run; compiled anew when a version or a side's metadata changes. */
export interface CompiledMaps {
  /** All installed maps with what routing needs of them. */
  routes(): Promise<readonly Route[]>;
  find(mapId: string): Promise<Route | null>;
}
