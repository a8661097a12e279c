import { success } from '../../core/fault/fault.ts';
import type { PerSide, Side } from '../../core/record/side.ts';
import type { Probe, SideBlocks, SideStanding } from '../../ports/side-blocks.ts';

/** Probes of sides that live within the process. */
export const ALWAYS_THERE: PerSide<Probe> = { finops: async () => success(null), dataverse: async () => success(null) };

/** Blocks and standings within the process. */
export function createMemorySideBlocks(): SideBlocks {
  const blocks = new Map<Side, number>();
  const standings = new Map<Side, SideStanding>();
  return {
    blockedUntil: async (side) => blocks.get(side) ?? 0,
    block: async (side, untilMs) => void blocks.set(side, Math.max(untilMs, blocks.get(side) ?? 0)),
    standing: async (side) => standings.get(side) ?? { standing: 'online', sinceMs: 0 },
    declare: async (side, standing) => void standings.set(side, standing),
  };
}
