import { type CompiledMap, fieldValue } from '../../shared/core/map/compiled-map.ts';
import { keysOf } from '../../shared/core/map/numbering.ts';
import { SIDES, type Side } from '../../shared/core/record/side.ts';
import type { RecordRef, StateStore, StoredLink } from '../../shared/ports/state-store.ts';
import type { FaultRates } from './fault-rates.ts';
import type { HistoryRecord } from './history-record.ts';
import { judgeCourse } from './judge-course.ts';
import { MAPS, REFERENCES } from './simulated-maps.ts';
import type { SimulatedRow, SimulatedSide, SimulatedSides } from './simulated-side.ts';

export interface CheckInput {
  record: HistoryRecord;
  sides: SimulatedSides;
  state: StateStore;
  /** The faults that this history had. */
  rates: FaultRates;
  edits: number;
  decisions: number;
  rested: boolean;
}

/** Invariants by their ids in docs/spec.md, judged from the rows, the stored records and the course alone. */
export async function findViolations(input: CheckInput): Promise<string[]> {
  const violations: string[] = [];
  if (!input.rested) violations.push('I6: the history did not come to rest');
  for (const map of MAPS) violations.push(...(await converges(map, input)));
  violations.push(...(await judgeCourse(input, recordsOf(input.record))));
  violations.push(...noOrphans(input.sides));
  // Limit: the echo of a row that was created late is ours, and ends at ingress.
  if (input.record.createdLate.size === 0) violations.push(...noDoubles(input.sides));
  const parked = await input.state.listParked({ limit: 100 });
  // A deletion of which no event came stays unproven until one comes; and a row that was created late may stay unheard of.
  const { rates, record } = input;
  const excused = new Set([
    'manual',
    ...(rates.dropEvent > 0 || record.createdLate.size > 0 ? ['absence-unproven'] : []),
  ]);
  if (record.createdLate.size > 0) excused.add('missing-reference');
  for (const { parked: change } of parked) {
    if (!excused.has(change.reason)) violations.push(`I4: ${change.mapId} ${change.identity} waits: ${change.reason}`);
  }
  return violations;
}

/** Every value is typed once: two rows of a table that hold the same one are two of one record. */
function noDoubles(sides: SimulatedSides): string[] {
  return SIDES.flatMap((side) =>
    Object.entries(Object.groupBy([...sides[side].rows.values()], ({ table }) => table)).flatMap(
      ([table, rows = []]) => {
        const names = rows.flatMap(({ values }) => values[NAMES[table] ?? ''] ?? []);
        const doubled = names.filter((name, index) => names.indexOf(name) < index);
        return doubled.map((name) => `I1: two rows of ${table} hold ${name}`);
      },
    ),
  );
}

const NAMES: Readonly<Record<string, string>> = { Customers: 'Name', customer: 'name', contact: 'name' };

/** Rows by key; one that F&O has numbered goes by the key that its partner has, which may not bear the number. */
function rowsByKey(
  map: CompiledMap,
  side: SimulatedSide,
  name: Side,
  partners?: ReadonlyMap<string, unknown>,
): Map<string, SimulatedRow[]> {
  const rows = [...side.rows.values()].filter((row) => row.table === map.sides[name].table);
  const keyIn = (row: SimulatedRow): string | undefined => keysOf(map, name, row).find((key) => partners?.has(key));
  return Map.groupBy(rows, (row) => keyIn(row) ?? map.keyOf(name, row) ?? row.id) as Map<string, SimulatedRow[]>;
}

async function converges(map: CompiledMap, { sides, state, record }: CheckInput): Promise<string[]> {
  const violations: string[] = [];
  const dataverseRows = rowsByKey(map, sides.dataverse, 'dataverse');
  const bySide = { finops: rowsByKey(map, sides.finops, 'finops', dataverseRows), dataverse: dataverseRows };
  const keys = [...new Set([...bySide.finops.keys(), ...bySide.dataverse.keys()])];
  const links = await state.loadLinks(map.id, keys);
  violations.push(...ambiguousLinks(map, links));
  for (const key of keys) {
    const [finops, ...moreFinops] = bySide.finops.get(key) ?? [];
    const [dataverse, ...moreDataverse] = bySide.dataverse.get(key) ?? [];
    if (moreFinops.length + moreDataverse.length > 0) violations.push(`I1: ${map.id} ${key} exists twice on one side`);
    const outside = [
      finops && map.sides.finops.inFilter(finops.values),
      dataverse && map.sides.dataverse.inFilter(dataverse.values),
    ];
    if (outside.includes(false)) continue;
    if (finops === undefined || dataverse === undefined) {
      // Limit: the echo of a row that was created late is ours, and ends at ingress.
      if (record.createdLate.size > 0) continue;
      violations.push(`I1: ${map.id} ${key} exists on one side only`);
    } else violations.push(...differences(map, key, finops, dataverse, links.get(key)));
  }
  return violations;
}

/** A row belongs to one record, and a record to one row. */
function ambiguousLinks(map: CompiledMap, links: ReadonlyMap<string, StoredLink>): string[] {
  const violations: string[] = [];
  for (const side of SIDES) {
    const owner = new Map<string, string>();
    for (const [key, { link }] of links) {
      const { rowId, presence } = link.sides[side];
      if (rowId === null || link.state !== 'linked' || presence !== 'present') continue;
      const other = owner.get(rowId);
      if (other !== undefined) violations.push(`I1: ${map.id} ${side} ${rowId} is linked to ${other} and ${key}`);
      owner.set(rowId, key);
    }
  }
  return violations;
}

function differences(
  map: CompiledMap,
  key: string,
  finops: SimulatedRow,
  dataverse: SimulatedRow,
  stored: StoredLink | undefined,
): string[] {
  return map.fields.flatMap((field) => {
    // A one-way field's target may differ; so may a field that waits for a person, as its link says.
    if (!(field.flowsFrom.dataverse && field.flowsFrom.finops)) return [];
    const left = fieldValue(field, 'finops', finops.values);
    const right = fieldValue(field, 'dataverse', dataverse.values);
    const open = stored?.link.open[field.id];
    if (open !== undefined && open[0] === left && open[1] === right) return [];
    const converted = field.convert('finops', left);
    // A plug-in that upper-cases leaves an agreed difference in case.
    const equal = converted.ok && converted.value?.toLowerCase() === right?.toLowerCase();
    return equal ? [] : [`I1: ${map.id} ${key} ${field.id} differs: ${left} and ${right}`];
  });
}

/** Every record that a row was of: conflicts stay under the key that the record bore when they were met. */
function recordsOf({ deeds }: HistoryRecord): RecordRef[] {
  return [...new Map(deeds.map(({ mapId, key }) => [`${mapId}|${key}`, { mapId, key }])).values()];
}

/** I10: no child refers to a parent that is not there. */
function noOrphans(sides: SimulatedSides): string[] {
  return SIDES.flatMap((side) => {
    const rows = [...sides[side].rows.values()];
    return REFERENCES[side].flatMap(({ table, column, toTable, toColumn }) => {
      const parents = new Set(rows.filter((row) => row.table === toTable).map((row) => row.values[toColumn]));
      const orphans = rows.filter((row) => {
        const value = row.table === table ? (row.values[column] ?? null) : null;
        return value !== null && !parents.has(value);
      });
      return orphans.map((row) => `I10: ${row.table} ${row.id} refers to nothing`);
    });
  });
}
