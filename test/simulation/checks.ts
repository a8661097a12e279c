import { type CompiledMap, fieldValue } from '../../shared/core/map/compiled-map.ts';
import { type PerSide, SIDES, type Side } from '../../shared/core/record/side.ts';
import type { StateStore } from '../../shared/ports/state-store.ts';
import type { SimulatedRow, SimulatedSide } from './simulated-side.ts';

export interface CheckInput {
  maps: readonly CompiledMap[];
  sides: PerSide<SimulatedSide>;
  state: StateStore;
  /** Every value that a person wrote: still shown, or overwritten by a person who saw it. */
  values: ReadonlyMap<string, 'shown' | 'seen'>;
  /** Writes that a full sweep after the rest still caused, by side. */
  echoWrites: readonly number[];
  stuck: boolean;
  /** No answer was lost in this history, so every write must have its audit entry. */
  answered: boolean;
}

/** Invariants by their ids in docs/spec.md, judged from the rows and the stored records alone. */
export async function findViolations(input: CheckInput): Promise<string[]> {
  const violations: string[] = [];
  if (input.stuck) violations.push('I6: the history did not come to rest');
  for (const map of input.maps) violations.push(...converges(map, input));
  violations.push(...(await keepsEveryValue(input)));
  if (input.echoWrites.some((count) => count > 0))
    violations.push(`I2: a sweep at rest wrote ${input.echoWrites.join('+')}`);
  if (input.answered) violations.push(...(await auditsEveryWrite(input)));
  violations.push(...noOrphans(input));
  const parked = await input.state.listParked({ limit: 100 });
  violations.push(...parked.map(({ parked: { identity, reason } }) => `I4: ${identity} is parked for good: ${reason}`));
  return violations;
}

function rowsByKey(map: CompiledMap, side: SimulatedSide, name: Side): Map<string, SimulatedRow[]> {
  const rows = [...side.rows.values()].filter((row) => row.table === map.sides[name].table);
  return Map.groupBy(rows, (row) => map.keyOf(name, row.values) ?? row.id) as Map<string, SimulatedRow[]>;
}

function converges(map: CompiledMap, input: CheckInput): string[] {
  const violations: string[] = [];
  const bySide = {
    finops: rowsByKey(map, input.sides.finops, 'finops'),
    dataverse: rowsByKey(map, input.sides.dataverse, 'dataverse'),
  };
  for (const key of new Set([...bySide.finops.keys(), ...bySide.dataverse.keys()])) {
    const [finops, ...moreFinops] = bySide.finops.get(key) ?? [];
    const [dataverse, ...moreDataverse] = bySide.dataverse.get(key) ?? [];
    if (moreFinops.length + moreDataverse.length > 0) violations.push(`I1: ${map.id} ${key} exists twice on one side`);
    const inside = SIDES.map((side) => {
      const row = side === 'finops' ? finops : dataverse;
      return row === undefined ? null : map.sides[side].inFilter(row.values);
    });
    if (inside.includes(false)) continue;
    if (finops === undefined || dataverse === undefined)
      violations.push(`I1: ${map.id} ${key} exists on one side only`);
    else violations.push(...differences(map, key, finops, dataverse));
  }
  return violations;
}

function differences(map: CompiledMap, key: string, finops: SimulatedRow, dataverse: SimulatedRow): string[] {
  return map.fields.flatMap((field) => {
    if (!field.flowsFrom.dataverse) return [];
    const left = fieldValue(field, 'finops', finops.values);
    const right = fieldValue(field, 'dataverse', dataverse.values);
    const converted = field.convert('finops', left);
    // A plug-in that upper-cases leaves an agreed difference in case.
    const equal = converted.ok && converted.value?.toLowerCase() === right?.toLowerCase();
    return equal ? [] : [`I1: ${map.id} ${key} ${field.id} differs: ${left} and ${right}`];
  });
}

/** I5: a value that nobody overwrote knowingly is still shown, or stands in a conflict. */
async function keepsEveryValue(input: CheckInput): Promise<string[]> {
  const shown = new Set<string>();
  for (const side of SIDES) {
    for (const row of input.sides[side].rows.values()) {
      for (const value of Object.values(row.values)) if (value !== null) shown.add(value.toLowerCase());
    }
  }
  const recorded = new Set<string>();
  for (const ref of await allRecords(input)) {
    for (const conflict of await input.state.listConflicts(ref)) {
      for (const value of [...conflict.values, conflict.loserValue])
        if (value !== null) recorded.add(value.toLowerCase());
    }
  }
  const lost = [...input.values].filter(
    ([value, fate]) => fate === 'shown' && !shown.has(value) && !recorded.has(value),
  );
  return lost.map(([value]) => `I5: ${value} was lost`);
}

async function allRecords(input: CheckInput): Promise<{ mapId: string; key: string }[]> {
  const refs = new Map<string, { mapId: string; key: string }>();
  for (const map of input.maps) {
    for (const side of SIDES) {
      const store = input.sides[side];
      for (const row of [...store.rows.values(), ...store.deletedRows]) {
        const key = row.table === map.sides[side].table ? map.keyOf(side, row.values) : null;
        if (key !== null) refs.set(`${map.id}|${key}`, { mapId: map.id, key });
      }
    }
  }
  return [...refs.values()];
}

/**
 * I14: each write has its audit entry; only an inferred one may lack its write, because a person did the
 * same. A write repeated unchanged after a crash is one write.
 */
async function auditsEveryWrite(input: CheckInput): Promise<string[]> {
  const violations: string[] = [];
  for (const side of SIDES) {
    const byRecord = Map.groupBy(input.sides[side].ownWrites, (write) => write.record);
    for (const ref of await allRecords(input)) {
      const audit = (await input.state.listAudit(ref)).filter((entry) => entry.side === side);
      const answered = audit.filter((entry) => !entry.inferred).length;
      const writes = byRecord.get(`${ref.mapId}|${ref.key}`) ?? [];
      const distinct = new Set(writes.map(({ content }) => content)).size;
      if (distinct > audit.length || writes.length < answered) {
        violations.push(
          `I14: ${ref.mapId} ${ref.key} ${side}: ${writes.length} writes, ${answered} of ${audit.length} answered`,
        );
      }
    }
  }
  return violations;
}

/** I10: no child refers to a parent that is not there. */
function noOrphans(input: CheckInput): string[] {
  return SIDES.flatMap((side) => {
    const { rows, options } = input.sides[side];
    return options.references.flatMap((reference) => {
      const parents = new Set(
        [...rows.values()]
          .filter((row) => row.table === reference.toTable)
          .map((row) => row.values[reference.toColumn]),
      );
      const orphans = [...rows.values()].filter((row) => {
        const value = row.table === reference.table ? (row.values[reference.column] ?? null) : null;
        return value !== null && !parents.has(value);
      });
      return orphans.map((row) => `I10: ${row.table} ${row.id} refers to nothing`);
    });
  });
}
