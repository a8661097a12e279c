import type { Conflict, ConflictDraft } from '../core/conflict/conflict.ts';
import type { Link } from '../core/link/link.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';
import { fingerprint } from '../core/record/fingerprint.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import type { RowState } from '../core/record/row.ts';
import type { PerSide, Side } from '../core/record/side.ts';

/**
 * Conflict rows from what a plan decided. A row's id is made from what it says, so that planning the same thing twice
 * leaves one row.
 */
export function conflictsOf(
  map: CompiledMap,
  key: RecordKey,
  link: Link | null,
  states: PerSide<RowState>,
  { conflicts: drafts, afterUnknown }: { conflicts: readonly ConflictDraft[]; afterUnknown: boolean },
  nowMs: number,
): Conflict[] {
  const told = (side: Side, what: 'modifiedAt' | 'modifiedBy'): string | null => {
    const state = states[side];
    return state.state === 'in' || state.state === 'outside' ? (state.row[what] ?? null) : null;
  };
  return drafts.map((draft) => ({
    ...draft,
    id: conflictId(draft, states),
    mapId: map.id,
    key,
    modifiedAt: { finops: told('finops', 'modifiedAt'), dataverse: told('dataverse', 'modifiedAt') },
    modifiedBy: { finops: told('finops', 'modifiedBy'), dataverse: told('dataverse', 'modifiedBy') },
    atMs: nowMs,
    afterUnknown: afterUnknown || (draft.field !== null && link?.assumed.includes(draft.field) === true),
  }));
}

function conflictId(draft: ConflictDraft, states: PerSide<RowState>): string {
  const version = (side: Side): string => {
    const state = states[side];
    return state.state === 'in' || state.state === 'outside' ? state.row.version : state.state;
  };
  return fingerprint(JSON.stringify([draft, version('finops'), version('dataverse')]));
}
