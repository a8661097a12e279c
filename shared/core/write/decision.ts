import type { ConflictDraft } from '../conflict/conflict.ts';
import type { Fault } from '../fault/fault.ts';
import type { Base, Link } from '../link/link.ts';
import type { Values } from '../record/canonical-value.ts';
import type { RecordKey } from '../record/record-key.ts';
import type { Row } from '../record/row.ts';
import type { PerSide, Side } from '../record/side.ts';

/** Why a record has to wait, in the words of the parked change. */
type WaitReason = 'absence-unproven' | 'key-changed' | 'mapping' | 'manual' | 'alternating' | 'approval' | 'merged';

export type SettledOutcome = 'unchanged' | 'agreed' | 'filtered' | 'one-way' | 'gone' | 'deleted' | 'waiting';

export interface Wait {
  reason: WaitReason;
  fault: Fault;
}

/** What is to become of a record; the writes that it implies are built from it. */
export interface Decision {
  /** The link as it is saved when nothing is written, and the ground on which an intent is laid otherwise. */
  link: Link;
  outcome: SettledOutcome;
  conflicts: ConflictDraft[];
  /** Pairs of which each side has still to be given its half. */
  updates: PerSide<Base>;
  insert: { side: Side; from: Row } | null;
  delete: Side | null;
  deactivate: Side | null;
  /** Values besides the mapped ones that an update carries: those that make a row active again. */
  extra: Partial<PerSide<Values>>;
  backflow: boolean;
  /** Both rows bear another key than the link, and nothing else is left to do: the link is to be moved there. */
  rekey: RecordKey | null;
  /** Nothing of this is worth a link: two rows that were never one record. */
  forget: boolean;
  wait: Wait | null;
}
