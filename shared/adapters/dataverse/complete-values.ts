import type { CompiledMap } from '../../core/map/compiled-map.ts';
import type { CanonicalValue, Values } from '../../core/record/canonical-value.ts';
import type { RowWrite } from '../../ports/record-store.ts';
import type { DataverseApi } from './dataverse-api.ts';
import { pathsByIds, type ReadPlan, readRows } from './row-queries.ts';

interface Scope {
  api: DataverseApi;
  plan: ReadPlan;
  map: CompiledMap;
}

/**
 * The values of each write, with the unchanged parts of lookups that several columns name together: an update brings
 * changed columns only, and one part alone does not tell the row. Rows are read, in one call, only where a part lacks;
 * where that fails the values stay as they are.
 */
export async function completeValues(scope: Scope, writes: readonly RowWrite[]): Promise<Values[]> {
  const lacking = writes.map((write) => (write.operation === 'update' ? lackingParts(scope.map, write.values) : []));
  const ids = writes.flatMap(({ rowId }, index) => (lacking[index]?.length && rowId !== null ? [rowId] : []));
  if (ids.length === 0) return writes.map((write) => write.values);
  const rows = await readRows(scope.api, scope.plan, pathsByIds(scope.plan, ids));
  const byId = new Map((rows.ok ? rows.value : []).map((row) => [row.id, row.values]));
  return writes.map((write, index) => {
    const current = byId.get(write.rowId ?? '');
    if (current === undefined) return write.values;
    const added: Record<string, CanonicalValue> = {};
    for (const path of lacking[index] ?? []) added[path] = current[path] ?? null;
    return { ...write.values, ...added };
  });
}

function lackingParts(map: CompiledMap, values: Values): string[] {
  const given = Object.keys(values).filter((path) => path.includes('.'));
  const lookups = new Set(given.map(lookupOf));
  return map.sides.dataverse.columns.filter(
    (path) => path.includes('.') && lookups.has(lookupOf(path)) && !given.includes(path),
  );
}

function lookupOf(path: string): string {
  return path.split('.')[0] ?? '';
}
