import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BundledEngine, bundleEngine } from './bundled-engine.ts';
import { kill } from './kill.ts';
import { MUTANTS } from './mutants.ts';
import type { ScenarioName } from './scenarios.ts';

const BY_SCENARIO = MUTANTS.filter(({ killedBy }) => 'scenario' in killedBy);
const SCENARIOS = new Set(MUTANTS.flatMap(({ killedBy }) => ('scenario' in killedBy ? killedBy.scenario : [])));
const root = join(import.meta.dirname, '../..');

describe('a mutant of the engine is killed by its scenario', () => {
  it.each(BY_SCENARIO.map((mutant) => ({ ...mutant, title: `${mutant.rule}: ${mutant.id}: ${mutant.says}` })))(
    '$title',
    async (mutant) => {
      const engine = await bundleEngine(mutant.id, mutant.patches);
      expect(await kill(engine, mutant)).not.toBeNull();
    },
  );
});

describe('the engine without a patch', () => {
  let engine: BundledEngine;
  beforeAll(async () => {
    engine = await bundleEngine('unpatched', []);
  });

  it.each([...SCENARIOS])('passes: %s', async (scenario) => {
    expect(await kill(engine, { killedBy: { scenario } })).toBeNull();
  });

  it('has no scenario that kills no mutant', () => {
    expect([...SCENARIOS].sort()).toEqual((Object.keys(engine.SCENARIOS) as ScenarioName[]).sort());
  });

  it('is not patched where what is to be replaced occurs not once', async () => {
    const file = 'shared/core/write/breaker.ts';
    const patch = (find: string) => bundleEngine('misfit', [{ file, find, replace: '' }]);
    await expect(patch('nothing like it')).rejects.toThrow('occurs 0 times');
    await expect(patch('const')).rejects.toThrow(/occurs \d+ times/);
    await expect(bundleEngine('misfit', [{ file: 'shared/none.ts', find: '', replace: '' }])).rejects.toThrow(
      'no part',
    );
  });
});

describe('the rules of the specification', () => {
  it('are each broken by a mutant', () => {
    const spec = readFileSync(join(root, 'docs/spec.md'), 'utf8');
    const rules = [...spec.matchAll(/^### (R\d+):/gm)].map(([, id]) => id);
    const broken = new Set<string>(MUTANTS.map(({ rule }) => rule));
    expect(rules.length).toBeGreaterThan(20);
    expect(rules.filter((id) => id === undefined || !broken.has(id))).toEqual([]);
  });

  it('have evidence that names every mutant', () => {
    const evidence = readFileSync(join(root, 'docs/evidence/mutants.md'), 'utf8');
    const named = [...evidence.matchAll(/^\| ([\w-]+) \| [RI]\d+ \|/gm)].map(([, id]) => id);
    expect(named).toEqual(MUTANTS.map(({ id }) => id));
  });
});
