import type { BasePair, Link } from '../../../shared/core/link/link.ts';
import { newLink } from '../../../shared/core/link/link.ts';
import { compileMap } from '../../../shared/core/map/compile-map.ts';
import type { CompiledMap, TableShape } from '../../../shared/core/map/compiled-map.ts';
import type { ConflictPolicy, DeletePolicy, SyncDirection, TableMap } from '../../../shared/core/map/table-map.ts';
import { tableMapSchema } from '../../../shared/core/map/table-map.ts';
import type { CanonicalValue, Values } from '../../../shared/core/record/canonical-value.ts';
import type { ColumnType } from '../../../shared/core/record/column-type.ts';
import type { Row, RowState } from '../../../shared/core/record/row.ts';
import type { PerSide, Side } from '../../../shared/core/record/side.ts';
import type { PlanInput } from '../../../shared/core/write/plan-record.ts';

export const NOW = 1_767_225_600_000;
export const KEY = 'k1';

/** A shape whose columns are text, unless told. */
export function aShape(more: Partial<TableShape> = {}, types: Readonly<Record<string, ColumnType>> = {}): TableShape {
  return {
    typeOf: (column) => types[column] ?? { kind: 'text' },
    companyColumn: null,
    createOnly: () => false,
    computed: () => false,
    lookupTables: () => [],
    uniqueBy: () => true,
    tellsModifiedAt: true,
    ...more,
  };
}

export interface SmallMapOptions {
  policy?: ConflictPolicy;
  master?: Side;
  /** Directions of the fields `a` and `b`. */
  directions?: readonly [SyncDirection, SyncDirection];
  deletes?: DeletePolicy;
}

/** A key and two fields, `a` and `b`; the filter of each side tests a column `kind` of its own. */
export function smallTableMap(options: SmallMapOptions = {}): TableMap {
  const { policy = 'finops-wins', master = 'finops', directions = ['both', 'both'], deletes = 'propagate' } = options;
  return tableMapSchema.parse({
    id: 'small',
    version: '1.0.0.0',
    publisher: 'test',
    title: 'Small',
    finops: { entity: 'Smalls', filter: '(Kind == "in")' },
    dataverse: { table: 'small', filter: "kind eq 'in'" },
    key: [{ finops: 'Key', dataverse: 'key' }],
    fields: [
      { finops: 'Key', dataverse: 'key', direction: 'both' },
      { finops: 'A', dataverse: 'a', direction: directions[0] },
      { finops: 'B', dataverse: 'b', direction: directions[1] },
    ],
    conflict: { policy },
    master,
    deletes: { finopsToDataverse: deletes, dataverseToFinops: deletes },
    deactivation: {
      finops: { inactive: { Active: 'No' }, active: { Active: 'Yes' } },
      dataverse: { inactive: { statecode: '1' }, active: { statecode: '0' } },
    },
  });
}

export function smallMap(options: SmallMapOptions = {}): CompiledMap {
  return compileMap(smallTableMap(options), { finops: aShape(), dataverse: aShape() });
}

/** The values of a row as the side names its columns. */
export function valuesOn(side: Side, a: CanonicalValue, b: CanonicalValue, kind = 'in'): Values {
  return side === 'finops' ? { Key: KEY, A: a, B: b, Kind: kind } : { key: KEY, a, b, kind };
}

export function aRow(side: Side, a: CanonicalValue, b: CanonicalValue, more: Partial<Row> = {}): Row {
  const id = `${side}-row`;
  return { id, address: id, version: `${side}-2`, values: valuesOn(side, a, b), ...more };
}

export function rowIn(side: Side, a: CanonicalValue, b: CanonicalValue, more: Partial<Row> = {}): RowState {
  return { state: 'in', row: aRow(side, a, b, more) };
}

export const ABSENT: RowState = { state: 'absent', deletedIds: [], scanned: false };

/** The deletion of the linked row of that side is proven by its event. */
export function deleted(side: Side): RowState {
  return { state: 'absent', deletedIds: [`${side}-row`], scanned: false };
}

/** A settled link whose sides agreed on these pairs, at versions before those that `aRow` gives. */
export function linkOf(a: BasePair, b: BasePair, more: Partial<Link> = {}): Link {
  const side = (name: Side): Link['sides'][Side] => ({
    rowId: `${name}-row`,
    address: `${name}-row`,
    version: `${name}-1`,
    presence: 'present',
    confirmed: true,
  });
  return {
    ...newLink('small', KEY),
    state: 'linked',
    sides: { finops: side('finops'), dataverse: side('dataverse') },
    base: { key: [KEY, KEY], a, b },
    plannedBy: '1.0.0.0',
    ...more,
  };
}

export function planInput(rows: PerSide<RowState>, more: Partial<PlanInput> = {}): PlanInput {
  return {
    map: smallMap(),
    key: KEY,
    link: null,
    rows,
    source: 'finops',
    nowMs: NOW,
    owner: 'me',
    claimUntilMs: NOW + 120_000,
    deletion: 'free',
    decisions: [],
    ids: { intent: 'intent-1', parked: 'parked-1', row: 'chosen-row' },
    ...more,
  };
}
