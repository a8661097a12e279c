import { describe, expect, it } from 'vitest';
import { bundleEngine } from './bundled-engine.ts';
import { kill } from './kill.ts';
import { MUTANTS } from './mutants.ts';

const BY_HISTORIES = MUTANTS.filter(({ killedBy }) => 'seedsMax' in killedBy);
const SEEDS_MAX = Math.max(...BY_HISTORIES.map(({ killedBy }) => ('seedsMax' in killedBy ? killedBy.seedsMax : 0)));

describe('a mutant of the engine is killed by seeded histories', () => {
  it.each(BY_HISTORIES.map((mutant) => ({ ...mutant, title: `${mutant.rule}: ${mutant.id}: ${mutant.says}` })))(
    '$title',
    async (mutant) => {
      const engine = await bundleEngine(mutant.id, mutant.patches);
      expect(await kill(engine, mutant)).not.toBeNull();
    },
  );

  it(`while the engine without a patch passes the ${SEEDS_MAX} histories`, async () => {
    expect(await kill(await bundleEngine('unpatched', []), { killedBy: { seedsMax: SEEDS_MAX } })).toBeNull();
  });
});
