import type { ScenarioName } from './scenarios.ts';

/** One change to the text of one file of the engine. */
export interface Patch {
  /** From the project's folder, with slashes. */
  file: string;
  /** Must occur exactly once. */
  find: string;
  replace: string;
}

/** The engine with one rule of docs/spec.md broken on purpose. */
export interface Mutant {
  id: string;
  /** The rule or, where no rule says it, the invariant that is broken. */
  rule: `${'R' | 'I'}${number}`;
  /** What the broken engine does. */
  says: string;
  patches: readonly Patch[];
  /** Seeded histories up to this seed, or a scenario for what chance hardly ever brings about. */
  killedBy: { seedsMax: number } | { scenario: ScenarioName };
}
