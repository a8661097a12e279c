import type { Side } from '../core/record/side.ts';

/** How long a side asked not to be called, known to all instances. */
export interface SideBlocks {
  /** Milliseconds since 1970 until which the side is not to be called; 0 when it may be. May lag some seconds behind. */
  blockedUntil(side: Side): Promise<number>;
  /** Blocks the side until then, should it not be blocked for longer. */
  block(side: Side, untilMs: number): Promise<void>;
}
