import type { Change } from '../core/change/change.ts';
import { changeIdentity } from '../core/change/merge-changes.ts';
import type { Fault } from '../core/fault/fault.ts';
import { isDrift, parkedDelayMs } from '../core/fault/retry-policy.ts';
import type { ParkedChange, ParkReason } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';

/** Reasons that only a person or an event ends; the others are released by time, too. */
const WITHOUT_DUE_TIME: ReadonlySet<ParkReason> = new Set(['manual', 'key-changed', 'approval', 'merged']);

/** What one event told of a moment is worth nothing later: the rows are read. Attempts are counted anew. */
function rested({ news: _news, created: _created, lastFault: _lastFault, ...change }: Change): Change {
  return { ...change, attempts: 0 };
}

/** Nobody waits for the end of an outage by time; but should the release have been missed, they are looked at. */
export const OFFLINE_REST_MS = 3_600_000;

/** The same for changes of a map that does not run. */
const PAUSED_REST_MS = 3_600_000;

/** A change that waits for its map to run; the fault that stopped the map, if one did. */
export function pausedChange(
  deps: Pick<Dependencies, 'clock' | 'identifiers'>,
  change: Change,
  fault: Fault | null,
): ParkedChange {
  return parkedChange(deps, change, 'paused', fault, { delayMs: PAUSED_REST_MS });
}

/** A change that a fault stops until a person, the end of an outage, or its map's running again lets it go on. */
export function parkedFor(
  deps: Pick<Dependencies, 'clock' | 'identifiers'>,
  change: Change,
  fault: Fault,
): ParkedChange {
  if (isDrift(fault)) return pausedChange(deps, change, fault);
  return fault.class === 'offline'
    ? parkedChange(deps, change, 'offline', fault, { delayMs: OFFLINE_REST_MS })
    : parkedChange(deps, change, 'failed', fault);
}

/** A change made ready to wait. `delayMs` overrides the resting time that the number of its releases gives. */
export function parkedChange(
  { clock, identifiers }: Pick<Dependencies, 'clock' | 'identifiers'>,
  change: Change,
  reason: ParkReason,
  fault: Fault | null,
  more: { awaits?: ParkedChange['awaits']; delayMs?: number; id?: string } = {},
): ParkedChange {
  const nowMs = clock.nowMs();
  const identity = changeIdentity(change);
  const rest = more.delayMs ?? parkedDelayMs(change.releases, `${change.mapId}|${identity}`);
  return {
    id: more.id ?? identifiers.guid(),
    mapId: change.mapId,
    identity,
    change: rested(change),
    reason,
    fault,
    parkedAtMs: nowMs,
    dueAtMs: WITHOUT_DUE_TIME.has(reason) ? null : nowMs + rest,
    awaits: more.awaits ?? null,
  };
}
