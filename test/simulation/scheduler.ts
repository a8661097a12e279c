import type { Random } from './random.ts';

interface Step {
  label: string;
  go: () => void;
}

interface Timer {
  atMs: number;
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
  private epoch = 0;
  private steps: Step[] = [];
  /** In order of time, and of being set. */
  private readonly timers: Timer[] = [];
  private readonly random: Random;
  private readonly settled: () => Promise<void>;

  /** `settled` lets every continuation run that does not wait for a step. */
  constructor(random: Random, settled: () => Promise<void> = settle) {
    this.random = random;
    this.settled = settled;
  }

  /** Waits until this step is chosen. Dropped steps never go on: that is what a killed process looks like. */
  step(label: string): Promise<void> {
    return new Promise((resolve) => {
      this.steps.push({ label, go: resolve });
    });
  }

  at(atMs: number, run: () => void): void {
    let place = this.timers.length;
    while (place > 0 && (this.timers[place - 1]?.atMs ?? 0) > atMs) place -= 1;
    this.timers.splice(place, 0, { atMs, run });
  }

  /** A step that can be chosen only after a time: somebody stands still. */
  async rest(label: string, restMs: number): Promise<void> {
    const { epoch } = this;
    await new Promise<void>((resolve) => {
      this.at(this.nowMs + restMs, () => {
        if (epoch === this.epoch) this.steps.push({ label, go: resolve });
      });
    });
  }

  /** Everything that waits inside the killed process is gone; timers of the outside go on. */
  dropSteps(): void {
    this.epoch += 1;
    this.steps = [];
    this.note('kill');
  }

  get hasSteps(): boolean {
    return this.steps.length > 0;
  }

  /** When the next timer is due; infinite where there is none. */
  get nextTimerMs(): number {
    return this.timers[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Lets one waiting step go on, and all that follows from it up to the next steps. */
  async takeStep(): Promise<void> {
    const index = this.random.below(this.steps.length);
    const step = this.steps[index];
    const last = this.steps.pop();
    if (step === undefined || last === undefined) return;
    if (last !== step) this.steps[index] = last;
    this.stepsTaken += 1;
    this.nowMs += 1 + this.random.below(15);
    this.note(step.label);
    step.go();
    await this.settled();
    this.runDueTimers();
  }

  /** Jumps to an instant at which something is due. */
  async jump(toMs: number): Promise<void> {
    this.nowMs = Math.max(this.nowMs, toMs);
    this.runDueTimers();
    await this.settled();
  }

  note(label: string): void {
    let { trace } = this;
    for (let index = 0; index < label.length; index += 1) trace = (Math.imul(trace, 31) + label.charCodeAt(index)) | 0;
    this.trace = (Math.imul(trace, 31) + this.nowMs) | 0;
  }

  private runDueTimers(): void {
    let due = 0;
    while ((this.timers[due]?.atMs ?? Number.POSITIVE_INFINITY) <= this.nowMs) due += 1;
    if (due === 0) return;
    for (const timer of this.timers.splice(0, due)) timer.run();
  }
}

/**
 * Lets every continuation run that does not wait for a step: a tick that is asked for while promises are being
 * continued comes when all of them are through. No turn of the event loop is needed, which would cost most of a step.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}
