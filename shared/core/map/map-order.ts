import { isLookup } from './lookup-path.ts';
import { keyedTables, likelyTargets } from './lookup-targets.ts';
import type { TableMap } from './table-map.ts';

export interface MapOrder {
  /** Map ids in stages: each needs only rows of the stages before it, and of its own cycle. */
  stages: string[][];
  /** Dataverse tables that refer to each other in a ring, or to themselves; their lookups take a second pass. */
  cycles: string[][];
}

/** Tables that the lookups of a map lead to; `tablesOf` tells them from metadata, null where there are none. */
export type LookupTables = (map: TableMap, path: string) => readonly string[] | null;

/**
 * In which order maps are to be synchronised first, so that a row finds the rows that it refers to. Lookups without
 * metadata are told by names (`likelyTargets`), so the order is advice: a row whose reference is missing waits for it.
 */
export function mapOrder(maps: readonly TableMap[], tablesOf: LookupTables = () => null): MapOrder {
  const needs = tableNeeds(maps, tablesOf);
  const rings = stronglyConnected(needs);
  const stageOf = new Map<string, number>();
  for (const ring of rings) {
    const before = ring.flatMap((table) => [...(needs.get(table) ?? [])]).filter((table) => !ring.includes(table));
    const stage = Math.max(0, ...before.map((table) => (stageOf.get(table) ?? 0) + 1));
    for (const table of ring) stageOf.set(table, stage);
  }
  const stages: string[][] = [];
  for (const { id, dataverse } of maps) {
    const stage = stageOf.get(dataverse.table) ?? 0;
    while (stages.length <= stage) stages.push([]);
    stages[stage]?.push(id);
  }
  const cycles = rings.filter((ring) => ring.length > 1 || needs.get(ring[0] ?? '')?.has(ring[0] ?? ''));
  return { stages: stages.map((ids) => ids.sort()), cycles: cycles.map((ring) => ring.sort()).sort(byFirst) };
}

function byFirst([one = '']: readonly string[], [other = '']: readonly string[]): number {
  return one < other ? -1 : Number(one > other);
}

/** Of each table that a map fills: the filled tables that its rows refer to. */
function tableNeeds(maps: readonly TableMap[], tablesOf: LookupTables): Map<string, Set<string>> {
  const tables = keyedTables(maps);
  const needs = new Map([...tables.keys()].sort().map((table) => [table, new Set<string>()]));
  for (const map of maps) {
    const paths = map.fields.flatMap(({ dataverse }) => (dataverse !== null && isLookup(dataverse) ? [dataverse] : []));
    const found = paths.flatMap((path) => tablesOf(map, path) ?? likelyTargets(path, tables));
    for (const table of found) if (tables.has(table)) needs.get(map.dataverse.table)?.add(table);
  }
  return needs;
}

/** Tarjan's strongly connected components; each comes after those that it needs. */
function stronglyConnected(needs: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const rings: string[][] = [];
  const visit = (table: string): void => {
    const number = index.size;
    index.set(table, number);
    low.set(table, number);
    stack.push(table);
    for (const needed of needs.get(table) ?? []) {
      if (!index.has(needed)) visit(needed);
      else if (!stack.includes(needed)) continue;
      low.set(table, Math.min(low.get(table) ?? number, low.get(needed) ?? number));
    }
    if (low.get(table) === number) rings.push(stack.splice(stack.indexOf(table)));
  };
  for (const table of needs.keys()) if (!index.has(table)) visit(table);
  return rings;
}
