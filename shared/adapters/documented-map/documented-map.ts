import { z } from 'zod';

/** A column name as tables of the documentation print it; blank and `none` are no column. */
const columnName = z
  .string()
  .nullish()
  .transform((name) => {
    const plain = (name ?? '').replace(/[`\s]/g, '');
    return plain === '' || plain.toLowerCase() === 'none' ? null : plain;
  });

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]).transform((value) => String(value ?? ''));

/** Pairs of F&O value and Dataverse value: an object, or a list where the order matters or a value repeats. */
const valueMap = z
  .union([
    z.record(z.string(), scalar).transform((pairs) => Object.entries(pairs)),
    z.array(z.tuple([scalar, scalar])),
    z.array(
      z.object({ fo: scalar, dataverse: scalar }).transform(({ fo, dataverse }): [string, string] => [fo, dataverse]),
    ),
  ])
  .nullish();

/** A row of a documented map. Nothing but its columns is needed: direction or symbol, and the rest if there is any. */
export const documentedRow = z.looseObject({
  fo: columnName,
  dataverse: columnName,
  direction: z.string().nullish(),
  mapType: z.string().nullish(),
  default: scalar.nullable().optional(),
  transform: z.string().nullish(),
  valueMap,
});
export type DocumentedRow = z.infer<typeof documentedRow>;

const filterByVersion = z.looseObject({ version: z.string(), filter: z.string().nullish() });
export type FilterByVersion = z.infer<typeof filterByVersion>;

/**
 * A table map as the public documentation of dual-write tells it, one JSON document a map. Rows are checked one by one,
 * so that a broken one does not hide the others.
 */
export const documentedMap = z.looseObject({
  fo: z
    .looseObject({ label: z.string().min(1).nullish(), entity: z.string().min(1).nullish() })
    .refine(({ label, entity }) => (label ?? entity) != null, {
      path: ['label'],
      error: 'neither label nor entity is told',
    }),
  dataverse: z.looseObject({
    table: z.string().min(1),
    label: z.string().nullish(),
    logicalName: z.string().min(1).nullish(),
  }),
  source: z.string().nullish(),
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+\.\d+$/)
    .nullish(),
  publisher: z.string().min(1).nullish(),
  variant: z.string().nullish(),
  fields: z.array(z.unknown()).min(1),
  filters: z
    .looseObject({
      fo: z.string().nullish(),
      dataverse: z.string().nullish(),
      foByVersion: z.array(filterByVersion).nullish(),
      dataverseByVersion: z.array(filterByVersion).nullish(),
    })
    .nullish(),
  keys: z
    .looseObject({
      dataverse: z.array(z.string().min(1)).nullish(),
      pairs: z.array(z.looseObject({ fo: z.string().min(1).nullish(), dataverse: z.string().min(1) })).nullish(),
      companyColumn: z.string().nullish(),
      source: z.string().nullish(),
    })
    .nullish(),
  unparsed: z.array(z.unknown()).nullish(),
});
export type DocumentedMap = z.infer<typeof documentedMap>;

/** Members that the schema does not name, by their path below `path`. */
export function unknownMembers(object: Record<string, unknown>, known: z.ZodObject): [string, unknown][] {
  return Object.entries(object).filter(([name]) => !(name in known.shape));
}
