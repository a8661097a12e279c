import type { Fault } from '../core/fault/fault.ts';
import type { Dependencies } from './dependencies.ts';
import { releasePaused } from './park-paused.ts';

/** Outcome of asking a map to pause: `pausing` while claims of records are still open; one that was stopped stays so. */
export type PauseOutcome = { status: 'paused' | 'stopped' } | { status: 'pausing'; liveClaims: number };

/**
 * Pauses a map: sets the flag, then looks whether a claim is still live; only without one is the map `paused`. Called
 * again until it is, since writes that were claimed before the flag may be under way.
 */
export async function pauseMap(deps: Dependencies, mapId: string, actor: string): Promise<PauseOutcome> {
  const status = await deps.mapStore.status(mapId);
  if (status === 'paused' || status === 'stopped') return { status };
  if (status !== 'pausing') await setStatus(deps, mapId, 'pausing', actor);
  const liveClaims = await deps.state.countLiveClaims(mapId, deps.clock.nowMs());
  if (liveClaims > 0) return { status: 'pausing', liveClaims };
  await setStatus(deps, mapId, 'paused', actor);
  return { status: 'paused' };
}

/** Lets a map run again and releases what waited for it. */
export async function resumeMap(deps: Dependencies, mapId: string, actor: string): Promise<number> {
  await setStatus(deps, mapId, 'running', actor);
  return releasePaused(deps, mapId);
}

/**
 * Stops a running map for a reason that a person has to remove: nothing of it is written, what comes for it is parked,
 * and resuming it plans all of that afresh. A map that somebody pauses is left to them.
 */
export async function stopMap(deps: Dependencies, mapId: string, fault: Fault): Promise<void> {
  if ((await deps.mapStore.status(mapId)) !== 'running') return;
  const { code, message, field = null } = fault;
  await deps.mapStore.setStatus(mapId, 'stopped', { code, message });
  deps.telemetry.emit({ event: 'map.stopped', mapId, code, field });
}

async function setStatus(
  deps: Dependencies,
  mapId: string,
  status: 'running' | 'pausing' | 'paused',
  actor: string,
): Promise<void> {
  await deps.mapStore.setStatus(mapId, status);
  deps.telemetry.emit({ event: 'map.status', mapId, status, actor });
}
