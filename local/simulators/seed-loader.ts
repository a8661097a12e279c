import { interactiveUserId } from './dataverse/request-context.ts';
import type { TableMetadata } from './dataverse/table-metadata.ts';
import type { SimResponse, Simulator } from './exchange.ts';
import { interactiveFinopsUser } from './row-api.ts';

/**
 * Rows to load in order. F&O rows hold OData properties; Dataverse rows hold logical names, and lookups as
 * `<column>@key`: the values of an alternate key of the row meant, lookups within as such objects again, `@table`
 * where the lookup has several targets.
 */
export interface SeedRows {
  finops: { entitySet: string; rows: Record<string, unknown>[] }[];
  dataverse: { table: string; rows: Record<string, unknown>[] }[];
}

interface SeedScope {
  dataverse: Simulator;
  finops: Simulator;
  tables: readonly TableMetadata[];
}

type KeyObject = Record<string, unknown>;

/** Writes the rows as a person; rejects at the first row that is refused. */
export async function loadSeed(scope: SeedScope, seed: SeedRows): Promise<void> {
  for (const { entitySet, rows } of seed.finops) {
    for (const row of rows) {
      const response = await send(
        scope.finops,
        interactiveFinopsUser,
        'POST',
        `/data/${entitySet}`,
        row,
        'cross-company=true',
      );
      refuseFailure(response, `${entitySet} ${JSON.stringify(row)}`);
    }
  }
  const ids = new Map<string, string>();
  for (const { table, rows } of seed.dataverse) {
    const metadata = tableNamed(scope, table);
    for (const row of rows) {
      const body = await bodyOf(scope, metadata, row, ids);
      const path = `/api/data/v9.2/${metadata.entitySetName}`;
      refuseFailure(
        await send(scope.dataverse, interactiveUserId, 'POST', path, body),
        `${table} ${JSON.stringify(row)}`,
      );
    }
  }
}

async function bodyOf(
  scope: SeedScope,
  table: TableMetadata,
  row: Record<string, unknown>,
  ids: Map<string, string>,
): Promise<Record<string, unknown>> {
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    if (!name.endsWith('@key')) {
      body[name] = value;
      continue;
    }
    const lookup = lookupTarget(scope, table, name.slice(0, -'@key'.length), value as KeyObject);
    const id = await findId(scope, lookup.target, value as KeyObject, ids);
    body[`${lookup.navigation}@odata.bind`] = `/${lookup.target.entitySetName}(${id})`;
  }
  return body;
}

function lookupTarget(
  scope: SeedScope,
  table: TableMetadata,
  name: string,
  key: KeyObject,
): { target: TableMetadata; navigation: string } {
  const column = table.columns.find((candidate) => candidate.logicalName === name);
  const target = typeof key['@table'] === 'string' ? key['@table'] : column?.targets?.[0];
  if (column === undefined || target === undefined) throw new Error(`${table.logicalName}.${name} is no lookup.`);
  const navigation = column.navigations?.[target] ?? column.navigation ?? column.logicalName;
  return { target: tableNamed(scope, target), navigation };
}

async function findId(
  scope: SeedScope,
  table: TableMetadata,
  key: KeyObject,
  ids: Map<string, string>,
): Promise<string> {
  const cacheKey = `${table.logicalName} ${JSON.stringify(key)}`;
  const cached = ids.get(cacheKey);
  if (cached !== undefined) return cached;
  const terms: string[] = [];
  for (const [name, value] of Object.entries(key)) {
    if (name === '@table') continue;
    terms.push(await filterTerm(scope, table, name, value, ids));
  }
  const query = new URLSearchParams({ $select: table.primaryIdAttribute, $filter: terms.join(' and ') });
  const path = `/api/data/v9.2/${table.entitySetName}`;
  const response = await send(scope.dataverse, interactiveUserId, 'GET', path, undefined, query.toString());
  refuseFailure(response, cacheKey);
  const { value } = JSON.parse(response.body.toString()) as { value: Record<string, string>[] };
  const id = value[0]?.[table.primaryIdAttribute];
  if (id === undefined) throw new Error(`The seed refers to ${cacheKey}, which does not exist.`);
  ids.set(cacheKey, id);
  return id;
}

async function filterTerm(
  scope: SeedScope,
  table: TableMetadata,
  name: string,
  value: unknown,
  ids: Map<string, string>,
): Promise<string> {
  if (typeof value === 'object' && value !== null) {
    const { target } = lookupTarget(scope, table, name, value as KeyObject);
    return `_${name}_value eq ${await findId(scope, target, value as KeyObject, ids)}`;
  }
  return `${name} eq ${typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)}`;
}

function tableNamed(scope: SeedScope, name: string): TableMetadata {
  const table = scope.tables.find((candidate) => candidate.logicalName === name);
  if (table === undefined) throw new Error(`The seed names the table ${name}, which has no metadata.`);
  return table;
}

function send(
  simulator: Simulator,
  user: string,
  method: string,
  path: string,
  body: unknown,
  rawQuery = '',
): Promise<SimResponse> {
  return simulator.handle({
    method,
    path,
    query: new URLSearchParams(rawQuery),
    rawQuery,
    headers: { host: 'localhost', 'content-type': 'application/json', 'x-sim-user': user },
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
  });
}

function refuseFailure(response: SimResponse, what: string): void {
  if (response.status < 300) return;
  throw new Error(`The seed row ${what} was refused with ${response.status}: ${response.body.toString()}`);
}
