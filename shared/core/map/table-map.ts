import { z } from 'zod';

/** Which way a field's values flow. */
const SYNC_DIRECTIONS = ['both', 'finops-to-dataverse', 'dataverse-to-finops'] as const;
export type SyncDirection = (typeof SYNC_DIRECTIONS)[number];

/** Who wins when one field was changed on both sides. */
export const CONFLICT_POLICIES = ['finops-wins', 'dataverse-wins', 'newest-wins', 'source-wins', 'manual'] as const;
export type ConflictPolicy = (typeof CONFLICT_POLICIES)[number];

const valueTransform = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('value-map'),
    /** F&O symbol and Dataverse text; both compared without case; backwards the first listed pair wins. */
    pairs: z.array(z.tuple([z.string(), z.string()])).min(1),
  }),
  z.strictObject({
    type: z.literal('default'),
    /** Written where the source column is empty, or, with no source column, when a row is created. */
    value: z.string(),
  }),
  /** Upper or lower case; one way, as nobody can tell which case it was. */
  z.strictObject({ type: z.literal('case'), to: z.enum(['upper', 'lower']) }),
  /** The first `length` characters; one way, as the rest is lost. */
  z.strictObject({ type: z.literal('truncate'), length: z.int().min(1) }),
  /** `length` characters from the zero-based `start`, or all from there; one way. */
  z.strictObject({ type: z.literal('substring'), start: z.int().min(0), length: z.int().min(1).optional() }),
  /** Half away from zero, to `digits` after the point; one way. */
  z.strictObject({ type: z.literal('round'), digits: z.int().min(0).max(10) }),
  /** The Dataverse number is the F&O number times `by`. */
  z.strictObject({ type: z.literal('factor'), by: z.string().regex(/^(?=.*[1-9])\d+(\.\d+)?$/) }),
  /** One column is a date, the other an instant: the beginning of that day in the IANA zone. */
  z.strictObject({ type: z.literal('time-zone'), zone: z.string().min(1) }),
  /** A CEL expression over `value`; one way. */
  z.strictObject({ type: z.literal('expression'), cel: z.string().min(1).max(2000) }),
]);
export type ValueTransform = z.infer<typeof valueTransform>;

/**
 * What a dual-write solution says that means nothing to Twinwrite: kept as it came, so that an export says it again.
 */
const keptFromDualWrite = z.record(z.string(), z.unknown());

const fieldMapping = z.strictObject({
  /** F&O property; null where the value is a constant for Dataverse. */
  finops: z.string().min(1).nullable(),
  /** Dataverse column or lookup path (`lookup.column`); null where the value is a constant for F&O. */
  dataverse: z.string().min(1).nullable(),
  direction: z.enum(SYNC_DIRECTIONS),
  transform: valueTransform.optional(),
  dualWrite: keptFromDualWrite.optional(),
});
export type FieldMapping = z.infer<typeof fieldMapping>;

const eventBinding = z.strictObject({
  businessEventId: z.string().min(1),
  /** Member of the business event that holds the company; absent for entities that have none. */
  company: z.string().min(1).optional(),
  /** F&O key property to the member of the event that holds its value. */
  key: z.record(z.string(), z.string()),
});
export type EventBinding = z.infer<typeof eventBinding>;

/** `require-approval`: a person confirms each deletion before it is carried over. */
const deletePolicy = z.enum(['propagate', 'deactivate', 'ignore', 'require-approval']);
export type DeletePolicy = z.infer<typeof deletePolicy>;

/** `park`: a person decides. `relink`: the other side's row is let go of, and stays as it is. */
const mergePolicy = z.enum(['park', 'relink']);
export type MergePolicy = z.infer<typeof mergePolicy>;

/** What makes a row inactive and active again: columns and their values. */
const deactivation = z.strictObject({
  inactive: z.record(z.string(), z.string()),
  active: z.record(z.string(), z.string()),
});

/** Deletions beyond it within the window wait for a person: somebody may have emptied a table by mistake. */
const deleteGuard = z.strictObject({
  count: z.int().min(1),
  /** Of the map's records; not applied to the first ten. Null: the number alone counts. */
  percent: z.number().min(0.1).max(100).nullable(),
  windowMinutes: z.int().min(1),
});
export type DeleteGuard = z.infer<typeof deleteGuard>;

/** `column` is filled by the number sequence where it is left out; `matchColumn` bears the id of the Dataverse row. */
const numberSequence = z.strictObject({ column: z.string().min(1), matchColumn: z.string().min(1) });

/**
 * A table map: one F&O entity and one Dataverse table, whose rows are one record where their integration keys are
 * equal. Where the entity belongs to a company, the company is part of the key without being listed.
 */
export const tableMapSchema = z.strictObject({
  $schema: z.string().optional(),
  id: z.string().regex(/^[a-z0-9]+(?:-+[a-z0-9_]+)*$/),
  version: z.string().regex(/^\d+\.\d+\.\d+\.\d+$/),
  publisher: z.string().min(1),
  title: z.string().min(1),
  note: z.string().optional(),
  finops: z.strictObject({
    entity: z.string().min(1),
    filter: z.string().nullable(),
    /** F&O numbers the records that Dataverse creates without a key. */
    numberSequence: numberSequence.optional(),
  }),
  dataverse: z.strictObject({
    table: z.string().min(1),
    filter: z.string().nullable(),
    /**
     * The table refuses edits of inactive rows: they are made active, edited and closed again in one transaction. Most
     * tables, accounts among them, take such edits and do not need it.
     */
    reopenToEdit: z.boolean().optional(),
    /** Where two rows of the table were merged, for the one that was not kept; without it `park`. */
    merge: mergePolicy.optional(),
  }),
  key: z.array(z.strictObject({ finops: z.string().min(1), dataverse: z.string().min(1) })).min(1),
  /**
   * Before a row is created, one with equal values in these fields is looked for, whatever its key. By F&O property or
   * Dataverse column.
   */
  matchBy: z.array(z.string().min(1)).min(1).optional(),
  fields: z.array(fieldMapping).min(1),
  conflict: z.strictObject({
    policy: z.enum(CONFLICT_POLICIES),
    /** By F&O property or Dataverse column. */
    fields: z.record(z.string(), z.enum(CONFLICT_POLICIES)).optional(),
  }),
  master: z.enum(['finops', 'dataverse']),
  deletes: z.strictObject({ finopsToDataverse: deletePolicy, dataverseToFinops: deletePolicy }),
  /** Needed by the policy `deactivate`; a Dataverse table with a `statecode` has it by nature. */
  deactivation: z.strictObject({ finops: deactivation.optional(), dataverse: deactivation.optional() }).default({}),
  deleteGuard: deleteGuard.default({ count: 100, percent: 20, windowMinutes: 60 }),
  events: z.array(eventBinding).default([]),
  /** What a conversion had to guess, in words, until somebody confirms it by taking it out. */
  inferred: z.array(z.string()).optional(),
  dualWrite: keptFromDualWrite.optional(),
});

/** A table map as it is stored, shipped and edited. */
export type TableMap = z.infer<typeof tableMapSchema>;
