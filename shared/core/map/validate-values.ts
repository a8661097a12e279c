import type { ColumnType } from '../record/column-type.ts';
import { otherSide, type PerSide, SIDES, type Side } from '../record/side.ts';
import type { TableShape } from './compiled-map.ts';
import type { MapFinding } from './map-finding.ts';
import type { FieldMapping } from './table-map.ts';

/** What may go wrong with single values of a field: none of it keeps the map from running. */
export function checkValues(field: FieldMapping, where: string, shapes: PerSide<TableShape>): MapFinding[] {
  const { finops, dataverse } = field;
  if (finops === null || dataverse === null) return [];
  const types = { finops: shapes.finops.typeOf(finops), dataverse: shapes.dataverse.typeOf(dataverse) };
  return [
    ...checkPairs(field, where),
    ...(types.finops === null || types.dataverse === null
      ? []
      : checkTypes(field, where, { finops: types.finops, dataverse: types.dataverse })),
  ];
}

/** DIPV1029, and pairs that no value ever reaches. */
function checkPairs({ transform, direction }: FieldMapping, where: string): MapFinding[] {
  if (transform?.type !== 'value-map') return [];
  const forwards = new Map<string, string>();
  const backwards = new Set<string>();
  return transform.pairs.flatMap(([symbol, text], index): MapFinding[] => {
    const at = `${where}.transform.pairs[${index}]`;
    const [from, to] = [symbol.toLowerCase(), text.toLowerCase()];
    const known = forwards.get(from);
    const returns = direction !== 'finops-to-dataverse' && !backwards.has(to);
    if (known === undefined) forwards.set(from, to);
    backwards.add(to);
    if (known === to)
      return [{ code: 'M15', where: at, message: `the pair "${symbol}" and "${text}" is listed twice` }];
    if (known === undefined || returns) return [];
    return [{ code: 'M16', where: at, message: `"${symbol}" is listed before, so this pair is never used` }];
  });
}

function checkTypes(field: FieldMapping, where: string, types: PerSide<ColumnType>): MapFinding[] {
  const flowsTo = (side: Side): boolean =>
    field.direction === 'both' || field.direction === `${otherSide(side)}-to-${side}`;
  const targets = SIDES.filter(flowsTo);
  return [
    ...checkKinds(field, where, types, targets),
    ...targets.flatMap((side) => checkScale(field, where, types[otherSide(side)], types[side], side)),
    ...targets.flatMap((side) => checkListed(field, where, types[otherSide(side)], otherSide(side))),
  ];
}

/** The kinds whose values another kind holds as they are; text holds all. */
const HELD_BY: Readonly<Record<ColumnType['kind'], readonly ColumnType['kind'][]>> = {
  text: ['enum', 'guid', 'options'],
  enum: [],
  integer: ['decimal', 'option'],
  option: ['integer', 'decimal', 'options'],
  options: [],
  decimal: [],
  boolean: [],
  date: [],
  instant: [],
  guid: [],
};

/** DIPV1030: a warning, as standard maps break it, and a value that does not fit is a fault of its row alone. */
function checkKinds(
  { transform }: FieldMapping,
  where: string,
  types: PerSide<ColumnType>,
  targets: readonly Side[],
): MapFinding[] {
  if (transform !== undefined && transform.type !== 'default') return [];
  const wrong = targets.find((side) => {
    const [from, to] = [types[otherSide(side)].kind, types[side].kind];
    return from !== to && to !== 'text' && !HELD_BY[from].includes(to);
  });
  if (wrong === undefined) return [];
  const message = `${wrong} cannot hold ${types[otherSide(wrong)].kind} values in a column of kind ${types[wrong].kind}`;
  return [{ code: 'M17', where, message }];
}

function checkScale(
  { transform }: FieldMapping,
  where: string,
  from: ColumnType,
  to: ColumnType,
  side: Side,
): MapFinding[] {
  if (transform?.type === 'round' || transform?.type === 'factor') return [];
  const digits = (type: ColumnType): number | null =>
    type.kind === 'decimal' ? type.scale : type.kind === 'integer' ? 0 : null;
  const [given, kept] = [digits(from), digits(to)];
  if (given === null || kept === null || kept >= given) return [];
  return [{ code: 'M25', where, message: `${side} keeps ${kept} digits after the point, the other side ${given}` }];
}

/** Values of the source column that the value map has no entry for: their rows wait with the fault TW301. */
function checkListed({ transform }: FieldMapping, where: string, from: ColumnType, side: Side): MapFinding[] {
  if (transform?.type !== 'value-map') return [];
  const possible =
    from.kind === 'enum' ? Object.keys(from.members ?? {}) : from.kind === 'boolean' ? ['true', 'false'] : [];
  const listed = transform.pairs.map(([symbol, text]) => (side === 'finops' ? symbol : text).toLowerCase());
  const missing = possible.filter((value) => !listed.includes(value.toLowerCase()));
  if (missing.length === 0) return [];
  return [{ code: 'M26', where: `${where}.transform`, message: `no entry for ${missing.join(', ')} of ${side}` }];
}
