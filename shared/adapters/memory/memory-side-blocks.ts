import type { Side } from '../../core/record/side.ts';
import type { SideBlocks } from '../../ports/side-blocks.ts';

/** Blocks within the process. */
export function createMemorySideBlocks(): SideBlocks {
  const blocks = new Map<Side, number>();
  return {
    blockedUntil: async (side) => blocks.get(side) ?? 0,
    block: async (side, untilMs) => void blocks.set(side, Math.max(untilMs, blocks.get(side) ?? 0)),
  };
}
