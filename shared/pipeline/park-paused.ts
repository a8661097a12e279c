import type { Change } from '../core/change/change.ts';
import type { Dependencies } from './dependencies.ts';
import { pausedChange } from './park.ts';
import { releaseParked } from './release-parked.ts';

/** Parks what came for a map that does not run; whoever read its status looks again afterwards. */
export async function parkPaused(deps: Dependencies, mapId: string, changes: readonly Change[]): Promise<void> {
  const parked = changes.map((change) => pausedChange(deps, change, null));
  await deps.state.park(parked);
  for (const { identity } of parked) {
    deps.telemetry.emit({ event: 'change.parked', mapId, key: identity, reason: 'paused', code: null });
  }
}

/** After parking: if the map was resumed meanwhile, its release may have missed what was only then parked. */
export async function releaseIfRunning(deps: Dependencies, mapId: string): Promise<void> {
  if ((await deps.mapStore.standing(mapId)).status === 'running') await releasePaused(deps, mapId);
}

/** Releases all that waited for a map to run. */
export async function releasePaused(deps: Dependencies, mapId: string): Promise<number> {
  let released = 0;
  for (;;) {
    const waiting = await deps.state.listParked({ mapId, reason: 'paused', limit: 500 });
    if (waiting.length === 0) return released;
    released += await releaseParked(deps, waiting);
  }
}
