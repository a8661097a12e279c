import type { FaultCode } from '../../core/fault/fault-codes.ts';
import type { Side } from '../../core/record/side.ts';
import { keyPart, sortableMs } from './key-text.ts';
import { type OperationCounts, openTable, type TableConnection } from './table.ts';

/** A body that is not what its sender should post. */
export interface RejectedEvent {
  id: string;
  /** The sender. */
  side: Side;
  reason: FaultCode;
  /** The beginning of the body; cut to 4 KiB. */
  firstBytes: Uint8Array;
  /** Bytes of the whole body, and its digest in hexadecimal. */
  length: number;
  sha256: string;
  /** Milliseconds since 1970. */
  atMs: number;
}

/** Keeps rejected events for a person to look at. */
export interface RejectedStore {
  ensureTables(): Promise<void>;
  operations(): OperationCounts;
  /** Keeps the event, or only counts it when its sender has had its share of this minute. */
  keep(event: RejectedEvent): Promise<'kept' | 'counted'>;
}

const FIRST_BYTES_MAX = 4096;
const KEPT_PER_MINUTE = 60;
const MINUTE_MS = 60_000;

/** Rows of the table `rejected`, newest first in each sender's partition. */
export function createTableRejectedStore({ connection }: { connection: TableConnection }): RejectedStore {
  const counts: OperationCounts = {};
  const table = openTable(connection, 'rejected', counts);
  const admit = createLimiter();
  return {
    ensureTables: () => table.ensure(),
    operations: () => ({ ...counts }),
    async keep(event) {
      const admitted = admit(event.side, event.atMs);
      if (admitted === null) return 'counted';
      const { id, side, reason, firstBytes, length, sha256, atMs } = event;
      await table.save(
        {
          partitionKey: side,
          rowKey: `${sortableMs(Number.MAX_SAFE_INTEGER - atMs)}!${keyPart(id)}`,
          id,
          reason,
          firstBytes: firstBytes.subarray(0, FIRST_BYTES_MAX),
          length,
          sha256,
          at: new Date(atMs).toISOString(),
          onlyCountedBefore: admitted.onlyCounted,
        },
        'Replace',
      );
      return 'kept';
    },
  };
}

interface Window {
  minute: number;
  kept: number;
  onlyCounted: number;
}

/** Admits so many a minute and sender; what was only counted is told with the next that is kept. */
function createLimiter(): (sender: Side, atMs: number) => { onlyCounted: number } | null {
  const windows = new Map<Side, Window>();
  return (sender, atMs) => {
    const minute = Math.floor(atMs / MINUTE_MS);
    const known = windows.get(sender) ?? { minute, kept: 0, onlyCounted: 0 };
    const window = known.minute === minute ? known : { minute, kept: 0, onlyCounted: known.onlyCounted };
    windows.set(sender, window);
    if (window.kept >= KEPT_PER_MINUTE) {
      window.onlyCounted += 1;
      return null;
    }
    const { onlyCounted } = window;
    window.kept += 1;
    window.onlyCounted = 0;
    return { onlyCounted };
  };
}
