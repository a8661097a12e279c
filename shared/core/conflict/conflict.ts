import type { BasePair } from '../link/link.ts';
import type { CanonicalValue } from '../record/canonical-value.ts';
import type { RecordKey } from '../record/record-key.ts';
import type { PerSide, Side } from '../record/side.ts';

/** Why a value lost, or waits for a person. */
type ConflictRule =
  | 'finops-wins'
  | 'dataverse-wins'
  | 'newest-wins'
  | 'source-wins'
  | 'manual'
  /** First contact of two existing rows: the map's master decides. */
  | 'master'
  /** The field flows one way only; the other side's own value was overwritten. */
  | 'one-way'
  /** One side deleted the row, the other changed it: the change wins. */
  | 'update-beats-delete'
  /** The deletion was refused, because other records need the row. */
  | 'delete-refused'
  /** What a person decided came too late: a side shows another value than the person saw. */
  | 'decision-refused'
  /** The overwritten value was taken for our own unrecorded write; should it have been a person's, it is here. */
  | 'assumed-own-write';

/** A conflict as data: nothing that loses is lost. */
export interface Conflict {
  id: string;
  mapId: string;
  key: RecordKey;
  /** Field id, or null for a conflict about the whole row. */
  field: string | null;
  base: BasePair | null;
  values: BasePair;
  rule: ConflictRule;
  /** Null while a person has to decide, and where a decision was refused. */
  winner: Side | null;
  loserValue: CanonicalValue;
  modifiedAt: PerSide<string | null>;
  modifiedBy: PerSide<string | null>;
  atMs: number;
  /** Decided after a write whose outcome was unknown: one of the values may be our own. */
  afterUnknown: boolean;
}

/** What a conflict is before it has an id and an instant. */
export type ConflictDraft = Pick<Conflict, 'field' | 'base' | 'values' | 'rule' | 'winner' | 'loserValue'>;
