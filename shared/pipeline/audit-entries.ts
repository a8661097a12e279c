import type { Change } from '../core/change/change.ts';
import { half, type IntendedWrite, type Link } from '../core/link/link.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';
import type { Side } from '../core/record/side.ts';
import { writtenValues } from '../core/write/intended-writes.ts';
import type { AuditEntry } from '../ports/state-store.ts';

export interface Written {
  change: Change;
  /** The link as it was claimed, with the intent. */
  claimed: Link;
  /** The sides whose write happened. */
  done: readonly Side[];
  /** Nobody saw the answer; the row itself proves the write. */
  inferred: boolean;
  /** Row ids as they are now known, for rows that the system numbered itself. */
  after: Link | null;
}

/** One audit entry for each write that was carried out, named by its intent, so that a healed write has one, too. */
export function auditOf(map: CompiledMap, written: Written, nowMs: number): AuditEntry[] {
  const { change, claimed, done, inferred, after } = written;
  return done.flatMap((side) => {
    const write = claimed.intent?.writes[side];
    if (write === undefined) return [];
    const before: Record<string, string | null> = {};
    for (const field of map.fields) {
      if (write.pairs[field.id] !== undefined) before[field[side]] = half(claimed.base?.[field.id], side);
    }
    return [
      {
        id: `${claimed.intent?.id ?? ''}-${side}`,
        mapId: map.id,
        mapVersion: claimed.intent?.mapVersion ?? map.version,
        key: claimed.key,
        side,
        operation: write.operation,
        rowId: after?.sides[side].rowId ?? write.rowId,
        before,
        after: write.operation === 'delete' ? {} : writtenValues(map, side, write),
        cause: change.hinted.at(-1) ?? map.master,
        sinceMs: change.sinceMs,
        atMs: nowMs,
        ...decisionsIn(change, write),
        inferred,
      },
    ];
  });
}

function decisionsIn({ decisions = [] }: Change, write: IntendedWrite): Pick<AuditEntry, 'decisions'> {
  const carried = decisions.filter(({ field }) => write.pairs[field] !== undefined);
  if (carried.length === 0) return {};
  return { decisions: carried.map(({ seen: _seen, ...told }) => told) };
}
