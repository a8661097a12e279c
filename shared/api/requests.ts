import { z } from 'zod';

const side = z.enum(['finops', 'dataverse']);
const value = z.string().nullable();

/** What both sides showed when the person decided, F&O first. */
const seen = z.tuple([value, value]);

/** Names a record: its map, and its integration key values as the API shows them. */
export const recordQuery = z.object({ map: z.string().min(1), key: z.string().min(1) });

/** Conflicts that wait for a person; or all of a map, by pages of so many records. */
export const conflictsQuery = z.discriminatedUnion('state', [
  z.object({ state: z.literal('open').default('open'), map: z.string().min(1).optional() }),
  z.object({
    state: z.literal('all'),
    map: z.string().min(1),
    cursor: z.string().min(1).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(25),
  }),
]);

/** Which parked changes are meant. */
export const parkedQuery = z.object({
  map: z.string().min(1).optional(),
  reason: z.string().min(1).optional(),
  /** Numbered fault code, `TW205` for instance. */
  code: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

/** Names the parked change of one record. */
export const parkedRef = z.object({ map: z.string().min(1), identity: z.string().min(1) });

/** The parked change of one record, or all that pass a filter. */
const parkedSelection = z.union([parkedRef.strict(), z.strictObject({ filter: parkedQuery.strict() })]);

/** Releases parked changes: they are planned afresh. */
export const retryRequest = z.object({ select: parkedSelection });

/** Gives fields of a record that waits other values, and has it planned afresh. */
export const editRequest = z.strictObject({
  ...parkedRef.shape,
  edits: z.array(z.strictObject({ field: z.string().min(1), side, value, seen })).min(1),
});

/** Takes parked changes out; a later event of the record is planned as ever. */
export const dismissRequest = z.object({ select: parkedSelection, reason: z.string().min(3) });

/** Gives a field in conflict one side's value, or a value of the person's own in the terms of a side. */
export const resolveRequest = z.union([
  z.strictObject({ ...recordQuery.shape, seen, take: side }),
  z.strictObject({ ...recordQuery.shape, seen, side, value }),
]);

/** Brings a value back that lost. */
export const undoRequest = z.strictObject({ ...recordQuery.shape, seen });

/** Problems of a request, by where they are. */
export function problemsOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; ');
}
