import { canonicalValue, NotCanonicalError } from '../record/canonical-value.ts';
import { type ColumnType, TEXT } from '../record/column-type.ts';
import type { PerSide, Side } from '../record/side.ts';
import { SIDES } from '../record/side.ts';
import { deactivationOn, mergesOn, reopeningOn } from './compile-map.ts';
import type { TableShape } from './compiled-map.ts';
import { filterColumns } from './filter/filter.ts';
import { FilterSyntaxError } from './filter/filter-tokens.ts';
import { parseFilter } from './filter/parse-filter.ts';
import type { MapFinding } from './map-finding.ts';
import { isOneWay } from './one-way-transforms.ts';
import type { FieldMapping, TableMap, ValueTransform } from './table-map.ts';
import { transformMisfit } from './transform-misfit.ts';
import { checkMatchRule } from './validate-match-rule.ts';
import { checkNumbering } from './validate-numbering.ts';
import { checkValues } from './validate-values.ts';
import { checkWrites } from './validate-writes.ts';

/** Checks a map as a whole against the metadata of both sides; all findings at once, no error among them when it may run. */
export function validateMap(map: TableMap, shapes: PerSide<TableShape>): MapFinding[] {
  return [
    ...map.fields.flatMap((field, index) => checkField(field, `fields[${index}]`, shapes)),
    ...checkDuplicates(map),
    ...checkKey(map),
    ...checkCompany(map, shapes),
    ...SIDES.flatMap((side) => checkFilter(map, side, shapes[side])),
    ...checkPolicies(map, shapes),
    ...SIDES.flatMap((side) => checkDeactivation(map, side, shapes[side])),
    ...checkWrites(map, shapes),
    ...checkReopening(map, shapes.dataverse),
    ...checkMerging(map, shapes.dataverse),
    ...checkNumbering(map, shapes.finops),
    ...checkMatchRule(map),
  ];
}

function checkField(field: FieldMapping, where: string, shapes: PerSide<TableShape>): MapFinding[] {
  const findings: MapFinding[] = [];
  if (field.finops === null && field.dataverse === null) {
    findings.push({ code: 'M09', where, message: 'neither side names a column' });
  }
  if ((field.finops === null || field.dataverse === null) && field.transform?.type !== 'default') {
    findings.push({ code: 'M07', where, message: 'a row with one column needs a default value' });
  }
  for (const side of SIDES) {
    const column = field[side];
    if (column === null || shapes[side].typeOf(column) !== null) continue;
    findings.push({ code: 'M01', where, message: `${side} has no column ${column}` });
  }
  return [...findings, ...checkTransform(field, where, shapes), ...checkValues(field, where, shapes)];
}

function checkTransform(field: FieldMapping, where: string, shapes: PerSide<TableShape>): MapFinding[] {
  const { transform } = field;
  if (transform === undefined) return [];
  const type = (side: Side): ColumnType => {
    const column = field[side];
    return (column === null ? null : shapes[side].typeOf(column)) ?? TEXT;
  };
  const oneWay: MapFinding[] =
    field.direction === 'both' && isOneWay(transform)
      ? [{ code: 'M11', where, message: `the transform "${transform.type}" has no way back, but the field is two-way` }]
      : [];
  const wrong = transformMisfit(transform, { finops: type('finops'), dataverse: type('dataverse') });
  const misfit: MapFinding[] = wrong === null ? [] : [{ code: 'M07', where, message: wrong }];
  return [...oneWay, ...misfit, ...checkListedValues(transform, field, where, type)];
}

function checkListedValues(
  transform: ValueTransform,
  field: FieldMapping,
  where: string,
  type: (side: Side) => ColumnType,
): MapFinding[] {
  const values = listedValues(transform, field);
  return values.flatMap(([side, value]) => {
    try {
      canonicalValue(value, type(side));
      return [];
    } catch (error) {
      if (!(error instanceof NotCanonicalError)) throw error;
      return [{ code: 'M07' as const, where, message: `${side}: ${error.message}` }];
    }
  });
}

/** The values that stand in a transform, and the side whose column must be able to hold them. */
function listedValues(transform: ValueTransform, field: FieldMapping): [Side, string][] {
  if (transform.type === 'default') {
    return [[field.direction === 'dataverse-to-finops' ? 'finops' : 'dataverse', transform.value]];
  }
  if (transform.type !== 'value-map') return [];
  return transform.pairs.flatMap(([symbol, text]): [Side, string][] => [
    ['finops', symbol],
    ['dataverse', text],
  ]);
}

/** No column receives two values; one F&O field may feed several Dataverse columns, as standard maps do. */
function checkDuplicates(map: TableMap): MapFinding[] {
  const seen = new Set<string>();
  return map.fields.flatMap((field, index) => {
    const column = field.dataverse;
    if (column === null) return [];
    if (!seen.has(column)) {
      seen.add(column);
      return [];
    }
    return [{ code: 'M02' as const, where: `fields[${index}]`, message: `${column} is mapped twice` }];
  });
}

function checkKey(map: TableMap): MapFinding[] {
  const twoWay = map.fields.some((field) => field.direction === 'both');
  return map.key.flatMap((pair, index): MapFinding[] => {
    const where = `key[${index}]`;
    const field = map.fields.find((each) => each.finops === pair.finops && each.dataverse === pair.dataverse);
    if (field === undefined) {
      return [{ code: 'M03', where, message: `${pair.finops} and ${pair.dataverse} are not mapped to each other` }];
    }
    if (twoWay && field.direction !== 'both') {
      return [{ code: 'M04', where, message: `${pair.finops} flows one way, but the map has two-way fields` }];
    }
    return [];
  });
}

function checkCompany(map: TableMap, shapes: PerSide<TableShape>): MapFinding[] {
  const finops = shapes.finops.companyColumn !== null;
  const dataverse = shapes.dataverse.companyColumn !== null;
  const named = map.key.some((pair) => pair.finops === shapes.finops.companyColumn);
  if (finops === dataverse || named) return [];
  const [own, other] = finops ? ['finops', 'dataverse'] : ['dataverse', 'finops'];
  const message = `the ${own} rows belong to companies, the ${other} rows do not`;
  return [{ code: 'M05', where: 'key', message }];
}

function checkFilter(map: TableMap, side: Side, shape: TableShape): MapFinding[] {
  const text = map[side].filter;
  const where = `${side}.filter`;
  if (text === null || text.trim() === '') return [];
  try {
    const columns = filterColumns(parseFilter(text, side === 'finops' ? 'range' : 'odata'));
    const known = map.fields.flatMap((field) => field[side]?.toLowerCase() ?? []);
    return columns
      .filter((column) => shape.typeOf(column) === null && !known.includes(column.toLowerCase()))
      .map((column) => ({ code: 'M06' as const, where, message: `${side} has no column ${column}` }));
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    return [{ code: 'M06', where, message: error.message }];
  }
}

function checkDeactivation(map: TableMap, side: Side, shape: TableShape): MapFinding[] {
  const policy = side === 'dataverse' ? map.deletes.finopsToDataverse : map.deletes.dataverseToFinops;
  if (policy !== 'deactivate') return [];
  const where = `deactivation.${side}`;
  const { inactive, active } = deactivationOn(side, map, shape);
  const columns = Object.keys(inactive);
  if (columns.length === 0) {
    return [{ code: 'M10', where, message: `${side} has no statecode, so the map must say what makes a row inactive` }];
  }
  if (columns.some((column) => !(column in active)) || Object.keys(active).some((column) => !(column in inactive))) {
    return [{ code: 'M10', where, message: 'what makes a row inactive and active must be the same columns' }];
  }
  return columns.flatMap((column): MapFinding[] =>
    shape.typeOf(column) === null ? [{ code: 'M10', where, message: `${side} has no column ${column}` }] : [],
  );
}

function checkReopening(map: TableMap, shape: TableShape): MapFinding[] {
  if (reopeningOn('dataverse', map, shape) === null || shape.typeOf('statecode') !== null) return [];
  const message = `${map.dataverse.table} has no statecode, so none of its rows is inactive`;
  return [{ code: 'M10', where: 'dataverse.reopenToEdit', message }];
}

function checkMerging(map: TableMap, shape: TableShape): MapFinding[] {
  if (map.dataverse.merge === undefined || mergesOn('dataverse', map, shape) !== null) return [];
  const message = `${map.dataverse.table} has no merged and masterid, so its rows cannot be merged`;
  return [{ code: 'M10', where: 'dataverse.merge', message }];
}

function checkPolicies(map: TableMap, shapes: PerSide<TableShape>): MapFinding[] {
  const policies = [map.conflict.policy, ...Object.values(map.conflict.fields ?? {})];
  const blind = SIDES.filter((side) => !shapes[side].tellsModifiedAt);
  const findings: MapFinding[] = [];
  if (policies.includes('newest-wins') && blind.length > 0) {
    const message = `newest-wins needs a modified time, which ${blind.join(' and ')} does not tell`;
    findings.push({ code: 'M08', where: 'conflict', message });
  }
  const columns = new Set(map.fields.flatMap((field) => [field.finops, field.dataverse]));
  for (const column of Object.keys(map.conflict.fields ?? {})) {
    if (columns.has(column)) continue;
    findings.push({ code: 'M08', where: 'conflict.fields', message: `${column} is not mapped` });
  }
  return findings;
}
