import { interactiveUserId } from './dataverse/request-context.ts';
import { systemTables } from './dataverse/system-tables.ts';
import type { TableMetadata } from './dataverse/table-metadata.ts';
import type { SimRequest, SimResponse, Simulator } from './exchange.ts';
import { answerJson } from './tokens.ts';

/** What the row API needs of the server. */
export interface RowApiScope {
  dataverse: Simulator;
  finops: Simulator;
  tables: readonly TableMetadata[];
}

/** Id under which the page's edits run in F&O. */
export const interactiveFinopsUser = 'alex';

const methods = new Set(['GET', 'POST', 'PATCH', 'DELETE']);

/**
 * Answers `rows/{side}/{table}[/{id}]` by calling the side as a person would: another user than the app's, no tag,
 * no fault plan. A Dataverse table goes by logical name and a row by GUID; an F&O set by its name and a row by
 * the inside of its key, percent-encoded. Query and body are those of the side's own API.
 */
export function answerRows(scope: RowApiScope, request: SimRequest, rest: string): Promise<SimResponse> {
  const [side, table, id, ...more] = rest.split('/');
  if (!methods.has(request.method)) return refuse(405, `${request.method} is not supported.`);
  if (table === undefined || more.length > 0) return refuse(404, `There are no rows at '${rest}'.`);
  if ((id === undefined) === (request.method === 'PATCH' || request.method === 'DELETE')) {
    if (request.method !== 'GET')
      return refuse(405, `${request.method} needs ${id === undefined ? 'a row' : 'a table'}.`);
  }
  if (side === 'dataverse') return callDataverse(scope, request, table, id);
  if (side === 'finops') return callFinops(scope, request, table, id);
  return refuse(404, `There is no side '${side}'.`);
}

function callDataverse(
  scope: RowApiScope,
  request: SimRequest,
  name: string,
  id: string | undefined,
): Promise<SimResponse> {
  const set = [...scope.tables, ...systemTables].find((table) => table.logicalName === name)?.entitySetName;
  if (set === undefined) return refuse(404, `There is no table '${name}'.`);
  const headers: Record<string, string> = {
    ...kept(request),
    'x-sim-user': interactiveUserId,
    'x-forwarded-prefix': '/dataverse',
  };
  if (request.method === 'GET') headers['prefer'] ??= 'odata.include-annotations="*"';
  if (request.method === 'POST') headers['prefer'] ??= 'return=representation';
  // A person edits a row that is there.
  if (request.method === 'PATCH') headers['if-match'] ??= '*';
  const path = `/api/data/v9.2/${set}${id === undefined ? '' : `(${id})`}`;
  return scope.dataverse.handle({ ...request, path, headers });
}

function callFinops(
  scope: RowApiScope,
  request: SimRequest,
  set: string,
  id: string | undefined,
): Promise<SimResponse> {
  const query = new URLSearchParams(request.query);
  if (!query.has('cross-company')) query.set('cross-company', 'true');
  const headers = { ...kept(request), 'x-sim-user': interactiveFinopsUser, 'x-forwarded-prefix': '/finops' };
  const path = `/data/${set}${id === undefined ? '' : `(${id})`}`;
  return scope.finops.handle({ ...request, path, query, rawQuery: query.toString(), headers });
}

function kept(request: SimRequest): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  for (const name of ['host', 'prefer', 'if-match', 'user-agent', 'accept']) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

function refuse(status: number, message: string): Promise<SimResponse> {
  return Promise.resolve(answerJson(status, { error: { code: '', message } }));
}
