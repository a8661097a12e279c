import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import {
  type FieldMapping,
  type SyncDirection,
  tableMapSchema,
  type ValueTransform,
} from '../../core/map/table-map.ts';

/**
 * A row of `fieldMappings` with all its looseness: the direction is a number in most exports and a text in some, names
 * may be absent, empty or null, and there may be members that nobody documents.
 */
const mappingRow = z.looseObject({
  syncDirection: z
    .union([z.number(), z.string()])
    .transform(Number)
    .pipe(z.union([z.literal(1), z.literal(2), z.literal(3)])),
  sourceField: z.string().nullish(),
  destinationField: z.string().nullish(),
  valueTransforms: z.array(z.looseObject({})).nullish(),
});

/** Our own member of a row: the whole field, where the format of dual-write cannot say all of it. */
const OURS = 'twinwrite';

const DIRECTIONS: Readonly<Record<1 | 2 | 3, SyncDirection>> = {
  1: 'finops-to-dataverse',
  2: 'dataverse-to-finops',
  3: 'both',
};
const NUMBERS: Readonly<Record<SyncDirection, 1 | 2 | 3>> = {
  'finops-to-dataverse': 1,
  'dataverse-to-finops': 2,
  both: 3,
};

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads one row. A field that was exported by us is taken as it was, as long as the row still says what it said then.
 * @throws z.ZodError where the row has not the shape of a row.
 */
export function fieldFromRow(row: Json): FieldMapping {
  const { [OURS]: ours, ...plain } = row;
  const field = tableMapSchema.shape.fields.element.safeParse(ours);
  if (field.success && isDeepStrictEqual(writtenRow(field.data), plain)) return field.data;
  const { sourceField, destinationField, syncDirection, valueTransforms, ...others } = mappingRow.parse(plain);
  const transform = transformFrom(valueTransforms ?? []);
  const kept: Record<string, unknown> = { ...others };
  if (kept['isSystemGenerated'] === false) delete kept['isSystemGenerated'];
  if (plain['syncDirection'] !== syncDirection) kept['syncDirection'] = plain['syncDirection'];
  if (!isDeepStrictEqual(valueTransforms ?? undefined, writtenTransforms(transform))) {
    kept['valueTransforms'] = valueTransforms;
  }
  return {
    finops: blankToNull(sourceField),
    dataverse: blankToNull(destinationField),
    direction: DIRECTIONS[syncDirection],
    ...(transform === undefined ? {} : { transform }),
    ...(Object.keys(kept).length === 0 ? {} : { dualWrite: kept }),
  };
}

/** Writes one row; what the format cannot say of the field goes along under our own member. */
export function rowFromField(field: FieldMapping): Json {
  const row = writtenRow(field);
  return saysAll(row, field) ? row : { ...row, [OURS]: field };
}

function saysAll(row: Json, field: FieldMapping): boolean {
  try {
    return isDeepStrictEqual(fieldFromRow(row), field);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return false;
  }
}

function writtenRow({ finops, dataverse, direction, transform, dualWrite = {} }: FieldMapping): Json {
  const { syncDirection, valueTransforms, ...others } = dualWrite;
  const kept = Array.isArray(valueTransforms) ? (valueTransforms as Json[]) : undefined;
  const unchanged = kept !== undefined && isDeepStrictEqual(transformFrom(kept), transform);
  const transforms = unchanged ? kept : writtenTransforms(transform);
  const number = NUMBERS[direction];
  return {
    syncDirection: Number(syncDirection) === number ? syncDirection : number,
    sourceField: finops ?? '',
    destinationField: dataverse ?? '',
    ...(transforms === undefined ? {} : { valueTransforms: transforms }),
    isSystemGenerated: false,
    ...others,
  };
}

function blankToNull(name: string | null | undefined): string | null {
  return name === null || name === undefined || name.trim() === '' ? null : name.trim();
}

const valueMap = z.looseObject({
  transformType: z.literal('ValueMap'),
  valueMap: z.record(z.string(), z.coerce.string()),
});
const defaultValue = z.looseObject({ transformType: z.literal('Default'), defaultValue: z.coerce.string() });

/** The one transform of a row; some exports tell its type only by the contract's name in `$type`. */
function transformFrom(transforms: readonly Json[]): ValueTransform | undefined {
  const [first] = transforms;
  if (first === undefined) return undefined;
  const byContract = /\.(ValueMap|Default)\w*TransformDetails/.exec(String(first['$type'] ?? ''))?.[1];
  const read = z.union([valueMap, defaultValue]).parse({ transformType: byContract, ...first });
  if ('valueMap' in read && read.transformType === 'ValueMap') {
    const pairs = Object.entries(read.valueMap as Record<string, string>);
    return pairs.length === 0 ? undefined : { type: 'value-map', pairs };
  }
  return { type: 'default', value: String(read['defaultValue']) };
}

/** Undefined for transforms that dual-write does not have. */
function writtenTransforms(transform: ValueTransform | undefined): Json[] | undefined {
  if (transform?.type === 'value-map') {
    const valueMap = Object.fromEntries([...transform.pairs].reverse());
    const ordered = Object.fromEntries(transform.pairs.map(([symbol]) => [symbol, valueMap[symbol]]));
    return [{ transformType: 'ValueMap', valueMap: ordered, createValuesOnDestination: false }];
  }
  if (transform?.type === 'default') return [{ transformType: 'Default', defaultValue: transform.value }];
  return undefined;
}
