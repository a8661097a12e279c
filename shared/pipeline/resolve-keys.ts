import type { Change } from '../core/change/change.ts';
import { mergeChanges } from '../core/change/merge-changes.ts';
import type { Fault } from '../core/fault/fault.ts';
import { longerPause } from '../core/fault/retry-policy.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import type { Row } from '../core/record/row.ts';
import { SIDES, type Side } from '../core/record/side.ts';
import type { ParkedChange } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';
import { waitForNumber } from './missing-parent.ts';
import { parkedChange } from './park.ts';

/** Changes whose record is known by key, one each; and what became of the others. */
export interface ResolvedKeys {
  changes: Change[];
  /** Rows that were read to learn their key; good for planning only where no link exists yet. */
  rows: Map<string, Row>;
  /** Rows that belong to no record of this map: other filter, incomplete key, or gone without a trace. */
  settled: number;
  parked: ParkedChange[];
  /** The side could not be asked. */
  failed: { changes: Change[]; fault: Fault } | null;
}

/**
 * Finds the records of changes that name only a row: in the index of ids, else by reading the row. A row that is
 * neither known nor readable is tried again beyond the longest claim, then ends as an unknown row.
 */
export async function resolveKeys(
  deps: Dependencies,
  map: CompiledMap,
  changes: readonly Change[],
): Promise<ResolvedKeys> {
  const { known, unknown } = await findKeys(deps, map, changes);
  const resolved: ResolvedKeys = { changes: known, rows: new Map(), settled: 0, parked: [], failed: null };
  for (const side of SIDES) {
    const ofSide = unknown.filter((change) => change.hinted[0] === side);
    if (ofSide.length > 0) await readKeys(deps, map, side, ofSide, resolved);
  }
  resolved.changes = mergeChanges(resolved.changes);
  return resolved;
}

/** Finds records in the index of ids; a row id may belong to several. Unknown are those that it does not know. */
export async function findKeys(
  deps: Pick<Dependencies, 'state'>,
  map: CompiledMap,
  changes: readonly Change[],
): Promise<{ known: Change[]; unknown: Change[] }> {
  const known = changes.filter((change) => change.key !== null);
  const unknown: Change[] = [];
  for (const side of SIDES) {
    const keyless = changes.filter((change) => change.key === null && change.hinted[0] === side);
    if (keyless.length === 0) continue;
    const ids = keyless.map((change) => rowIdOf(change, side));
    const found = await deps.state.findIds(map.id, side, map.sides[side].table, ids);
    for (const change of keyless) {
      const keys = found.get(rowIdOf(change, side)) ?? [];
      known.push(...keys.map((key) => ({ ...change, key })));
      if (keys.length === 0) unknown.push(change);
    }
  }
  return { known, unknown };
}

function rowIdOf(change: Change, side: Side): string {
  return change.rowIds[side]?.[0] ?? '';
}

async function readKeys(
  deps: Dependencies,
  map: CompiledMap,
  side: Side,
  changes: readonly Change[],
  resolved: ResolvedKeys,
): Promise<void> {
  const ids = changes.map((change) => rowIdOf(change, side));
  const read = await deps.sides[side].readByIds(map, ids);
  if (!read.ok) {
    const fault = longerPause(resolved.failed?.fault ?? null, read.fault);
    resolved.failed = { changes: [...(resolved.failed?.changes ?? []), ...changes], fault };
    return;
  }
  for (const change of changes) {
    const row = read.value.get(rowIdOf(change, side));
    const waiting = row === undefined || side === 'finops' ? null : await waitForNumber(deps, map, change, row);
    if (waiting === null) adoptRow(deps, map, side, change, row, resolved);
    else resolved.parked.push(waiting);
  }
}

function adoptRow(
  deps: Dependencies,
  map: CompiledMap,
  side: Side,
  change: Change,
  row: Row | undefined,
  resolved: ResolvedKeys,
): void {
  if (row !== undefined) {
    const key: RecordKey | null = map.keyOf(side, row);
    if (key === null) {
      resolved.settled += 1;
      deps.telemetry.emit({ event: 'change.settled', mapId: map.id, key: row.id, outcome: 'incomplete-key' });
      return;
    }
    resolved.rows.set(`${side}|${key}`, row);
    resolved.changes.push({ ...change, key });
    return;
  }
  if (change.releases >= deps.settings.unknownRowReleasesMax) {
    resolved.settled += 1;
    const key = change.rowIds[side]?.[0] ?? '';
    deps.telemetry.emit({ event: 'change.settled', mapId: map.id, key, outcome: 'unknown-row' });
    return;
  }
  resolved.parked.push(unknownRow(deps, map, change, side));
}

/** To be asked for again beyond the longest claim: its record may not be recorded yet. */
export function unknownRow(deps: Dependencies, map: CompiledMap, change: Change, side: Side): ParkedChange {
  const message = `A row of ${map.sides[side].table} (${change.rowIds[side]?.[0] ?? ''}) changed, but it is neither linked nor readable.`;
  const fault: Fault = { code: 'TW207', class: 'gone', message };
  return parkedChange(deps, change, 'unknown-row', fault, { delayMs: 45_000 });
}
