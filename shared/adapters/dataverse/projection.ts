import { type Fault, failure, type Result, success } from '../../core/fault/fault.ts';
import { isProvisional, provisionalPart } from '../../core/map/numbering.ts';
import {
  type CanonicalValue,
  canonicalValue,
  NotCanonicalError,
  type Values,
} from '../../core/record/canonical-value.ts';
import type { Row } from '../../core/record/row.ts';
import { asObject } from '../http/exact-json.ts';
import { type DataverseColumn, type DataverseTable, type Route, routesOf, type Tables } from './dataverse-table.ts';

type Json = Readonly<Record<string, unknown>>;

/** How the columns of a map are asked for and read: one query, whatever lookups they go through. */
export interface Projection {
  /** `$select=…&$expand=…`. */
  query: string;
  /** A row of an answer in canonical form. Faults: `configuration` where a value is none of its column's type. */
  read(row: Json): Result<Row>;
}

interface Branch {
  select: Set<string>;
  expand: Map<string, Branch>;
}

/** Prepares the reading of columns and lookup paths. Faults: `configuration` for a column that the table lacks. */
export function createProjection(tables: Tables, table: DataverseTable, paths: readonly string[]): Result<Projection> {
  const root: Branch = { select: new Set([table.primaryId]), expand: new Map() };
  const readers: { path: string; routes: readonly Route[] }[] = [];
  for (const path of paths) {
    const routes = routesOf(tables, table, path);
    if (routes.length === 0) return failure(unknownColumn(table, path));
    for (const route of routes) addRoute(root, route);
    readers.push({ path, routes });
  }
  for (const stamp of ['modifiedon', 'modifiedby']) {
    const column = table.columns.get(stamp);
    if (column !== undefined) root.select.add(wireName(column));
  }
  return success({ query: queryOf(root, '&'), read: (row) => readRow(table, readers, row) });
}

/** A lookup's own value goes by another name than the column ("Lookup properties"). */
function wireName(column: DataverseColumn): string {
  return column.targets.length > 0 ? `_${column.logicalName}_value` : column.logicalName;
}

function addRoute(root: Branch, route: Route): void {
  let branch = root;
  for (const navigation of route.navigations) {
    const next = branch.expand.get(navigation) ?? { select: new Set(), expand: new Map() };
    branch.expand.set(navigation, next);
    branch = next;
  }
  branch.select.add(wireName(route.column));
  if (route.navigations.length > 0) branch.select.add(route.table.primaryId);
}

function queryOf(branch: Branch, separator: '&' | ';'): string {
  const select = branch.select.size === 0 ? [] : [`$select=${[...branch.select].join(',')}`];
  const items = [...branch.expand].map(([navigation, inner]) => `${navigation}(${queryOf(inner, ';')})`);
  const expand = items.length === 0 ? [] : [`$expand=${items.join(',')}`];
  return [...select, ...expand].join(separator);
}

function readRow(
  table: DataverseTable,
  readers: readonly { path: string; routes: readonly Route[] }[],
  row: Json,
): Result<Row> {
  const values: Record<string, CanonicalValue> = {};
  let reading = '';
  try {
    for (const { path, routes } of readers) {
      reading = path;
      const value = firstValue(routes, row);
      // A company without a code is none; other rows may still be given their key.
      values[path] = path === table.companyPath && isProvisional(value) ? null : value;
    }
  } catch (error) {
    if (!(error instanceof NotCanonicalError)) throw error;
    return failure(unreadable(table, reading, error.message));
  }
  const id = String(row[table.primaryId] ?? '').toLowerCase();
  const modifiedAt = row['modifiedon'];
  const modifiedBy = row['_modifiedby_value'];
  return success({
    id,
    address: id,
    version: String(row['@odata.etag'] ?? ''),
    values: values satisfies Values,
    ...(typeof modifiedAt === 'string' ? { modifiedAt } : {}),
    ...(typeof modifiedBy === 'string' ? { modifiedBy } : {}),
  });
}

/** A row that is referred to and has no key yet is not the same as no reference: F&O may still have to number it. */
function firstValue(routes: readonly Route[], row: Json): CanonicalValue {
  let unnumbered: string | null = null;
  for (const { navigations, table, column } of routes) {
    let at = row;
    for (const navigation of navigations) at = asObject(at[navigation]);
    const value = canonicalValue(at[wireName(column)], column.type);
    if (value !== null) return value;
    const id = navigations.length === 0 ? undefined : at[table.primaryId];
    if (typeof id === 'string') unnumbered ??= provisionalPart(id);
  }
  return unnumbered;
}

function unknownColumn(table: DataverseTable, path: string): Fault {
  const message = `The table ${table.logicalName} has no column ${path}. Compare the map with the table's definition.`;
  return { code: 'TW106', class: 'configuration', message, field: path };
}

function unreadable(table: DataverseTable, path: string, reason: string): Fault {
  const message = `${table.logicalName}.${path} is not of the type its definition tells: ${reason}.`;
  return { code: 'TW109', class: 'configuration', message, field: path };
}
