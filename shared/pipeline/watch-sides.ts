import type { Change } from '../core/change/change.ts';
import { SIDES, type Side } from '../core/record/side.ts';
import type { Standing } from '../ports/side-blocks.ts';
import type { Dependencies } from './dependencies.ts';
import { OFFLINE_REST_MS, parkedChange } from './park.ts';
import { releaseParked } from './release-parked.ts';

/** How many changes one tick releases after an outage: about what the pipeline carries in the time until the next. */
const RELEASED_MAX = 1_000;
/** What others park after they last heard that the side is gone comes within this time. */
const RECOVERY_MS = 60_000;

/** The sides that are gone at the moment, as far as is known here. */
export async function offlineSides(deps: Dependencies): Promise<Side[]> {
  const standings = await Promise.all(SIDES.map((side) => deps.blocks.standing(side)));
  return SIDES.filter((_, index) => standings[index]?.standing === 'offline');
}

/** Parks what came while a side is gone, rather than trying each. */
export async function parkOffline(deps: Dependencies, mapId: string, changes: readonly Change[]): Promise<void> {
  const parked = changes.map((change) => parkedChange(deps, change, 'offline', null, { delayMs: OFFLINE_REST_MS }));
  await deps.state.park(parked);
  for (const { identity } of parked) {
    deps.telemetry.emit({ event: 'change.parked', mapId, key: identity, reason: 'offline', code: null });
  }
}

/**
 * Looks after sides that are gone: probes them, and once both are there releases what waited, in order of age, until
 * nothing of it is left. One tick; what it does follows from what is kept, so that a killed host goes on with it.
 */
export async function watchSides(deps: Dependencies): Promise<void> {
  const recovering: Side[] = [];
  let gone = false;
  for (const side of SIDES) {
    const { standing } = await deps.blocks.standing(side);
    if (standing === 'recovering') recovering.push(side);
    if (standing !== 'offline') continue;
    if ((await deps.probes[side]()).ok) {
      await declare(deps, side, 'recovering');
      recovering.push(side);
    } else gone = true;
  }
  if (gone || recovering.length === 0) return;
  const waiting = await deps.state.listParked({ reason: 'offline', limit: RELEASED_MAX });
  // Told in order of their next attempts, which each further hint about a record puts off.
  await releaseParked(
    deps,
    waiting.toSorted((left, right) => left.parked.parkedAtMs - right.parked.parkedAtMs),
  );
  if (waiting.length > 0) return;
  for (const side of recovering) {
    const { sinceMs } = await deps.blocks.standing(side);
    if (deps.clock.nowMs() - sinceMs >= RECOVERY_MS) await declare(deps, side, 'online');
  }
}

async function declare(deps: Dependencies, side: Side, standing: Standing): Promise<void> {
  await deps.blocks.declare(side, { standing, sinceMs: deps.clock.nowMs() });
  deps.telemetry.emit({ event: 'side.standing', side, standing });
}
