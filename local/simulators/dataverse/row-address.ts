import { convertValue } from './column-values.ts';
import { type FilterToken, lexFilter } from './filter-lexer.ts';
import type { Json } from './json-body.ts';
import type { RowStore } from './row-store.ts';
import { isGuid, type StoredValue, type Values } from './stored-value.ts';
import { type KeyMetadata, lookupColumnOfValueName, type Schema, type Table } from './table-metadata.ts';
import type { Row } from './table-rows.ts';
import { badRequest, faultCodes, webFault } from './web-fault.ts';

/** The row part of an address: a GUID, or an alternate key with its values. */
export type RowKey = { kind: 'id'; id: string } | { kind: 'alternate'; key: KeyMetadata; values: Values; text: string };

/** A parsed resource address: `accounts`, `accounts(…)`, `accounts(…)/name`. */
export interface ResourceAddress {
  table: Table;
  key: RowKey | undefined;
  /** Path segments after the row. */
  rest: string[];
}

/** Parses a decoded address relative to the service root; 404 for an unknown set, 400 for a key that is none. */
export function parseAddress(schema: Schema, text: string): ResourceAddress {
  const match = /^([A-Za-z_]\w*)/.exec(text);
  const table = match?.[1] === undefined ? undefined : schema.bySet.get(match[1]);
  if (match === null || table === undefined) throw unknownSegment(text);
  let at = match[0].length;
  let key: RowKey | undefined;
  if (text.charAt(at) === '(') {
    const close = closingParenthesis(text, at);
    key = parseKey(table, text.slice(at + 1, close));
    at = close + 1;
  }
  const rest = text.slice(at);
  if (rest !== '' && !rest.startsWith('/')) throw unknownSegment(text);
  return { table, key, rest: rest.split('/').filter((segment) => segment !== '') };
}

/** The refusal of an address that leads nowhere. */
export function unknownSegment(text: string): Error {
  return webFault(404, faultCodes.notFoundSegment, `Resource not found for the segment '${text}'.`);
}

/** The row an address names, if there is one. */
export function findRow(store: RowStore, table: Table, key: RowKey): Row | undefined {
  if (key.kind === 'id') return store.get(table.metadata.logicalName, key.id);
  return store.findByKey(table, key.key, key.values);
}

/** Like `findRow`; 404 with `0x80040217` or `0x80060891` when there is none. */
export function requireRow(store: RowStore, table: Table, key: RowKey): Row {
  const row = findRow(store, table, key);
  if (row !== undefined) return row;
  throw missingRow(table, key);
}

/** The 404 of a row that does not exist. */
export function missingRow(table: Table, key: RowKey): Error {
  const name = table.metadata.logicalName;
  if (key.kind === 'id') {
    return webFault(404, faultCodes.objectDoesNotExist, `Entity '${name}' With Id = ${key.id} Does Not Exist`);
  }
  return webFault(
    404,
    faultCodes.recordNotFoundByKey,
    `A record with the specified key values does not exist in ${name} entity`,
  );
}

/**
 * Refuses key values that the URL of a request cannot carry
 * ("Use an alternate key to reference a record": `/ < > * % & : \ ? +`).
 */
export function refuseForbiddenCharacters(key: RowKey): void {
  if (key.kind === 'id') return;
  for (const value of Object.values(key.values)) {
    if (typeof value === 'string' && /[/<>*%&:\\?+]/.test(value) && !/^\d{4}-\d{2}-\d{2}T/.test(value)) {
      throw badRequest(`A potentially dangerous Request.Path value was detected from the client (${value}).`);
    }
  }
}

function closingParenthesis(text: string, open: number): number {
  let quoted = false;
  for (let at = open; at < text.length; at += 1) {
    const symbol = text.charAt(at);
    if (symbol === "'") quoted = !quoted;
    if (symbol === ')' && !quoted) return at;
  }
  throw badRequest(`Bad Request - Error in query syntax: '${text}'.`);
}

function parseKey(table: Table, text: string): RowKey {
  if (isGuid(text)) return { kind: 'id', id: text.toLowerCase() };
  const parts = keyParts(table, lexFilter(text));
  const primary = table.metadata.primaryIdAttribute;
  const id = parts.get(primary);
  // "Use an alternate key": systemuser and team rows cannot be addressed with a named primary key.
  const named = table.metadata.logicalName !== 'systemuser' && table.metadata.logicalName !== 'team';
  if (id !== undefined && parts.size === 1 && named && isGuid(id.text)) {
    return { kind: 'id', id: id.text.toLowerCase() };
  }
  const key = table.keys.find(
    (candidate) => candidate.columns.length === parts.size && candidate.columns.every((column) => parts.has(column)),
  );
  if (key === undefined) throw invalidKey(table);
  const values: Values = {};
  for (const [name, token] of parts) values[name] = keyValue(table, name, token);
  return { kind: 'alternate', key, values, text };
}

function keyParts(table: Table, tokens: FilterToken[]): Map<string, FilterToken> {
  const parts = new Map<string, FilterToken>();
  for (let at = 0; at < tokens.length; at += 4) {
    const [name, equals, value, comma] = tokens.slice(at, at + 4);
    if (name?.kind !== 'word' || equals?.text !== '=' || value === undefined || (comma && comma.text !== ',')) {
      throw invalidKey(table);
    }
    const lookup = lookupColumnOfValueName(table, name.text);
    // A lookup part goes by its value name only; the bare name is refused.
    if (lookup === undefined && table.columns.get(name.text)?.type === 'Lookup') throw invalidKey(table);
    parts.set(lookup?.logicalName ?? name.text, value);
  }
  return parts;
}

function keyValue(table: Table, name: string, token: FilterToken): StoredValue {
  const column = table.columns.get(name);
  if (column === undefined) throw invalidKey(table);
  if (column.type === 'Lookup') {
    const target = column.targets?.[0];
    if (target === undefined || !isGuid(token.text)) throw invalidKey(table);
    return { table: target, id: token.text.toLowerCase() };
  }
  return convertValue(table, column, literalJson(token));
}

function literalJson(token: FilterToken): Json {
  if (token.kind === 'number') return { numberText: token.text };
  if (token.kind === 'word') return token.text === 'null' ? null : token.text === 'true';
  return token.text;
}

function invalidKey(table: Table): Error {
  const resource = `Microsoft.Dynamics.CRM.${table.metadata.logicalName}`;
  return badRequest(
    `The key in the request URI is not valid for resource '${resource}'. Ensure that the names and number of key properties match the declared or alternate key properties for the resource '${resource}'.`,
  );
}
