import type { Link } from '../core/link/link.ts';
import type { AuditEntry, ParkedChange, RecordRef } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';
import { selectParked } from './parked-actions.ts';
import { type ShownConflict, showConflicts } from './show-conflicts.ts';

/** All there is of one record. */
export interface ShownRecord {
  link: Link | null;
  /** What we wrote, the latest first. */
  audit: AuditEntry[];
  conflicts: ShownConflict[];
  parked: ParkedChange[];
}

export async function showRecord(deps: Dependencies, ref: RecordRef): Promise<ShownRecord> {
  const [links, audit, conflicts, parked] = await Promise.all([
    deps.state.loadLinks(ref.mapId, [ref.key], new Map()),
    deps.state.listAudit(ref),
    showConflicts(deps, ref),
    selectParked(deps, { mapId: ref.mapId, identity: `k|${ref.key}` }),
  ]);
  return {
    link: links.get(ref.key)?.link ?? null,
    audit: [...audit].sort((left, right) => right.atMs - left.atMs),
    conflicts,
    parked: parked.map((stored) => stored.parked),
  };
}
