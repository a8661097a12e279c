import { beforeAll, describe, expect, it } from 'vitest';
import { type BundledEngine, bundleEngine } from './bundled-engine.ts';
import { isQuick, killsOnRecord } from './evidence.ts';
import { kill } from './kill.ts';
import { MUTANTS } from './mutants.ts';
import type { ScenarioName } from './scenarios.ts';

const SEEDS_MAX = Math.max(...MUTANTS.map(({ killedBy }) => ('seedsMax' in killedBy ? killedBy.seedsMax : 0)));
const SLOW = MUTANTS.filter(({ id }) => !isQuick(id, killsOnRecord()));
const SCENARIOS = new Set(MUTANTS.flatMap(({ killedBy }) => ('scenario' in killedBy ? killedBy.scenario : [])));

describe('a mutant of the engine is killed in the end', () => {
  it.each(SLOW.map((mutant) => ({ ...mutant, title: `${mutant.rule}: ${mutant.id}: ${mutant.says}` })))(
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

  it(`passes the ${SEEDS_MAX} histories that kill mutants`, async () => {
    expect(await kill(engine, { killedBy: { seedsMax: SEEDS_MAX } })).toBeNull();
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
