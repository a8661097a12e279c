import type { SyncBatch } from '../../shared/core/change/change.ts';
import type { PerSide } from '../../shared/core/record/side.ts';
import type { Dependencies } from '../../shared/pipeline/dependencies.ts';
import { type EffectCommand, handleCommand } from '../../shared/pipeline/handle-command.ts';
import { type SyncAnswer, type SyncCommand, type SyncReport, syncChanges } from '../../shared/pipeline/sync-changes.ts';
import type { FaultRates } from './fault-rates.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { CalledSide, Caller } from './simulated-side.ts';

export interface InstanceOptions {
  id: string;
  batch: SyncBatch;
  deps: Dependencies;
  sides: PerSide<CalledSide>;
  scheduler: Scheduler;
  random: Random;
  rates: FaultRates;
  thorough: boolean;
  onViolation(violation: string): void;
  onEnd(): void;
}

type Turn = IteratorResult<SyncCommand, SyncReport>;

/** One orchestration: what it was answered survives a kill, and is told again to a new generator. */
export class SimulatedInstance {
  private readonly options: InstanceOptions;
  private readonly deps: Dependencies;
  private readonly history: SyncAnswer[] = [];
  /** What was asked for, as text; for comparing replays. */
  private readonly asked: string[] = [];
  private readonly caller: Caller = { blockedUntilMs: { finops: 0, dataverse: 0 } };
  private generator: Generator<SyncCommand, SyncReport, SyncAnswer> | null = null;
  private waiting = false;

  constructor(options: InstanceOptions) {
    this.options = options;
    const { sides } = options;
    this.deps = {
      ...options.deps,
      sides: { finops: sides.finops.calledBy(this.caller), dataverse: sides.dataverse.calledBy(this.caller) },
    };
  }

  /** A new process takes the orchestration up; a durable timer goes on by itself. */
  restart(): void {
    this.generator = null;
    if (this.waiting) return;
    // Whoever had learnt of a pause died before it was saved.
    this.caller.blockedUntilMs = { finops: 0, dataverse: 0 };
    this.carryOn(this.replay());
  }

  private replay(): Turn {
    const generator = syncChanges(this.options.batch, this.options.id);
    this.generator = generator;
    let turn: Turn = generator.next();
    this.history.forEach((answer, index) => {
      this.compare(turn, index);
      turn = generator.next(answer);
    });
    return turn;
  }

  private compare(turn: Turn, index: number): void {
    if (!this.options.thorough || JSON.stringify(turn.value) === this.asked[index]) return;
    this.options.onViolation(`I8: ${this.options.id} asks for something else when replayed`);
  }

  private carryOn(turn: Turn): void {
    if (turn.done === true) {
      this.options.onEnd();
      return;
    }
    const { thorough, scheduler } = this.options;
    let command = turn.value;
    if (thorough) {
      const text = JSON.stringify(command);
      this.asked[this.history.length] = text;
      command = JSON.parse(text) as SyncCommand;
    }
    if (command.kind !== 'wait') {
      void this.carryOut(command);
      return;
    }
    this.waiting = true;
    scheduler.at(scheduler.nowMs + command.delayMs, () => {
      this.waiting = false;
      this.answered({ kind: 'waited' });
    });
  }

  private async carryOut(command: EffectCommand): Promise<void> {
    const { scheduler, random, rates } = this.options;
    if (random.chance(rates.stall)) await scheduler.rest(`stalled ${command.kind}`, random.below(200_000));
    else await scheduler.step(command.kind);
    const answer = await handleCommand(this.deps, command);
    await scheduler.step(`${command.kind} answered`);
    this.answered(answer);
  }

  private answered(answer: SyncAnswer): void {
    const { thorough } = this.options;
    const saved = thorough ? (JSON.parse(JSON.stringify(answer)) as SyncAnswer) : answer;
    this.history.push(saved);
    this.carryOn(this.generator === null || thorough ? this.replay() : this.generator.next(saved));
  }
}
