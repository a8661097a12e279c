import { hash } from 'node:crypto';

/** A short, stable digest of a text: 16 hexadecimal characters. */
export function fingerprint(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 16);
}

/**
 * Lanes per map: fixed at installation, because a record's partition is named by its lane. A lane takes some 400 changes
 * a second (2,000 rows a second and partition, "Scalability and performance targets for Table storage"; about five rows
 * a change), far more than either system does; and each lane that a batch touches costs it two transactions.
 */
export const LANES = 2;

/** The lane of a record: spreads the records of one map evenly over its partitions. */
export function laneOf(key: string): number {
  return Number.parseInt(fingerprint(key).slice(0, 4), 16) % LANES;
}
