import { half, type IntendedWrite, type Link } from '../link/link.ts';
import type { CompiledMap } from '../map/compiled-map.ts';
import type { Values } from '../record/canonical-value.ts';
import type { Row, RowState } from '../record/row.ts';
import { otherSide, type PerSide, SIDES, type Side } from '../record/side.ts';
import type { Decision } from './decision.ts';
import { reopeningFor } from './reopening.ts';

/** What the writes of a decision need besides it. */
export interface WriteGround {
  rows: PerSide<RowState>;
  ids: { row: string };
}

/** The conditional writes that a decision implies, one at most for each side. */
export function intendedWrites(
  map: CompiledMap,
  link: Link,
  decision: Decision,
  ground: WriteGround,
): Partial<PerSide<IntendedWrite>> {
  const writes: Partial<PerSide<IntendedWrite>> = {};
  for (const side of SIDES) {
    const write = writeTo(map, side, link, decision, ground);
    if (write !== null) writes[side] = write;
  }
  return writes;
}

function writeTo(
  map: CompiledMap,
  side: Side,
  link: Link,
  decision: Decision,
  ground: WriteGround,
): IntendedWrite | null {
  const pending = { unknown: false, refused: false };
  if (decision.insert?.side === side) {
    const rowId = side === 'dataverse' ? ground.ids.row : null;
    const extra = insertExtras(map, side, decision.insert.from);
    return {
      operation: 'insert',
      rowId,
      address: rowId,
      ifMatch: null,
      pairs: decision.updates[side],
      extra,
      ...pending,
    };
  }
  const target = targetRow(link, side, ground.rows[side]);
  if (decision.delete === side) return { operation: 'delete', ...target, pairs: {}, extra: {}, ...pending };
  if (decision.deactivate === side) {
    return { operation: 'deactivate', ...target, pairs: {}, extra: map.sides[side].deactivation.inactive, ...pending };
  }
  const pairs = decision.updates[side];
  const extra = decision.extra[side] ?? {};
  if (Object.keys(pairs).length === 0 && Object.keys(extra).length === 0) return null;
  const write: IntendedWrite = { operation: 'update', ...target, pairs, extra, ...pending };
  const reopen = reopeningFor(map, side, ground.rows[side], writtenValues(map, side, write));
  return reopen === undefined ? write : { ...write, reopen };
}

function targetRow(
  link: Link,
  side: Side,
  state: RowState,
): { rowId: string | null; address: string | null; ifMatch: string | null } {
  if (state.state === 'in' || state.state === 'outside') {
    return { rowId: state.row.id, address: state.row.address, ifMatch: state.row.version };
  }
  const { rowId, address, version } = link.sides[side];
  return { rowId, address, ifMatch: version };
}

/** Constants, the key columns that no field mapping carries (the company), and what the new row is found by before it has a key. */
function insertExtras(map: CompiledMap, side: Side, from: Row): Values {
  const extras: Record<string, string | null> = { ...map.sides[side].constants };
  const mapped = new Set(map.fields.map((field) => field[side]));
  map.sides[side].keyColumns.forEach((column, index) => {
    const source = map.sides[otherSide(side)].keyColumns[index];
    if (!mapped.has(column) && source !== undefined) extras[column] = from.values[source] ?? null;
  });
  if (side === 'finops' && map.numbering !== null) extras[map.numbering.matchColumn] = from.id;
  return extras;
}

/** Column to value, as the side is to be told; empty values are left out of inserts. */
export function writtenValues(map: CompiledMap, side: Side, write: IntendedWrite): Values {
  const values: Record<string, string | null> = {};
  for (const [column, value] of Object.entries(write.extra)) values[column] = value;
  for (const field of map.fields) {
    const pair = write.pairs[field.id];
    if (pair === undefined || !field.flowsFrom[otherSide(side)]) continue;
    const value = half(pair, side);
    if (write.operation !== 'insert' || value !== null) values[field[side]] = value;
  }
  return values;
}
