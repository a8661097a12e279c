import { badRequest } from './web-fault.ts';

/** A parsed `$expand` item. */
export interface ExpandItem {
  navigation: string;
  select: string[] | undefined;
  expand: ExpandItem[];
}

/** The query options of one request. */
export interface QueryOptions {
  select: string[] | undefined;
  filter: string | undefined;
  orderBy: { path: string; descending: boolean }[];
  top: number | undefined;
  expand: ExpandItem[];
  count: boolean;
  skipToken: string | undefined;
  deltaToken: string | undefined;
}

const known = new Set(['$select', '$filter', '$orderby', '$top', '$expand', '$count', '$skiptoken', '$deltatoken']);

/** Reads the query options; an option that the Web API does not know (`$skip` among them) is a 400. */
export function parseQueryOptions(query: URLSearchParams): QueryOptions {
  for (const name of query.keys()) {
    if (name.startsWith('$') && !known.has(name)) {
      throw badRequest(`The query parameter ${name} is not supported.`);
    }
  }
  return {
    select: nameList(query.get('$select')),
    filter: query.get('$filter') ?? undefined,
    orderBy: (nameList(query.get('$orderby')) ?? []).map(parseOrder),
    top: parseTop(query.get('$top')),
    expand: parseExpand(query.get('$expand') ?? ''),
    count: query.get('$count') === 'true',
    skipToken: query.get('$skiptoken') ?? undefined,
    deltaToken: query.get('$deltatoken') ?? undefined,
  };
}

function nameList(text: string | null | undefined): string[] | undefined {
  if (text === null || text === undefined) return undefined;
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return names.length === 0 ? undefined : names;
}

function parseOrder(text: string): { path: string; descending: boolean } {
  const [path, direction, ...rest] = text.split(/\s+/);
  if (path === undefined || rest.length > 0 || !['asc', 'desc', undefined].includes(direction)) {
    throw badRequest(`Syntax error in $orderby: '${text}'.`);
  }
  return { path, descending: direction === 'desc' };
}

function parseTop(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`Invalid value '${text}' for $top query option found.`);
  return Number(text);
}

/** Splits `a($select=x;$expand=b),c` at the top level. */
export function parseExpand(text: string): ExpandItem[] {
  return splitOutside(text, ',').map((item) => {
    const open = item.indexOf('(');
    if (open < 0) return { navigation: item, select: undefined, expand: [] };
    if (!item.endsWith(')')) throw badRequest(`Syntax error in $expand: '${item}'.`);
    const options = splitOutside(item.slice(open + 1, -1), ';').map((option) => {
      const equals = option.indexOf('=');
      return [option.slice(0, equals), option.slice(equals + 1)] as const;
    });
    for (const [name] of options) {
      if (name !== '$select' && name !== '$expand') {
        throw badRequest(`The option '${name}' is not supported in $expand of a single-valued navigation property.`);
      }
    }
    const byName = new Map(options);
    return {
      navigation: item.slice(0, open),
      select: nameList(byName.get('$select')),
      expand: parseExpand(byName.get('$expand') ?? ''),
    };
  });
}

function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const symbol = text.charAt(at);
    if (symbol === '(') depth += 1;
    if (symbol === ')') depth -= 1;
    if (at === text.length || (symbol === separator && depth === 0)) {
      const part = text.slice(start, at).trim();
      if (part !== '') parts.push(part);
      start = at + 1;
    }
  }
  if (depth !== 0) throw badRequest(`Unbalanced parentheses in '${text}'.`);
  return parts;
}
