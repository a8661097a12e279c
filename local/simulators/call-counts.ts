import type { SimChange } from './exchange.ts';
import type { Side } from './fault-plan.ts';

/** Calls and writes since the last mark. */
export interface CallCounts {
  /** Notes a request that reached the side (or would have: refused ones count too). */
  request(side: Side, method: string, path: string, body: Buffer): void;
  status(side: Side, status: number): void;
  change(change: SimChange): void;
  /** `refused`: answered with another status than 2xx. `failed`: no answer. `lost`: dropped by the fault plan. */
  webhook(side: Side, outcome: 'sent' | 'delivered' | 'refused' | 'failed' | 'lost' | 'duplicated'): void;
  /** Starts again from zero. */
  mark(atMs: number): void;
  report(withRows: boolean): Record<string, unknown>;
}

interface SideCounts {
  calls: number;
  byVerb: Record<string, number>;
  byStatus: Record<string, number>;
  /** Requests inside batches; a batch itself is one call. */
  batchParts: number;
  webhooks: Record<'sent' | 'delivered' | 'refused' | 'failed' | 'lost' | 'duplicated', number>;
  /** By table and key. */
  writesPerRow: Map<string, number>;
}

/** Counters at zero. */
export function createCallCounts(nowMs: number): CallCounts {
  let since = nowMs;
  let sides: Record<Side, SideCounts> = { dataverse: zero(), finops: zero() };
  return {
    request: (side, method, path, body) => {
      const counts = sides[side];
      counts.calls += 1;
      add(counts.byVerb, path.endsWith('/$batch') ? '$batch' : method);
      if (path.endsWith('/$batch')) {
        counts.batchParts += body.toString('latin1').match(/^[A-Z]+ \S+ HTTP\/1\.\d\r?$/gm)?.length ?? 0;
      }
    },
    status: (side, status) => add(sides[side].byStatus, String(status)),
    change: (change) => {
      const rows = sides[change.side].writesPerRow;
      const key = `${change.table}/${change.key}`;
      rows.set(key, (rows.get(key) ?? 0) + 1);
    },
    webhook: (side, outcome) => add(sides[side].webhooks, outcome),
    mark: (atMs) => {
      since = atMs;
      sides = { dataverse: zero(), finops: zero() };
    },
    report: (withRows) => ({
      since: new Date(since).toISOString(),
      dataverse: reportSide(sides.dataverse, withRows),
      finops: reportSide(sides.finops, withRows),
    }),
  };
}

function zero(): SideCounts {
  return {
    calls: 0,
    byVerb: {},
    byStatus: {},
    batchParts: 0,
    webhooks: { sent: 0, delivered: 0, refused: 0, failed: 0, lost: 0, duplicated: 0 },
    writesPerRow: new Map(),
  };
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function reportSide(counts: SideCounts, withRows: boolean): Record<string, unknown> {
  const { writesPerRow, ...rest } = counts;
  let writes = 0;
  let mostWritesOfOneRow = 0;
  for (const count of writesPerRow.values()) {
    writes += count;
    mostWritesOfOneRow = Math.max(mostWritesOfOneRow, count);
  }
  return {
    ...rest,
    writes,
    rowsWritten: writesPerRow.size,
    mostWritesOfOneRow,
    ...(withRows ? { writesPerRow: Object.fromEntries(writesPerRow) } : {}),
  };
}
