import { parseLookupPath } from '../../core/map/lookup-path.ts';
import type { CanonicalValue, Values } from '../../core/record/canonical-value.ts';
import { columnOf, type DataverseTable, type Tables } from './dataverse-table.ts';

/** One row that a lookup may mean: the table, and what identifies the row there. */
export interface Candidate {
  /** Names the candidate among resolved lookups. */
  name: string;
  table: DataverseTable;
  /** Navigation property to bind when this is the row. */
  navigation: string;
  /** Path in that table to the value it must have; empty never. */
  terms: readonly (readonly [path: string, value: CanonicalValue])[];
  /** The company path and code that the row must have, for a table whose rows belong to companies. */
  company: readonly [path: string, code: string] | null;
}

/** A lookup column to set: cleared, or bound to the first candidate that exists. */
export interface Binding {
  /** The path of the map that named it; the first where several share the lookup. */
  path: string;
  /** Navigation properties to clear; empty unless the lookup is to be cleared. */
  clear: readonly string[];
  candidates: readonly Candidate[];
}

/**
 * The lookups among values to write. Paths that begin with the same lookup name one row together; targets with
 * companies are looked for in the row's own company. A path with unknown parts gets no candidate.
 */
export function bindingsOf(tables: Tables, table: DataverseTable, values: Values, company: string | null): Binding[] {
  const byLookup = new Map<string, string[]>();
  for (const path of Object.keys(values)) {
    if (!path.includes('.')) continue;
    const hop = path.split('.')[0] ?? '';
    byLookup.set(hop, [...(byLookup.get(hop) ?? []), path]);
  }
  return [...byLookup].map(([hop, paths]) => bindingOf(tables, table, hop, paths, values, company));
}

function bindingOf(
  tables: Tables,
  table: DataverseTable,
  hop: string,
  paths: readonly string[],
  values: Values,
  company: string | null,
): Binding {
  const targets = columnOf(table, hop)?.targets ?? [];
  const path = paths[0] ?? hop;
  if (paths.every((each) => (values[each] ?? null) === null)) {
    return { path, clear: targets.map((target) => target.navigation), candidates: [] };
  }
  const wanted = wantedTables(path) ?? targets.map((target) => target.table);
  const candidates = wanted.flatMap((name): Candidate[] => {
    const target = tables.get(name);
    const navigation = targets.find((each) => each.table === name)?.navigation;
    if (target === undefined || navigation === undefined) return [];
    const terms = paths.map((each) => [innerPath(each, name), values[each] ?? null] as const);
    const own = target.companyPath;
    const striped = own !== null && company !== null && !terms.some(([inner]) => inner === own);
    return [candidateOf(target, navigation, terms, striped ? [own, company] : null)];
  });
  return { path, clear: [], candidates };
}

/** Tables of a polymorphic path in the order listed; null for a plain one. */
function wantedTables(path: string): string[] | null {
  return parseLookupPath(path).targets?.map((target) => target.table) ?? null;
}

/** What remains of a path beyond its first lookup, as the target table sees it. */
function innerPath(path: string, target: string): string {
  const { hops, column, targets } = parseLookupPath(path);
  if (targets !== undefined) return targets.find((each) => each.table === target)?.column ?? column;
  return [...hops.slice(1), column].join('.');
}

/** A candidate under its name; names ignore case, as Dataverse's keys do. */
export function candidateOf(
  table: DataverseTable,
  navigation: string,
  terms: Candidate['terms'],
  company: Candidate['company'],
): Candidate {
  const ordered = [...terms].sort(([a], [b]) => (a < b ? -1 : 1));
  const name = JSON.stringify([table.logicalName, company?.[1] ?? null, ordered]).toLowerCase();
  return { name, table, navigation, terms, company };
}

/** Whether a candidate is the very row whose values these are. */
export function isOwnRow(candidate: Candidate, table: DataverseTable, values: Values, company: string | null): boolean {
  if (candidate.table !== table || (candidate.company !== null && candidate.company[1] !== company)) return false;
  return candidate.terms.every(([path, value]) => (values[path] ?? null)?.toLowerCase() === value?.toLowerCase());
}
