import { type Fault, failure, type Result, success } from '../../core/fault/fault.ts';
import type { TableShape } from '../../core/map/compiled-map.ts';
import { ownColumn } from '../../core/map/lookup-path.ts';
import { chunked } from '../http/service-address.ts';
import type { DataverseApi } from './dataverse-api.ts';
import { dataverseFault } from './dataverse-faults.ts';
import { columnOf, type DataverseTable, routesOf, type Tables, tablesOnPath } from './dataverse-table.ts';
import { definitionPaths, tableFromDefinition } from './table-definition.ts';

/** Table definitions of one environment, each read once. */
export interface DataverseMetadata {
  /** The table and every table that the paths lead through. Faults: `configuration` for an unknown table, as for reads. */
  tables(table: string, paths: readonly string[]): Promise<Result<Tables>>;
  /** What the core must know of a table to run a map with these columns and paths on it. Faults as for `tables`. */
  shape(table: string, paths: readonly string[]): Promise<Result<TableShape>>;
}

export function createDataverseMetadata(api: DataverseApi): DataverseMetadata {
  const known = new Map<string, DataverseTable>();
  const load = async (names: readonly string[]): Promise<Fault | null> => {
    const missing = [...new Set(names)].filter((name) => !known.has(name));
    if (missing.length === 0) return null;
    const loaded = await loadTables(api, missing);
    if (!loaded.ok) return loaded.fault;
    for (const table of loaded.value) known.set(table.logicalName, table);
    return null;
  };
  const tables = async (name: string, paths: readonly string[]): Promise<Result<Tables>> => {
    for (let wanted = [name]; wanted.length > 0; wanted = stillMissing(known, name, paths)) {
      const fault = await load(wanted);
      if (fault !== null) return failure(fault);
    }
    return success(known);
  };
  return {
    tables,
    async shape(name, paths) {
      const loaded = await tables(name, paths);
      const table = known.get(name);
      if (!loaded.ok) return loaded;
      return table === undefined ? failure(unknownTable(name)) : success(tableShape(known, table));
    },
  };
}

/** Tables on the way that are not loaded yet: those of the paths, and of the company of each table reached. */
function stillMissing(known: ReadonlyMap<string, DataverseTable>, name: string, paths: readonly string[]): string[] {
  const table = known.get(name);
  if (table === undefined) return [];
  const reached = paths.flatMap((path) => tablesOnPath(known, table, path));
  const companies = [name, ...reached].flatMap((each) => {
    const owner = known.get(each);
    return owner?.companyPath == null ? [] : tablesOnPath(known, owner, owner.companyPath);
  });
  return [...new Set([...reached, ...companies])].filter((each) => !known.has(each));
}

async function loadTables(api: DataverseApi, names: readonly string[]): Promise<Result<DataverseTable[]>> {
  const paths = names.map(definitionPaths);
  const answers = await api.read(paths.flat());
  if (!answers.ok) return answers;
  const tables: DataverseTable[] = [];
  const perTable = chunked(answers.value, paths[0]?.length ?? 1);
  for (const [index, name] of names.entries()) {
    const own = perTable[index] ?? [];
    const refused = own.find((answer) => answer.status !== 200);
    if (refused !== undefined) return failure(dataverseFault(refused, { writes: false, what: `the table ${name}` }));
    const table = tableFromDefinition(own.map((answer) => answer.text));
    if (table === null) return failure(unknownTable(name));
    tables.push(table);
  }
  return success(tables);
}

function unknownTable(name: string): Fault {
  const message = `Dataverse has no table ${name}. Compare the map with the tables of the environment.`;
  return { code: 'TW106', class: 'configuration', message };
}

/** What the core must know of a table; `tables` holds those that its lookups lead to. */
export function tableShape(tables: Tables, table: DataverseTable): TableShape {
  const own = (path: string) => columnOf(table, ownColumn(path));
  return {
    typeOf: (path) => routesOf(tables, table, path)[0]?.column.type ?? null,
    companyColumn: table.companyPath,
    createOnly: (path) => own(path)?.validForUpdate === false,
    computed: (path) => own(path)?.validForCreate === false && own(path)?.validForUpdate === false,
    lookupTables: (path) => [...new Set(routesOf(tables, table, path).map((route) => route.table.logicalName))],
    lookupKeys: (path) => routesOf(tables, table, path).flatMap((route) => keysOf(route.table)),
    uniqueBy: (paths) => {
      const columns = paths.map(ownColumn);
      return [...table.keys, [table.primaryId]].some((key) => key.every((column) => columns.includes(column)));
    },
    tellsModifiedAt: table.columns.has('modifiedon'),
  };
}

function keysOf({ keys, primaryId, companyPath }: DataverseTable): string[][] {
  const company = companyPath === null ? '' : ownColumn(companyPath);
  return [[primaryId], ...keys.map((key) => key.filter((column) => column !== company))];
}
