import { createOutageDetector } from '../../shared/adapters/http/outage-detector.ts';
import { createMemorySideBlocks } from '../../shared/adapters/memory/memory-side-blocks.ts';
import { failure, type Result, success } from '../../shared/core/fault/fault.ts';
import { type PerSide, SIDES, type Side } from '../../shared/core/record/side.ts';
import type { Probe, SideBlocks } from '../../shared/ports/side-blocks.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** Until when a side is away, and what its client makes of that; the detector is the real one. */
export interface Outage {
  /** The side counts as gone: its client sends nothing. */
  isDeclared(): Promise<boolean>;
  /** Whether a call is answered; a client that notices that the side is gone says so to all. */
  answers(): Promise<boolean>;
  probe: Probe;
}

const OUTAGE_MAX_MS = 600_000;
const ANSWERED = { status: 200, headers: {}, text: '' } as const;
const NOT_THERE = { ...ANSWERED, status: 503 } as const;

/** Sides that are away for a while, and what is known of it, which outlives a killed process. */
export class Outages {
  readonly blocks: SideBlocks = createMemorySideBlocks();
  readonly sides: PerSide<Outage>;
  readonly probes: PerSide<Probe>;
  private readonly awayUntilMs: PerSide<number> = { finops: 0, dataverse: 0 };
  private readonly scheduler: Scheduler;
  private readonly random: Random;

  constructor(scheduler: Scheduler, random: Random) {
    this.scheduler = scheduler;
    this.random = random;
    this.sides = { finops: this.outageOf('finops'), dataverse: this.outageOf('dataverse') };
    this.probes = { finops: this.sides.finops.probe, dataverse: this.sides.dataverse.probe };
  }

  /** One of the sides goes away. */
  begin(): void {
    this.awayUntilMs[this.random.pick(SIDES)] = this.scheduler.nowMs + this.random.below(OUTAGE_MAX_MS);
  }

  end(): void {
    for (const side of SIDES) this.awayUntilMs[side] = 0;
  }

  /** A side is looked after: what waits for it is released as time goes. */
  async isOver(): Promise<boolean> {
    const standings = await Promise.all(SIDES.map((side) => this.blocks.standing(side)));
    return standings.every(({ standing }) => standing === 'online');
  }

  isThere(side: Side): boolean {
    return this.scheduler.nowMs >= this.awayUntilMs[side];
  }

  private outageOf(side: Side): Outage {
    const detector = createOutageDetector();
    return {
      isDeclared: async () => (await this.blocks.standing(side)).standing === 'offline',
      answers: async () => {
        const { nowMs } = this.scheduler;
        const there = this.isThere(side);
        const noticed = detector.note(success(there ? ANSWERED : NOT_THERE), nowMs);
        if (noticed) await this.blocks.declare(side, { standing: 'offline', sinceMs: nowMs });
        return there;
      },
      probe: async (): Promise<Result<null>> => {
        await this.scheduler.step(`probe ${side}`);
        if (this.isThere(side)) return success(null);
        return failure({ code: 'TW102', class: 'transient', message: 'not there' });
      },
    };
  }
}
