import type { Random } from './random.ts';

interface Step {
  label: string;
  go: () => void;
}

interface Timer {
  atMs: number;
  order: number;
  run: () => void;
}

/** When every history begins. */
export const START_MS = 1_767_225_600_000;

/**
 * Virtual time and seeded interleaving: whatever is asynchronous waits at a step, and one waiting step at random goes
 * on at a time, so that a seed fixes the whole course of events.
 */
export class Scheduler {
  nowMs = START_MS;
  /** Digest of everything that happened, in order: equal for equal seeds. */
  trace = 0;
  stepsTaken = 0;
  private steps: Step[] = [];
  private timers: Timer[] = [];
  private timerOrder = 0;
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** Waits until this step is chosen. Dropped steps never go on: that is what a killed process looks like. */
  step(label: string): Promise<void> {
    return new Promise((resolve) => {
      this.steps.push({ label, go: resolve });
    });
  }

  at(atMs: number, run: () => void): void {
    this.timers.push({ atMs, order: this.timerOrder, run });
    this.timerOrder += 1;
  }

  /** Everything that waits inside the killed process is gone; timers of the outside go on. */
  dropSteps(): void {
    this.steps = [];
    this.note('kill');
  }

  get hasSteps(): boolean {
    return this.steps.length > 0;
  }

  /** Lets one waiting step go on, and all that follows from it up to the next steps. */
  async takeStep(): Promise<void> {
    const index = this.random.below(this.steps.length);
    const [step] = this.steps.splice(index, 1);
    if (step === undefined) return;
    this.stepsTaken += 1;
    this.nowMs += 1 + this.random.below(15);
    this.note(step.label);
    step.go();
    await settle();
    this.runDueTimers();
  }

  /** Jumps to the next timer; false when there is none. */
  async jump(): Promise<boolean> {
    const next = this.timers.reduce<Timer | null>((least, timer) => (before(timer, least) ? timer : least), null);
    if (next === null) return false;
    this.nowMs = Math.max(this.nowMs, next.atMs);
    this.runDueTimers();
    await settle();
    return true;
  }

  note(label: string): void {
    for (let index = 0; index < label.length; index += 1) {
      this.trace = (Math.imul(this.trace, 31) + label.charCodeAt(index)) | 0;
    }
  }

  private runDueTimers(): void {
    const due = this.timers
      .filter((timer) => timer.atMs <= this.nowMs)
      .sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    if (due.length === 0) return;
    this.timers = this.timers.filter((timer) => timer.atMs > this.nowMs);
    for (const timer of due) timer.run();
  }
}

function before(timer: Timer, least: Timer | null): boolean {
  return least === null || timer.atMs < least.atMs || (timer.atMs === least.atMs && timer.order < least.order);
}

/** Lets every continuation run that does not wait for a step. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
