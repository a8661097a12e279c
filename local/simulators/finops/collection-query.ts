import { odataFault } from './faults.ts';
import type { InputRules } from './field-input.ts';
import { writeField } from './field-output.ts';
import { type Condition, conjunction, type Predicate } from './filter-comparison.ts';
import { parseFilter } from './filter-parser.ts';
import type { Entity, FieldMetadata } from './metadata.ts';
import { dataNamespace } from './metadata.ts';
import { etagOf, type StoredRow } from './row-store.ts';

/** The part of a read that the query string asks for. */
export interface CollectionQuery {
  condition: Condition;
  /** Null means every field. */
  select: ReadonlySet<string> | null;
  orderBy: { field: FieldMetadata; descending: boolean }[];
  top: number | null;
  skip: number;
  count: boolean;
}

const supported = ['$filter', '$select', '$orderby', '$top', '$skip', '$skiptoken', '$count', '$format'];

function fieldOf(entity: Entity, name: string): FieldMetadata {
  const field = entity.fields.get(name);
  if (field === undefined) {
    const type = `${dataNamespace}.${entity.metadata.name}`;
    throw odataFault(`Could not find a property named '${name}' on type '${type}'.`);
  }
  return field;
}

function wholeNumber(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text !== null && !/^\d{1,9}$/.test(text)) {
    throw odataFault(`Invalid value '${text}' for ${name} query option found. It must be a non-negative integer.`);
  }
  return text === null ? null : Number(text);
}

function readSelect(text: string | null, entity: Entity): ReadonlySet<string> | null {
  if (text === null || text.trim() === '' || text.trim() === '*') {
    return null;
  }
  return new Set(text.split(',').map((name) => fieldOf(entity, name.trim()).name));
}

function readOrderBy(text: string | null, entity: Entity): CollectionQuery['orderBy'] {
  if (text === null || text.trim() === '') {
    return [];
  }
  return text.split(',').map((part) => {
    const [name = '', direction = 'asc', ...extra] = part.trim().split(/\s+/);
    if (extra.length > 0 || (direction !== 'asc' && direction !== 'desc')) {
      throw odataFault(`Syntax error in the $orderby query option '${text}'.`);
    }
    return { field: fieldOf(entity, name), descending: direction === 'desc' };
  });
}

function mentions(text: string | null, names: readonly string[]): boolean {
  return names.some((name) => new RegExp(`\\b${name}\\b`).test(text ?? ''));
}

/** Date effective entities show only rows valid now, unless the filter names the validity fields itself. */
function validNow(entity: Entity, filterText: string | null, nowMs: number): Predicate {
  const validity = entity.metadata.validTimeState;
  if (validity === undefined || mentions(filterText, [validity.from, validity.to])) {
    return () => true;
  }
  const now = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  return (values) => {
    const from = String(values[validity.from] ?? '');
    const to = String(values[validity.to] ?? '');
    return from <= now && (to === '' || to >= now.slice(0, to.length));
  };
}

/** Reads the query options; throws a 400 fault on unknown options, unknown names and malformed values. */
export function readQuery(query: URLSearchParams, entity: Entity, rules: InputRules, nowMs: number): CollectionQuery {
  const expand = query.get('$expand');
  if (expand !== null) {
    fieldOf(entity, expand.split(/[,(/]/)[0] ?? '');
    throw odataFault(`Property '${expand}' on type '${dataNamespace}.${entity.metadata.name}' is not a navigation.`);
  }
  for (const name of query.keys()) {
    if (name.startsWith('$') && !supported.includes(name)) {
      throw odataFault(`The query parameter '${name}' is not supported.`);
    }
  }
  const filterText = query.get('$filter');
  const valid: Condition = { test: validNow(entity, filterText, nowMs), pins: null };
  return {
    condition: filterText === null ? valid : conjunction(valid, parseFilter(filterText, entity, rules)),
    select: readSelect(query.get('$select'), entity),
    orderBy: readOrderBy(query.get('$orderby'), entity),
    top: wholeNumber(query, '$top'),
    skip: (wholeNumber(query, '$skip') ?? 0) + (wholeNumber(query, '$skiptoken') ?? 0),
    count: query.get('$count') === 'true',
  };
}

/** One row as it stands in an answer: etag first, then the selected fields in the order of the metadata. */
export function renderRow(entity: Entity, row: StoredRow, select: ReadonlySet<string> | null): Record<string, unknown> {
  const rendered: Record<string, unknown> = { '@odata.etag': etagOf(row) };
  for (const field of entity.metadata.fields) {
    if (select === null || select.has(field.name)) {
      rendered[field.name] = writeField(row.values[field.name] ?? '', field);
    }
  }
  return rendered;
}
