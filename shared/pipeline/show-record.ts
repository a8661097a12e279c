import type { Link } from '../core/link/link.ts';
import type { AuditEntry, ParkedAct, ParkedChange, RecordRef } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';
import { selectParked } from './parked-actions.ts';
import { type ShownConflict, showConflicts } from './show-conflicts.ts';

/** All there is of one record. */
export interface ShownRecord {
  link: Link | null;
  /** What we wrote, the latest first. */
  audit: AuditEntry[];
  conflicts: ShownConflict[];
  /** What people did with what was parked of it, the latest first. */
  acts: ParkedAct[];
  parked: ParkedChange[];
}

export async function showRecord(deps: Dependencies, ref: RecordRef): Promise<ShownRecord> {
  const [links, audit, conflicts, acts, parked] = await Promise.all([
    deps.state.loadLinks(ref.mapId, [ref.key], new Map()),
    deps.state.listAudit(ref),
    showConflicts(deps, ref),
    deps.state.listActs(ref),
    selectParked(deps, { mapId: ref.mapId, identity: `k|${ref.key}` }),
  ]);
  return {
    link: links.get(ref.key)?.link ?? null,
    audit: [...audit].sort((left, right) => right.atMs - left.atMs),
    conflicts,
    acts: [...acts].reverse(),
    parked: parked.map((stored) => stored.parked),
  };
}
