import { isDrift } from '../core/fault/retry-policy.ts';
import type { ParkedChange } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';
import { releasePaused } from './park-paused.ts';

/** Outcome of asking a map to pause: `pausing` while claims of records are still open; one that was stopped stays so. */
export type PauseOutcome = { status: 'paused' | 'stopped' } | { status: 'pausing'; liveClaims: number };

/**
 * Pauses a map: sets the flag, then looks whether a claim is still live; only without one is the map `paused`. Called
 * again until it is, since writes that were claimed before the flag may be under way.
 */
export async function pauseMap(deps: Dependencies, mapId: string, actor: string): Promise<PauseOutcome> {
  const { status } = await deps.mapStore.standing(mapId);
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
 * Stops a running map if its schema is what one of the changes is about to be parked for: nothing of it is written, what
 * comes for it is parked, and resuming it plans all of that afresh. It is stopped before they are parked, so that
 * whoever resumes it finds them. A map that somebody pauses is left to them. True if it is about the schema.
 */
export async function stopForDrift(
  deps: Dependencies,
  mapId: string,
  parked: readonly Pick<ParkedChange, 'fault'>[],
): Promise<boolean> {
  const drift = parked.find(({ fault }) => fault !== null && isDrift(fault))?.fault ?? null;
  if (drift === null) return false;
  if ((await deps.mapStore.standing(mapId)).status !== 'running') return true;
  const { code, message, field = null } = drift;
  await deps.mapStore.setStatus(mapId, 'stopped', { code, message });
  deps.telemetry.emit({ event: 'map.stopped', mapId, code, field });
  return true;
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
