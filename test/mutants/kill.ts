import { AssertionError } from 'node:assert';
import type { BundledEngine } from './bundled-engine.ts';
import type { Mutant } from './mutant.ts';
import type { ScenarioName } from './scenarios.ts';

/** What noticed that an engine is broken, and after how many histories. */
export interface Kill {
  by: string;
  seeds: number | null;
}

/** Null where nothing notices, so that the mutant survives. */
export async function kill(engine: BundledEngine, { killedBy }: Pick<Mutant, 'killedBy'>): Promise<Kill | null> {
  return 'scenario' in killedBy
    ? killByScenario(engine, killedBy.scenario)
    : killByHistories(engine, killedBy.seedsMax);
}

async function killByHistories(engine: BundledEngine, seedsMax: number): Promise<Kill | null> {
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const { violations } = await engine.runHistory(seed);
    const ids = new Set(violations.map((violation) => violation.split(':')[0] ?? ''));
    if (ids.size > 0) return { by: [...ids].sort().join(' '), seeds: seed };
  }
  return null;
}

/** Only what a scenario asserts counts: an engine that merely breaks down proves nothing about the rule. */
async function killByScenario(engine: BundledEngine, name: ScenarioName): Promise<Kill | null> {
  try {
    await engine.SCENARIOS[name]();
    return null;
  } catch (error) {
    if (error instanceof AssertionError) return { by: `scenario "${name}"`, seeds: null };
    throw error;
  }
}
