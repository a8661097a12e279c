import type { FieldDecision } from '../core/change/change.ts';
import type { Conflict } from '../core/conflict/conflict.ts';
import type { BasePair, Link } from '../core/link/link.ts';
import type { AuditEntry, RecordRef } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * `open`: waits for a person. `decided`: a person decided it. `resolved`: a rule of the map did. `undone`: a person
 * overruled the rule. `superseded`: it waited, and both sides came to agree, or moved on, without a decision.
 */
type ConflictState = 'open' | 'decided' | 'resolved' | 'undone' | 'superseded';

/** The part of a decision that the audit keeps. */
type CarriedDecision = NonNullable<AuditEntry['decisions']>[number];

/** A conflict with what both sides hold of its field, as far as the link knows. */
export interface ShownConflict {
  conflict: Conflict;
  state: ConflictState;
  /** Null for a conflict about the whole row, and where the record is not linked any more. */
  current: BasePair | null;
  /** The latest that was carried out. */
  decision: CarriedDecision | null;
}

/** The conflicts of a record, the latest first. */
export async function showConflicts(deps: Dependencies, ref: RecordRef): Promise<ShownConflict[]> {
  const [conflicts, links] = await Promise.all([
    deps.state.listConflicts(ref),
    deps.state.loadLinks(ref.mapId, [ref.key], new Map()),
  ]);
  if (conflicts.length === 0) return [];
  const decisions = (await deps.state.listAudit(ref)).flatMap((entry) => entry.decisions ?? []);
  const link = links.get(ref.key)?.link ?? null;
  return conflicts.map((conflict) => shown(conflict, link, decisions)).sort(latestFirst);
}

/** Conflicts of a map, also those of the past, a page of records at a time; `cursor` continues after the last page. */
export async function pageConflicts(
  deps: Dependencies,
  mapId: string,
  { cursor, records }: { cursor: string | null; records: number },
): Promise<{ conflicts: ShownConflict[]; cursor: string | null }> {
  const page = await deps.state.pageConflicts(mapId, cursor, records);
  const all = await Promise.all(page.keys.map((key) => showConflicts(deps, { mapId, key })));
  return { conflicts: all.flat().sort(latestFirst), cursor: page.cursor };
}

export function samePair(left: BasePair, right: BasePair): boolean {
  return left[0] === right[0] && left[1] === right[1];
}

function shown(conflict: Conflict, link: Link | null, decisions: readonly CarriedDecision[]): ShownConflict {
  const field = conflict.field ?? '';
  const waiting = link?.open[field];
  const current = waiting ?? link?.base?.[field] ?? null;
  const decision = latest(decisions.filter(({ conflictId }) => conflictId === conflict.id));
  const open = conflict.rule === 'manual' && waiting !== undefined && samePair(waiting, conflict.values);
  return { conflict, current, decision, state: open ? 'open' : closedState(conflict, decision) };
}

function closedState({ rule }: Conflict, decision: CarriedDecision | null): ConflictState {
  if (rule === 'manual') return decision === null ? 'superseded' : 'decided';
  return decision === null ? 'resolved' : 'undone';
}

function latest<T extends Pick<FieldDecision, 'atMs'>>(decisions: readonly T[]): T | null {
  return decisions.reduce<T | null>((found, each) => (found !== null && found.atMs > each.atMs ? found : each), null);
}

function latestFirst(left: ShownConflict, right: ShownConflict): number {
  return right.conflict.atMs - left.conflict.atMs;
}
