import type { Result } from '../core/fault/fault.ts';
import type { Side } from '../core/record/side.ts';

/**
 * `offline`: an outage; its changes wait, and nothing but probes is sent. `recovering`: it answers again, and what
 * waited is being released.
 */
export type Standing = 'online' | 'offline' | 'recovering';

export interface SideStanding {
  standing: Standing;
  /** Milliseconds since 1970. */
  sinceMs: number;
}

/** How long a side asked not to be called, and whether it is there at all, known to all instances. */
export interface SideBlocks {
  /** Milliseconds since 1970 until which the side is not to be called; 0 when it may be. May lag some seconds behind. */
  blockedUntil(side: Side): Promise<number>;
  /** Blocks the side until then, should it not be blocked for longer. */
  block(side: Side, untilMs: number): Promise<void>;
  /** Whether the side is there. May lag as far behind. */
  standing(side: Side): Promise<SideStanding>;
  declare(side: Side, standing: SideStanding): Promise<void>;
}

/** Asks a side for something small, whatever its standing. Faults: as of a read. */
export type Probe = () => Promise<Result<null>>;
