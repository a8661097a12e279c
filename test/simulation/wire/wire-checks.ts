import { type CompiledMap, fieldValue } from '../../../shared/core/map/compiled-map.ts';
import type { Row } from '../../../shared/core/record/row.ts';
import type { PerSide } from '../../../shared/core/record/side.ts';
import type { RecordStore } from '../../../shared/ports/record-store.ts';
import type { SimulatedHost } from '../simulated-host.ts';
import type { Variant } from '../simulated-maps.ts';
import type { WirePeople } from './wire-people.ts';

/** Records of a map that are looked through for conflicts. */
const RECORDS_MAX = 1_000;

/** What must hold once everything rests, read through the adapters and from what the engine keeps. */
export async function findWireViolations(
  host: SimulatedHost,
  sides: PerSide<RecordStore>,
  maps: readonly Variant[],
  people: WirePeople,
  createdLate: boolean,
): Promise<string[]> {
  const violations: string[] = [];
  const kept = await people.shown();
  for (const { compiled } of maps) {
    const keys = keysOf(compiled, people);
    const rows = await readBoth(host, sides, compiled, keys);
    for (const key of keys)
      violations.push(...differences(compiled, key, rows.finops.get(key), rows.dataverse.get(key), createdLate));
    for (const key of (await host.state.pageConflicts(compiled.id, null, RECORDS_MAX)).keys) {
      for (const { values, loserValue } of await host.state.listConflicts({ mapId: compiled.id, key })) {
        for (const value of [...values, loserValue]) if (value !== null) kept.add(value);
      }
    }
  }
  for (const [text, fate] of people.typed) {
    if (fate === 'owed' && !kept.has(text)) violations.push(`I5: ${text} was lost`);
  }
  for (const { parked } of await host.state.listParked({ limit: 100 })) {
    violations.push(
      `I4: ${parked.mapId} ${parked.identity} waits: ${parked.reason} ${parked.fault?.message ?? ''} ${parked.fault?.detail ?? ''}`,
    );
  }
  return violations;
}

function keysOf(map: CompiledMap, people: WirePeople): readonly string[] {
  const parts = map.id.startsWith('customers') ? people.accountNames : people.groupNames;
  return parts.map((part) => `${people.company}|${part.toLowerCase()}`);
}

/** The reads wait for steps like any others. */
async function readBoth(
  host: SimulatedHost,
  sides: PerSide<RecordStore>,
  map: CompiledMap,
  keys: readonly string[],
): Promise<PerSide<ReadonlyMap<string, Row>>> {
  const { scheduler } = host.options;
  const wanted = keys.map((key) => ({ key, rowId: null }));
  const read = async (store: RecordStore): Promise<ReadonlyMap<string, Row>> => {
    let answer: Awaited<ReturnType<RecordStore['read']>> | null = null;
    void store.read(map, wanted).then((given) => {
      answer = given;
    });
    while (answer === null) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (scheduler.hasSteps) await scheduler.takeStep();
    }
    const given = answer as Awaited<ReturnType<RecordStore['read']>>;
    if (!given.ok) throw new Error(given.fault.message);
    return given.value;
  };
  return { finops: await read(sides.finops), dataverse: await read(sides.dataverse) };
}

function differences(
  map: CompiledMap,
  key: string,
  finops: Row | undefined,
  dataverse: Row | undefined,
  createdLate: boolean,
): string[] {
  if (finops === undefined && dataverse === undefined) return [];
  // Limit of I13: a row that was created after we had given the call up, and of which nothing is heard.
  if ((finops === undefined || dataverse === undefined) && createdLate) return [];
  if (finops === undefined || dataverse === undefined) return [`I1: ${map.id} ${key} exists on one side only`];
  return map.fields.flatMap((field) => {
    if (!(field.flowsFrom.dataverse && field.flowsFrom.finops)) return [];
    const left = fieldValue(field, 'finops', finops.values);
    const right = fieldValue(field, 'dataverse', dataverse.values);
    const there = field.convert('finops', left);
    const back = field.convert('dataverse', right);
    const equal = (there.ok && there.value === right) || (back.ok && back.value === left);
    return equal ? [] : [`I1: ${map.id} ${key} ${field.id} differs: ${left} and ${right}`];
  });
}
