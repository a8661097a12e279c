/** How far a feed was read, and who reads it. */
export interface Checkpoint {
  /** Null before the first page. */
  cursor: string | null;
  /** A reading of all rows, of what was there before anybody listened too, is not at its end yet. */
  initial: boolean;
  /** When the feed was last read to its end, or refused; 0 before. */
  restedAtMs: number;
  /** Until when one run alone reads on; 0 when none does. */
  leaseUntilMs: number;
}

export interface StoredCheckpoint {
  checkpoint: Checkpoint;
  etag: string;
}

/** Checkpoints by name. Failing infrastructure throws. */
export interface CheckpointStore {
  load(name: string): Promise<StoredCheckpoint | null>;
  /** Saves if the checkpoint still has this etag (null: if there is none); the new etag, or null when it has not. */
  save(name: string, checkpoint: Checkpoint, etag: string | null): Promise<string | null>;
}
