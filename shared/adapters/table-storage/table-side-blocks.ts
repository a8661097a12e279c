import type { Side } from '../../core/record/side.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SideBlocks } from '../../ports/side-blocks.ts';
import { type OperationCounts, openTable, type TableConnection } from './table.ts';

export interface TableSideBlocks extends SideBlocks {
  /** Creates the table if it does not exist yet. */
  ensureTables(): Promise<void>;
  /** Requests to the service so far, by table and kind. */
  operations(): OperationCounts;
}

/** So old may what this instance read of the others' be: a side that throttles one of them would soon throttle it, too. */
const READ_LIFE_MS = 5_000;

/** Blocks in the table `sides`: a row for each side. What this instance was told itself, it knows at once. */
export function createTableSideBlocks(options: { connection: TableConnection; clock: Clock }): TableSideBlocks {
  const counts: OperationCounts = {};
  const table = openTable(options.connection, 'sides', counts);
  const known = new Map<Side, { untilMs: number; readAtMs: number }>();
  const nameOf = (side: Side) => ({ partitionKey: 'blocked', rowKey: side });
  const read = async (side: Side): Promise<number> => Number((await table.get(nameOf(side)))?.['untilMs'] ?? 0);
  return {
    ensureTables: () => table.ensure(),
    operations: () => ({ ...counts }),
    async blockedUntil(side) {
      const nowMs = options.clock.nowMs();
      const last = known.get(side);
      if (last !== undefined && (last.untilMs > nowMs || nowMs - last.readAtMs < READ_LIFE_MS)) return last.untilMs;
      const untilMs = await read(side);
      known.set(side, { untilMs, readAtMs: nowMs });
      return untilMs;
    },
    async block(side, untilMs) {
      const nowMs = options.clock.nowMs();
      if (untilMs <= (known.get(side)?.untilMs ?? 0)) return;
      known.set(side, { untilMs, readAtMs: nowMs });
      // Two instances that are told at once may overwrite each other's: the shorter block is found out soon enough.
      if (untilMs > (await read(side))) await table.save({ ...nameOf(side), untilMs: String(untilMs) }, 'Replace');
    },
  };
}
