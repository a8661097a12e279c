import type { FieldDecision } from '../change/change.ts';
import { half, type Link, type LinkSide } from '../link/link.ts';
import type { CompiledMap } from '../map/compiled-map.ts';
import { type RecordKey, recordKeyParts } from '../record/record-key.ts';
import { isProvenAbsent, type Row, type RowState } from '../record/row.ts';
import type { PerSide, Side } from '../record/side.ts';
import type { Decision, SettledOutcome } from './decision.ts';

export interface DecideInput {
  map: CompiledMap;
  key: RecordKey;
  link: Link;
  rows: PerSide<RowState>;
  source: Side;
  deletion: DeletionConsent;
  decisions: readonly FieldDecision[];
}

/** `held`: too many rows were deleted at once. `approved`: a person has agreed. */
export type DeletionConsent = 'free' | 'held' | 'approved';

export function isIn(state: RowState): boolean {
  return state.state === 'in' || state.state === 'assumed';
}

export function settled(link: Link, outcome: SettledOutcome, more: Partial<Decision> = {}): Decision {
  const updates = { finops: {}, dataverse: {} };
  const none = { insert: null, delete: null, deactivate: null, extra: {}, backflow: false, rekey: null, forget: false };
  return { link, outcome, conflicts: [], updates, ...none, wait: null, ...more };
}

/** The row as read, or as the link says it is. */
export function rowOf(input: DecideInput, side: Side): Row {
  const state = input.rows[side];
  if (state.state === 'in' || state.state === 'outside') return state.row;
  const { rowId, address, version } = input.link.sides[side];
  const values: Record<string, string | null> = {};
  // The company is no field of most maps: the record's key tells it, in the folded form in which it is compared.
  const parts = recordKeyParts(input.key);
  input.map.sides[side].keyColumns.forEach((column, index) => {
    values[column] = parts[index] ?? null;
  });
  for (const field of input.map.fields) values[field[side]] = half(input.link.base?.[field.id], side);
  return { id: rowId ?? '', address: address ?? '', version: version ?? '', values };
}

/** The version is kept only where the base holds all that the row holds: an assumed row is later taken at its word. */
export function sideAfterRead(side: LinkSide, state: RowState, reflected: boolean): LinkSide {
  if (state.state !== 'in' && state.state !== 'outside') return side;
  const { id, address, version } = state.row;
  // What is outside is read before anything rests on it; its version only tells whether it has moved.
  if (state.state === 'outside') return { rowId: id, address, version, presence: 'outside', confirmed: true };
  const kept = side.rowId === id ? side.version : null;
  return { rowId: id, address, version: reflected ? version : kept, presence: 'present', confirmed: true };
}

export function wasThere(link: Link, side: Side): boolean {
  return ['present', 'outside', 'deleted'].includes(link.sides[side].presence);
}

export function isProvenGone({ link, rows }: DecideInput, side: Side): boolean {
  return link.sides[side].presence === 'deleted' || isProvenAbsent(rows[side], link.sides[side].rowId);
}

/** A deletion is told of it, or a full scan did not find it. */
export function isToldDeleted(state: RowState): boolean {
  return state.state === 'absent' && (state.scanned || state.deletedIds.length > 0);
}
