import type { ColumnType } from '../record/column-type.ts';
import { otherSide, type PerSide, SIDES, type Side } from '../record/side.ts';
import type { TableShape } from './compiled-map.ts';
import { FilterSyntaxError } from './filter/filter-tokens.ts';
import { type FilterValues, filterValues } from './filter/filter-values.ts';
import { parseFilter } from './filter/parse-filter.ts';
import { parseLookupPath } from './lookup-path.ts';
import type { MapFinding } from './map-finding.ts';
import type { FieldMapping, TableMap } from './table-map.ts';

/** What may go wrong when rows are written: columns that take no value, want one, or take two. */
export function checkWrites(map: TableMap, shapes: PerSide<TableShape>): MapFinding[] {
  return [
    ...SIDES.flatMap((side) => checkReadOnly(map, side, shapes[side])),
    ...SIDES.flatMap((side) => checkMandatory(map, side, shapes[side])),
    ...SIDES.flatMap((side) => checkConstants(map, side, shapes[side])),
    ...checkDirections(map),
    ...checkTwoWriters(map),
    ...checkKeyColumns(map, shapes),
    ...checkLookups(map, shapes.dataverse),
    ...checkEvents(map),
  ];
}

function flowsTo(field: FieldMapping, side: Side): boolean {
  return field.direction === 'both' || field.direction === `${otherSide(side)}-to-${side}`;
}

/** DIPV1011 */
function checkReadOnly(map: TableMap, side: Side, shape: TableShape): MapFinding[] {
  return map.fields.flatMap((field, index): MapFinding[] => {
    const column = field[side];
    if (column === null || !flowsTo(field, side) || !shape.computed(column)) return [];
    return [{ code: 'M12', where: `fields[${index}]`, message: `${side} lets nobody write ${column}` }];
  });
}

/** DIPV1010 and DIPV1031 */
function checkMandatory(map: TableMap, side: Side, shape: TableShape): MapFinding[] {
  const key = map.fields.filter((field) => map.key.some((pair) => pair[side] === field[side]));
  if (!key.some((field) => field.finops !== null && field.dataverse !== null && flowsTo(field, side))) return [];
  const written = map.fields
    .filter((field) => flowsTo(field, side))
    .map((field) => field[side]?.split('.')[0]?.toLowerCase());
  const company = shape.companyColumn?.split('.')[0]?.toLowerCase();
  return (shape.mandatory ?? [])
    .filter((column) => column.toLowerCase() !== company && !written.includes(column.toLowerCase()))
    .map((column) => ({ code: 'M13', where: 'fields', message: `${side} takes no new row without ${column}` }));
}

/** A constant that the side's own filter refuses: the row would leave the map as soon as it is written. */
function checkConstants(map: TableMap, side: Side, shape: TableShape): MapFinding[] {
  const certain = certainOf(map, side);
  return map.fields.flatMap((field, index): MapFinding[] => {
    const column = field[side];
    if (column === null || field[otherSide(side)] !== null || field.transform?.type !== 'default') return [];
    const only = certain.only.get(column.toLowerCase());
    const never = certain.never.get(column.toLowerCase());
    const value = inFilterTerms(field.transform.value, shape.typeOf(column), [...(only ?? []), ...(never ?? [])]);
    if (value === null || (never?.has(value) !== true && only?.has(value) !== false)) return [];
    const message = `the constant "${field.transform.value}" of ${column} does not pass the filter of ${side}`;
    return [{ code: 'M18', where: `fields[${index}].transform`, message }];
  });
}

/** A filter may name members of an enum by number, a constant by symbol; null where nobody tells which is which. */
function inFilterTerms(constant: string, type: ColumnType | null, values: readonly string[]): string | null {
  const value = constant.toLowerCase();
  const isNumber = (text: string): boolean => /^-?\d+$/.test(text);
  if (values.length === 0 || isNumber(value) || !values.every(isNumber)) return value;
  const members = type?.kind === 'enum' ? Object.entries(type.members ?? {}) : [];
  const member = members.find(([symbol]) => symbol.toLowerCase() === value);
  return member === undefined ? null : String(member[1]);
}

/** What the filter of a side says for certain; nothing where it does not parse, which is a finding of its own. */
export function certainOf(map: TableMap, side: Side): FilterValues {
  const text = map[side].filter;
  if (text === null || text.trim() === '') return { only: new Map(), never: new Map() };
  try {
    return filterValues(parseFilter(text, side === 'finops' ? 'range' : 'odata'));
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    return { only: new Map(), never: new Map() };
  }
}

/** A constant is written whatever its direction says, so a wrong one misleads those who read the map. */
function checkDirections(map: TableMap): MapFinding[] {
  return map.fields.flatMap((field, index): MapFinding[] => {
    const side = SIDES.find((each) => field[each] !== null && field[otherSide(each)] === null);
    if (side === undefined || flowsTo(field, side)) return [];
    return [
      {
        code: 'M30',
        where: `fields[${index}].direction`,
        message: `the constant of ${field[side]} flows away from it`,
      },
    ];
  });
}

/** DIPV1023: a warning, as standard maps break it; the later row's value is the one that stays. */
function checkTwoWriters(map: TableMap): MapFinding[] {
  const seen = new Map<string, number>();
  return map.fields.flatMap((field, index): MapFinding[] => {
    if (field.finops === null || !flowsTo(field, 'finops')) return [];
    const name = field.finops.toLowerCase();
    const first = seen.get(name);
    seen.set(name, first ?? index);
    if (first === undefined) return [];
    return [{ code: 'M14', where: `fields[${index}]`, message: `${field.finops} is written by fields[${first}], too` }];
  });
}

function checkKeyColumns(map: TableMap, shapes: PerSide<TableShape>): MapFinding[] {
  const seen = new Set<string>();
  return map.key.flatMap((pair, index): MapFinding[] => {
    const where = `key[${index}]`;
    const name = `${pair.finops} ${pair.dataverse}`.toLowerCase();
    const twice: MapFinding[] = seen.has(name)
      ? [{ code: 'M28', where, message: 'the pair is part of the key twice' }]
      : [];
    seen.add(name);
    const mutable: MapFinding[] = isMutable(map, pair, shapes.finops)
      ? [{ code: 'M24', where, message: `${pair.finops} can be changed in F&O, which makes another record of the row` }]
      : [];
    return [...twice, ...mutable, ...ambiguous(map, pair, where)];
  });
}

function isMutable(map: TableMap, { finops, dataverse }: TableMap['key'][number], shape: TableShape): boolean {
  const mapped = map.fields.some((field) => field.finops === finops && field.dataverse === dataverse);
  return mapped && finops !== shape.companyColumn && shape.typeOf(finops) !== null && !shape.createOnly(finops);
}

/** Two values of the key that come to one on the other side: two records would be taken for one. */
function ambiguous(map: TableMap, pair: TableMap['key'][number], where: string): MapFinding[] {
  const field = map.fields.find((each) => each.finops === pair.finops && each.dataverse === pair.dataverse);
  if (field?.transform?.type !== 'value-map') return [];
  const texts = field.transform.pairs.map(([, text]) => text.toLowerCase());
  if (new Set(texts).size === texts.length) return [];
  return [{ code: 'M27', where, message: `the value map gives two values of ${pair.finops} the same key` }];
}

/** DIPV1015, DIPV1027 and DIPV1028: all rows that go through one lookup together must tell a key of its table. */
function checkLookups(map: TableMap, { lookupKeys }: TableShape): MapFinding[] {
  const paths = map.fields.map(({ dataverse }) => (dataverse ?? '').toLowerCase());
  return map.fields.flatMap((field, index): MapFinding[] => {
    const path = paths[index] ?? '';
    const { hops, targets } = parseLookupPath(path);
    if (hops.length === 0 || targets !== undefined || !flowsTo(field, 'dataverse')) return [];
    const keys = lookupKeys?.(path) ?? [];
    const prefix = `${hops.join('.')}.`;
    const told = paths.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length).split('.')[0]);
    if (keys.length < 2 || keys.some((key) => key.every((column) => told.includes(column)))) return [];
    const wanted = keys.slice(1).map((key) => key.join(' and '));
    const message = `${hops.at(-1)} finds its row by ${wanted.join(', or ')}, of which ${field.dataverse} is not all`;
    return [{ code: 'M31', where: `fields[${index}]`, message }];
  });
}

function checkEvents(map: TableMap): MapFinding[] {
  return map.events.flatMap((event, index): MapFinding[] => {
    const told = Object.keys(event.key).map((name) => name.toLowerCase());
    const missing = map.key.filter((pair) => !told.includes(pair.finops.toLowerCase())).map((pair) => pair.finops);
    if (missing.length === 0) return [];
    const message = `${event.businessEventId} does not tell ${missing.join(', ')} of the key`;
    return [{ code: 'M19', where: `events[${index}].key`, message }];
  });
}
