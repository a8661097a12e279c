import type { SyncBatch } from '../core/change/change.ts';

/** Starts the orchestrations that synchronise batches. */
export interface Orchestrations {
  /** Starts one; an instance with this id that is still running makes it a no-op. */
  start(instanceId: string, batch: SyncBatch): Promise<void>;
  /** How many are open now. */
  countOpen(): Promise<number>;
}
