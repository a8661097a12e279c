import type { Scene } from './scene.ts';

/** What became of a step. */
interface StepOutcome {
  /** Where it arrived. */
  arrived: string;
  /** Milliseconds from each edit to its appearance on the other side, as a person there sees it. */
  crossingsMs: readonly number[];
  /** What had to be decided or waited for, where the step itself knows. */
  resolved?: string;
}

/** One thing that people do, and how it is known to have arrived. */
export interface Step {
  title: string;
  /** Nothing else is under way and nothing is broken: its crossings count for the p95 at rest. */
  atRest: boolean;
  /** Does it and waits; rejects with `NotInTimeError` when it does not arrive. */
  run(scene: Scene): Promise<StepOutcome>;
}
