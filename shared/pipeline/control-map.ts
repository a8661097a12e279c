import type { Dependencies } from './dependencies.ts';
import { releasePaused } from './park-paused.ts';

/** Outcome of asking a map to pause: `pausing` while claims of records are still open. */
export type PauseOutcome = { status: 'paused' } | { status: 'pausing'; liveClaims: number };

/**
 * Pauses a map: sets the flag, then looks whether a claim is still live; only without one is the map `paused`. Called
 * again until it is, since writes that were claimed before the flag may be under way.
 */
export async function pauseMap(deps: Dependencies, mapId: string, actor: string): Promise<PauseOutcome> {
  const status = await deps.mapStore.status(mapId);
  if (status === 'paused') return { status: 'paused' };
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

async function setStatus(
  deps: Dependencies,
  mapId: string,
  status: 'running' | 'pausing' | 'paused',
  actor: string,
): Promise<void> {
  await deps.mapStore.setStatus(mapId, status);
  deps.telemetry.emit({ event: 'map.status', mapId, status, actor });
}
