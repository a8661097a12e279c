import { SIDES } from '../core/record/side.ts';
import type { Planned, Planning } from './planning.ts';

/** So few deletions are never taken for a mistake, however small the map. */
const ALWAYS_FREE = 10;

/**
 * Lets so many deletions of a map pass within its window; the others are to wait for a person. Deletions that a person
 * agreed to, and those that were let pass before, are not counted.
 * @returns the records whose deletion is to be held.
 */
export async function heldDeletions(planning: Planning, planned: readonly Planned[]): Promise<ReadonlySet<Planned>> {
  const deleting = planned.filter((item) => isNewDeletion(planning, item));
  if (deleting.length === 0) return new Set();
  const granted = await takeDeletions(planning, deleting.length);
  const held = deleting.slice(granted);
  if (held.length > 0) {
    planning.deps.telemetry.emit({ event: 'deletions.held', mapId: planning.map.id, count: held.length });
  }
  return new Set(held);
}

function isNewDeletion({ links }: Planning, { change, plan }: Planned): boolean {
  if (plan.kind !== 'write' || plan.again || change.approved === true) return false;
  const deletes = SIDES.some((side) => {
    const operation = plan.link.intent?.writes[side]?.operation;
    return operation === 'delete' || operation === 'deactivate';
  });
  const before = links.get(change.key ?? '')?.link;
  const wasLetPass = before?.parked === null && SIDES.some((side) => before.sides[side].presence === 'deleted');
  return deletes && !wasLetPass;
}

async function takeDeletions({ deps, map, nowMs }: Planning, wanted: number): Promise<number> {
  const { count, percent, windowMinutes } = map.deleteGuard;
  const window = { windowMs: windowMinutes * 60_000, nowMs };
  if (percent === null) return deps.state.takeDeletions(map.id, wanted, { ...window, count });
  const free = await deps.state.takeDeletions(map.id, wanted, { ...window, count: Math.min(count, ALWAYS_FREE) });
  if (free === wanted) return free;
  const known = await deps.state.countLinks(map.id, Math.ceil((count * 100) / percent));
  const share = Math.max(ALWAYS_FREE, Math.floor((known * percent) / 100));
  const more = await deps.state.takeDeletions(map.id, wanted - free, { ...window, count: Math.min(count, share) });
  return free + more;
}
