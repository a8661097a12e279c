import type { LookupPath } from '../../core/map/lookup-path.ts';
import { parseLookupPath } from '../../core/map/lookup-path.ts';
import type { ColumnType } from '../../core/record/column-type.ts';

export interface DataverseColumn {
  logicalName: string;
  type: ColumnType;
  validForCreate: boolean;
  validForUpdate: boolean;
  /** Tables that a lookup may point to, with the navigation property for each; empty for other columns. */
  targets: readonly { table: string; navigation: string }[];
}

/** What the adapter knows of a table, read from its definition. */
export interface DataverseTable {
  logicalName: string;
  entitySetName: string;
  primaryId: string;
  columns: ReadonlyMap<string, DataverseColumn>;
  /** Columns of each alternate key whose index is active. */
  keys: readonly (readonly string[])[];
  /** Path to the company code of a row; null for a table without companies. */
  companyPath: string | null;
}

/** Tables by logical name; all that a map's columns lead through are there. */
export type Tables = ReadonlyMap<string, DataverseTable>;

/** One way from a table to a column: the navigation properties to follow, and the table and column at the end. */
export interface Route {
  navigations: readonly string[];
  table: DataverseTable;
  column: DataverseColumn;
}

/** A column without regard to case; Dataverse's logical names are lower case. */
export function columnOf(table: DataverseTable, name: string): DataverseColumn | undefined {
  return table.columns.get(name) ?? table.columns.get(name.toLowerCase());
}

/**
 * The ways that a column name or lookup path of a map stands for, in the order in which they are tried: one for a
 * plain column and for most paths, one per target table for a polymorphic lookup. Empty where a part is unknown.
 */
export function routesOf(tables: Tables, table: DataverseTable, path: string): Route[] {
  return routesFrom(tables, table, parseLookupPath(path), []);
}

function routesFrom(tables: Tables, table: DataverseTable, path: LookupPath, navigations: string[]): Route[] {
  const [hop, ...rest] = path.hops;
  if (hop === undefined) {
    const column = columnOf(table, path.column);
    return column === undefined ? [] : [{ navigations, table, column }];
  }
  const targets = columnOf(table, hop)?.targets ?? [];
  if (path.targets !== undefined) {
    return path.targets.flatMap((wanted) => {
      const target = targets.find((candidate) => candidate.table === wanted.table);
      const next = tables.get(wanted.table);
      const column = next === undefined ? undefined : columnOf(next, wanted.column);
      if (target === undefined || next === undefined || column === undefined) return [];
      return [{ navigations: [...navigations, target.navigation], table: next, column }];
    });
  }
  return targets.flatMap((target) => {
    const next = tables.get(target.table);
    if (next === undefined) return [];
    return routesFrom(tables, next, { hops: rest, column: path.column }, [...navigations, target.navigation]);
  });
}

/** Tables that the hops of a path may lead through, as far as the tables known so far tell. */
export function tablesOnPath(tables: Tables, table: DataverseTable, path: string): string[] {
  const { hops, targets } = parseLookupPath(path);
  if (targets !== undefined) return targets.map((target) => target.table);
  let reached: DataverseTable[] = [table];
  const names: string[] = [];
  for (const hop of hops) {
    const next = reached.flatMap((from) => columnOf(from, hop)?.targets.map((target) => target.table) ?? []);
    names.push(...next);
    reached = next.flatMap((name) => tables.get(name) ?? []);
  }
  return names;
}
