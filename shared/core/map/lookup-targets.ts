import { isLookup, parseLookupPath } from './lookup-path.ts';
import type { TableMap } from './table-map.ts';

/** Tables by logical name, with their own columns by which the maps know their rows. */
export type KeyedTables = ReadonlyMap<string, ReadonlySet<string>>;

/** The tables that maps fill, and the key columns of each. */
export function keyedTables(maps: readonly TableMap[]): KeyedTables {
  const tables = new Map<string, Set<string>>();
  for (const { dataverse, key } of maps) {
    const columns = tables.get(dataverse.table) ?? new Set<string>();
    for (const pair of key) if (!isLookup(pair.dataverse)) columns.add(pair.dataverse);
    tables.set(dataverse.table, columns);
  }
  return tables;
}

/**
 * The tables that a lookup path most likely leads to, for want of metadata: those whose key is the path's last column,
 * and of several the one that is named as the lookup column. Empty where nothing speaks for one.
 */
export function likelyTargets(path: string, tables: KeyedTables): string[] {
  const { hops, column, targets } = parseLookupPath(path);
  if (targets !== undefined) return targets.map(({ table }) => table).filter((table) => tables.has(table));
  const last = hops.at(-1);
  if (last === undefined) return [];
  const on = hops.slice(0, -1).flatMap((hop) => best(hop, [...tables.keys()]));
  const keyed = [...tables].filter(([, columns]) => columns.has(column)).map(([table]) => table);
  const alone = keyed.length === 1 && !/(?:^|_)name$/.test(column) ? keyed : best(last, keyed);
  return [...on, ...alone];
}

const NAMED_ALIKE = 2;

function best(lookup: string, tables: readonly string[]): string[] {
  const scored = tables.map((table) => ({ table, score: likeness(lookup, table) }));
  const top = Math.max(0, ...scored.map(({ score }) => score));
  return scored
    .filter(({ score }) => score === top && score >= NAMED_ALIKE)
    .map(({ table }) => table)
    .slice(0, 1);
}

/** 3 for the same word, 2 where one ends with the other, 0 for all else; without prefixes and `id`. */
function likeness(lookup: string, table: string): number {
  const bare = (name: string): string =>
    name
      .toLowerCase()
      .replace(/^[a-z]+_/, '')
      .replace(/id$/, '');
  const [one, other] = [bare(lookup), bare(table)];
  if (one === '' || other === '') return 0;
  if (one === other) return 3;
  return one.endsWith(other) || other.endsWith(one) ? NAMED_ALIKE : 0;
}
