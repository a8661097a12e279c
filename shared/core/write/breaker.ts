import type { IntendedWrite, RecentWrite } from '../link/link.ts';
import { half } from '../link/link.ts';
import { fingerprint } from '../record/fingerprint.ts';
import { type PerSide, SIDES } from '../record/side.ts';

/** The same values written this often within the window are taken for two automations undoing each other. */
export interface BreakerSettings {
  repeats: number;
  windowMs: number;
}

export const BREAKER: BreakerSettings = { repeats: 5, windowMs: 300_000 };

/** How many of a record's own writes are remembered. */
export const RECENT_WRITES_MAX = 16;

/** Counts our writes on both sides of one record, by what they write. */
export function isAlternating(
  recent: readonly RecentWrite[],
  writes: Partial<PerSide<IntendedWrite>>,
  nowMs: number,
  settings: BreakerSettings,
): boolean {
  const digest = writesDigest(writes);
  const repeats = recent.filter((write) => write.digest === digest && write.atMs > nowMs - settings.windowMs);
  return repeats.length >= settings.repeats;
}

/** What is written, whatever the versions: equal for two writes of the same values to the same side. */
export function writesDigest(writes: Partial<PerSide<IntendedWrite>>): string {
  const parts = SIDES.flatMap((side) => {
    const write = writes[side];
    if (write === undefined) return [];
    const fields = Object.keys(write.pairs).sort();
    return [[side, write.operation, ...fields.map((field) => [field, half(write.pairs[field], side)])]];
  });
  return fingerprint(JSON.stringify(parts));
}
