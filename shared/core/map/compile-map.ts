import { canonicalValue, type Values } from '../record/canonical-value.ts';
import { type ColumnType, TEXT } from '../record/column-type.ts';
import { recordKey } from '../record/record-key.ts';
import { otherSide, type PerSide, type Side } from '../record/side.ts';
import type { CompiledField, CompiledMap, CompiledSide, LookupField, TableShape } from './compiled-map.ts';
import { compileFilter } from './filter/compile-filter.ts';
import { filterColumns, mapConditions } from './filter/filter.ts';
import { parseFilter } from './filter/parse-filter.ts';
import { isLookup, ownColumn, parseLookupPath } from './lookup-path.ts';
import { provisionalPart } from './numbering.ts';
import { isOneWay } from './one-way-transforms.ts';
import type { FieldMapping, MergePolicy, TableMap } from './table-map.ts';
import { type Conversion, compileConversion } from './value-transform.ts';

/**
 * Compiles a validated map. Column names of the filters are taken without regard to case (the standard maps write
 * them in every case), those of the fields as the metadata spell them.
 * @throws FilterSyntaxError and NotCanonicalError on maps that `validateMap` refuses.
 */
export function compileMap(map: TableMap, shapes: PerSide<TableShape>): CompiledMap {
  const fields = map.fields.flatMap((mapping) => compileField(map, mapping, shapes));
  const striped = shapes.finops.companyColumn !== null && shapes.dataverse.companyColumn !== null;
  const sides: PerSide<CompiledSide> = {
    finops: compileSide('finops', map, fields, shapes.finops, striped),
    dataverse: compileSide('dataverse', map, fields, shapes.dataverse, striped),
  };
  const numbering = map.finops.numberSequence ?? null;
  const numbered = map.key.find(({ finops }) => finops === numbering?.column)?.dataverse;
  const unnumbered = (side: Side, column: string, id: string): string | null =>
    side === 'dataverse' && column === numbered ? provisionalPart(id) : null;
  const compiled: CompiledMap = {
    id: map.id,
    version: map.version,
    title: map.title,
    sides,
    fields,
    master: map.master,
    deletes: deletesOf(map),
    deleteGuard: map.deleteGuard,
    events: map.events,
    numbering,
    twins: null,
    keyOf: (side, row) =>
      recordKey(sides[side].keyColumns.map((column) => row.values[column] ?? unnumbered(side, column, row.id))),
  };
  return map.matchBy === undefined ? compiled : { ...compiled, twins: twinsOf(compiled, map.matchBy) };
}

/** The same map, whose rows are found by the fields of its match rule. */
function twinsOf(map: CompiledMap, matchBy: readonly string[]): CompiledMap {
  const fields = map.fields.filter(({ finops, dataverse }) => matchBy.includes(finops) || matchBy.includes(dataverse));
  const keyed = (side: Side): CompiledSide => {
    const { companyColumn } = map.sides[side];
    const columns = fields.map((field) => field[side]);
    return { ...map.sides[side], keyColumns: companyColumn === null ? columns : [companyColumn, ...columns] };
  };
  const sides = { finops: keyed('finops'), dataverse: keyed('dataverse') };
  const keyOf: CompiledMap['keyOf'] = (side, { values }) =>
    recordKey(sides[side].keyColumns.map((column) => values[column] ?? null));
  return { ...map, sides, numbering: null, keyOf };
}

function deletesOf({ deletes }: TableMap): CompiledMap['deletes'] {
  return { finops: deletes.finopsToDataverse, dataverse: deletes.dataverseToFinops };
}

function compileField(map: TableMap, mapping: FieldMapping, shapes: PerSide<TableShape>): CompiledField[] {
  const { finops, dataverse, direction } = mapping;
  if (finops === null || dataverse === null) return [];
  const overrides = map.conflict.fields ?? {};
  const types = {
    finops: shapes.finops.typeOf(finops) ?? TEXT,
    dataverse: shapes.dataverse.typeOf(dataverse) ?? TEXT,
  };
  return [
    {
      id: dataverse,
      finops,
      dataverse,
      flowsFrom: { finops: direction !== 'dataverse-to-finops', dataverse: direction !== 'finops-to-dataverse' },
      policy: overrides[finops] ?? overrides[dataverse] ?? map.conflict.policy,
      lookup: lookupOf(dataverse, shapes.dataverse),
      convert: withDirection(mapping, compileConversion(mapping.transform, types)),
    },
  ];
}

/** A transform without a way back proves nothing in that direction, also not that two values agree. */
function withDirection({ finops, transform, direction }: FieldMapping, convert: Conversion): Conversion {
  if (transform === undefined || !isOneWay(transform)) return convert;
  const source: Side = direction === 'dataverse-to-finops' ? 'dataverse' : 'finops';
  const message = `the transform "${transform.type}" of ${finops} has no way back`;
  return (from, value) => (from === source ? convert(from, value) : { ok: false, code: 'TW302', message });
}

function lookupOf(path: string, shape: TableShape): LookupField | null {
  return isLookup(path) ? { tables: shape.lookupTables(path), column: parseLookupPath(path).column } : null;
}

function compileSide(
  side: Side,
  map: TableMap,
  fields: readonly CompiledField[],
  shape: TableShape,
  striped: boolean,
): CompiledSide {
  const companyColumn = striped ? shape.companyColumn : null;
  const ownKey = map.key.map((pair) => pair[side]);
  const keyColumns = companyColumn === null || ownKey.includes(companyColumn) ? ownKey : [companyColumn, ...ownKey];
  const typeOf = (column: string): ColumnType => shape.typeOf(column) ?? TEXT;
  const filter = sideFilter(side, map, typeOf);
  const canonicalValues = (values: Readonly<Record<string, string>>): Values =>
    Object.fromEntries(Object.entries(values).map(([column, text]) => [column, canonicalValue(text, typeOf(column))]));
  const mapped = fields.map((field) => field[side]);
  const deactivation = deactivationOn(side, map, shape);
  const reopening = reopeningOn(side, map, shape);
  const merges = mergesOn(side, map, shape);
  const stateColumns = [
    ...Object.keys(deactivation.inactive),
    ...Object.keys(reopening ?? {}),
    ...(merges === null ? [] : MERGE_COLUMNS),
  ];
  const match =
    side === 'finops' && map.finops.numberSequence !== undefined ? [map.finops.numberSequence.matchColumn] : [];
  const columns = [...new Set([...keyColumns, ...mapped, ...filter.columns, ...stateColumns, ...match])];
  return {
    table: side === 'finops' ? map.finops.entity : map.dataverse.table,
    columns,
    readColumns: new Set(columns.map(ownColumn)),
    keyColumns,
    filterColumns: filter.columns,
    companyColumn,
    constants: constantsOf(side, map, typeOf),
    deactivation: { inactive: canonicalValues(deactivation.inactive), active: canonicalValues(deactivation.active) },
    reopening: reopening === null ? null : canonicalValues(reopening),
    merges,
    createOnly: new Set(columns.filter((column) => shape.createOnly(column))),
    writable: fields.some((field) => ownKey.includes(field[side]) && field.flowsFrom[otherSide(side)]),
    uniqueKey: shape.uniqueBy(keyColumns),
    toldByEvents: !columns.some((column) => shape.computed(column)),
    inFilter: filter.matches,
    typeOf,
  };
}

/** What a Dataverse table whose rows can be merged tells of it. */
const MERGE_COLUMNS = ['merged', 'masterid'];

/** Rows that were merged are not deleted or made inactive by us: a person decides, unless the map says otherwise. */
export function mergesOn(side: Side, map: TableMap, shape: TableShape): MergePolicy | null {
  const canMerge = side === 'dataverse' && MERGE_COLUMNS.every((column) => shape.typeOf(column) !== null);
  return canMerge ? (map.dataverse.merge ?? 'park') : null;
}

const STATECODE = { inactive: { statecode: '1' }, active: { statecode: '0' } };

/** State and status reason that make a row active, where the map says that inactive ones refuse edits. */
export function reopeningOn(side: Side, map: TableMap, shape: TableShape): Readonly<Record<string, string>> | null {
  if (side !== 'dataverse' || map.dataverse.reopenToEdit !== true) return null;
  const told = map.deactivation.dataverse?.active ?? {};
  const status = shape.typeOf('statuscode') === null ? {} : { statuscode: told['statuscode'] ?? '1' };
  return { statecode: told['statecode'] ?? '0', ...status };
}

const NEVER = { inactive: {}, active: {} };

/** How rows of a side are made inactive, where deletions on the other side ask for it. */
export function deactivationOn(side: Side, map: TableMap, shape: TableShape): typeof NEVER | typeof STATECODE {
  if (deletesOf(map)[otherSide(side)] !== 'deactivate') return NEVER;
  const native = side === 'dataverse' && shape.typeOf('statecode') !== null ? STATECODE : NEVER;
  return map.deactivation[side] ?? native;
}

function constantsOf(side: Side, map: TableMap, typeOf: (column: string) => ColumnType): Values {
  const constants: Record<string, string | null> = {};
  for (const mapping of map.fields) {
    const column = mapping[side];
    if (column === null || mapping[otherSide(side)] !== null || mapping.transform?.type !== 'default') continue;
    constants[column] = canonicalValue(mapping.transform.value, typeOf(column));
  }
  return constants;
}

interface CompiledFilter {
  columns: readonly string[];
  matches(values: Values): boolean;
}

function sideFilter(side: Side, map: TableMap, typeOf: (column: string) => ColumnType): CompiledFilter {
  const text = map[side].filter;
  if (text === null || text.trim() === '') return { columns: [], matches: () => true };
  const parsed = parseFilter(text, side === 'finops' ? 'range' : 'odata');
  const known = map.fields.flatMap((mapping) => mapping[side] ?? []);
  const filter = mapConditions(parsed, (condition) => ({ ...condition, column: knownName(condition.column, known) }));
  return {
    columns: filterColumns(filter),
    matches: compileFilter(filter, { side, typeOf }),
  };
}

function knownName(column: string, known: readonly string[]): string {
  return known.find((name) => name.toLowerCase() === column.toLowerCase()) ?? column;
}
