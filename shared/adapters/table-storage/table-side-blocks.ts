import type { Side } from '../../core/record/side.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SideBlocks, SideStanding, Standing } from '../../ports/side-blocks.ts';
import { type OperationCounts, openTable, type TableConnection } from './table.ts';

export interface TableSideBlocks extends SideBlocks {
  /** Creates the table if it does not exist yet. */
  ensureTables(): Promise<void>;
  /** Requests to the service so far, by table and kind. */
  operations(): OperationCounts;
}

/** So old may what this instance read of the others' be: a side that throttles one of them would soon throttle it, too. */
const READ_LIFE_MS = 5_000;

interface SideRow {
  untilMs: number;
  standing: SideStanding;
}

/** A row for each side in the table `sides`. What this instance was told itself, it knows at once. */
export function createTableSideBlocks(options: { connection: TableConnection; clock: Clock }): TableSideBlocks {
  const counts: OperationCounts = {};
  const table = openTable(options.connection, 'sides', counts);
  const known = new Map<Side, SideRow & { readAtMs: number }>();
  const nameOf = (side: Side) => ({ partitionKey: 'side', rowKey: side });
  const read = async (side: Side): Promise<SideRow> => {
    const row = await table.get(nameOf(side));
    const standing = (row?.['standing'] ?? 'online') as Standing;
    return { untilMs: Number(row?.['untilMs'] ?? 0), standing: { standing, sinceMs: Number(row?.['sinceMs'] ?? 0) } };
  };
  const keep = (side: Side, row: SideRow): SideRow => {
    known.set(side, { ...row, readAtMs: options.clock.nowMs() });
    return row;
  };
  const current = async (side: Side): Promise<SideRow> => {
    const last = known.get(side);
    const fresh = last !== undefined && options.clock.nowMs() - last.readAtMs < READ_LIFE_MS;
    return fresh ? last : keep(side, await read(side));
  };
  return {
    ensureTables: () => table.ensure(),
    operations: () => ({ ...counts }),
    async blockedUntil(side) {
      const untilMs = known.get(side)?.untilMs ?? 0;
      return untilMs > options.clock.nowMs() ? untilMs : (await current(side)).untilMs;
    },
    async block(side, untilMs) {
      const last = known.get(side);
      if (untilMs <= (last?.untilMs ?? 0)) return;
      const row = await read(side);
      keep(side, { ...row, untilMs: Math.max(untilMs, row.untilMs) });
      // Two instances that are told at once may overwrite each other's: the shorter block is found out soon enough.
      if (untilMs > row.untilMs) await table.save({ ...nameOf(side), untilMs: String(untilMs) }, 'Merge');
    },
    standing: async (side) => (await current(side)).standing,
    async declare(side, standing) {
      await table.save({ ...nameOf(side), standing: standing.standing, sinceMs: String(standing.sinceMs) }, 'Merge');
      keep(side, { ...(await current(side)), standing });
    },
  };
}
