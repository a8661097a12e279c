import type { SimResponse } from '../exchange.ts';
import { jsonResponse } from './json-response.ts';
import { type ExpandItem, parseExpand } from './query-options.ts';
import { attributeDefinition, keyDefinition, manyToOneDefinitions, tableDefinition } from './table-definitions.ts';
import type { Schema, Table } from './table-metadata.ts';
import { badRequest, faultCodes, webFault } from './web-fault.ts';

/** What a metadata answer needs of the request. */
export interface MetadataRequest {
  /** Decoded address from `EntityDefinitions` on. */
  address: string;
  query: URLSearchParams;
  serviceRoot: string;
}

type Definition = Record<string, unknown>;

/** True for addresses of table definitions. */
export function isMetadataAddress(address: string): boolean {
  return address === 'EntityDefinitions' || /^EntityDefinitions[(/?]/.test(address);
}

/**
 * Answers the table-definition reads of "Query table definitions using the Web API": all tables or one by
 * logical name, its attributes (also by type cast), keys and many-to-one relationships.
 */
export function readMetadata(schema: Schema, request: MetadataRequest): SimResponse {
  const match = /^EntityDefinitions(?:\((?:LogicalName='([^']*)'|([0-9a-fA-F-]{36}))\))?(?:\/(.*))?$/.exec(
    request.address,
  );
  if (match === null) throw badRequest(`'${request.address}' is not an address of table definitions.`);
  const [, name, metadataId, rest] = match;
  const context = `${request.serviceRoot}$metadata#EntityDefinitions`;
  if (name === undefined && metadataId === undefined) {
    if (rest !== undefined) throw notFound(rest);
    const tables = [...schema.byName.values()].filter((table) => matchesFilter(table, request.query.get('$filter')));
    return jsonResponse(200, {
      '@odata.context': context,
      value: tables.map((table) => shapeTable(table, request.query)),
    });
  }
  const table = findTable(schema, name, metadataId);
  if (rest === undefined) {
    return jsonResponse(200, { '@odata.context': `${context}/$entity`, ...shapeTable(table, request.query) });
  }
  return readPart(table, rest, request);
}

function findTable(schema: Schema, name: string | undefined, metadataId: string | undefined): Table {
  const table =
    name === undefined
      ? [...schema.byName.values()].find((candidate) => tableDefinition(candidate)['MetadataId'] === metadataId)
      : schema.byName.get(name);
  if (table !== undefined) return table;
  throw webFault(
    404,
    faultCodes.objectDoesNotExist,
    `Could not find an entity with name ${name ?? metadataId} and number none.`,
  );
}

function readPart(table: Table, rest: string, request: MetadataRequest): SimResponse {
  const match =
    /^(Attributes|Keys|ManyToOneRelationships)(?:\(LogicalName='([^']*)'\))?(?:\/Microsoft\.Dynamics\.CRM\.(\w+)Metadata)?$/.exec(
      rest,
    );
  const [, part, name, cast] = match ?? [];
  if (part === undefined) throw notFound(rest);
  const context = `${request.serviceRoot}$metadata#EntityDefinitions('${table.metadata.logicalName}')/${rest}`;
  let items = partDefinitions(table, part, cast);
  const select = listOf(request.query.get('$select'));
  const expand = parseExpand(request.query.get('$expand') ?? '');
  if (name === undefined) {
    const filter = request.query.get('$filter');
    if (filter !== null) items = items.filter((item) => matchesEquality(item, filter));
    return jsonResponse(200, { '@odata.context': context, value: items.map((item) => shape(item, select, expand)) });
  }
  const found = items.find((item) => item['LogicalName'] === name);
  if (found === undefined) throw notFound(rest);
  return jsonResponse(200, { '@odata.context': `${context}/$entity`, ...shape(found, select, expand) });
}

function partDefinitions(table: Table, part: string, cast: string | undefined): Definition[] {
  switch (part) {
    case 'Attributes':
      return table.metadata.columns
        .map((column) => attributeDefinition(table, column))
        .filter((item) => cast === undefined || item['@odata.type'] === `#Microsoft.Dynamics.CRM.${cast}Metadata`);
    case 'Keys':
      return table.keys.map((key) => keyDefinition(table, key));
    default:
      return manyToOneDefinitions(table);
  }
}

function shapeTable(table: Table, query: URLSearchParams): Definition {
  const shaped = shape(tableDefinition(table), listOf(query.get('$select')), []);
  for (const item of parseExpand(query.get('$expand') ?? '')) {
    const known = ['Attributes', 'Keys', 'ManyToOneRelationships'].includes(item.navigation);
    if (!known)
      throw badRequest(
        `Could not find a property named '${item.navigation}' on type 'Microsoft.Dynamics.CRM.EntityMetadata'.`,
      );
    shaped[item.navigation] = partDefinitions(table, item.navigation, undefined).map((entry) =>
      shape(entry, item.select, item.expand),
    );
  }
  return shaped;
}

/** Option sets are navigation properties: they come only when expanded. */
const expandable = new Set(['OptionSet', 'GlobalOptionSet']);

function shape(definition: Definition, select: string[] | undefined, expand: ExpandItem[]): Definition {
  const shaped: Definition = {};
  for (const [name, value] of Object.entries(definition)) {
    if (expandable.has(name)) continue;
    if (select === undefined || select.includes(name) || name === 'MetadataId' || name === '@odata.type')
      shaped[name] = value;
  }
  for (const name of select ?? []) {
    if (!(name in definition)) throw badRequest(`Could not find a property named '${name}' on the metadata type.`);
  }
  for (const item of expand) {
    if (!(item.navigation in definition))
      throw badRequest(`Could not find a property named '${item.navigation}' on the metadata type.`);
    shaped[item.navigation] = definition[item.navigation];
  }
  return shaped;
}

function matchesFilter(table: Table, filter: string | null): boolean {
  return filter === null || matchesEquality(tableDefinition(table), filter);
}

// Enough for look-ups by name: `A eq 'x'` terms joined by `or` or by `and`.
function matchesEquality(definition: Definition, filter: string): boolean {
  const disjunction = / or /.test(filter);
  const terms = filter.split(disjunction ? ' or ' : ' and ').map((term) => {
    const match = /^\(*(\w+) eq (?:'([^']*)'|(true|false)|Microsoft\.Dynamics\.CRM\.\w+'([^']*)')\)*$/.exec(
      term.trim(),
    );
    if (match === null) throw badRequest(`The metadata filter '${filter}' is not supported.`);
    return String(definition[match[1] ?? '']) === (match[2] ?? match[3] ?? match[4]);
  });
  return disjunction ? terms.includes(true) : !terms.includes(false);
}

function listOf(text: string | null): string[] | undefined {
  return text === null || text === '' ? undefined : text.split(',').map((name) => name.trim());
}

function notFound(rest: string): Error {
  return webFault(404, faultCodes.notFoundSegment, `Resource not found for the segment '${rest}'.`);
}
