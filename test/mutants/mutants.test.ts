import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BundledEngine, bundleEngine, patchedFile } from './bundled-engine.ts';
import { isQuick, killsOnRecord, QUICK_SEEDS } from './evidence.ts';
import { kill } from './kill.ts';
import { MUTANTS } from './mutants.ts';
import type { ScenarioName } from './scenarios.ts';

const ROOT = join(import.meta.dirname, '../..');
const RECORD = new Map(killsOnRecord().map((each) => [each.id, each]));
const QUICK = MUTANTS.filter(({ id }) => isQuick(id, [...RECORD.values()]));

/** The rules of the specification, and whether each says why it can have no mutant. */
function rulesOfSpec(): { id: string; excused: boolean }[] {
  const [, ...sections] = readFileSync(join(ROOT, 'docs/spec.md'), 'utf8').split(/^### /m);
  return sections.flatMap((section) => {
    const [id = ''] = section.split(':');
    return /^R\d+$/.test(id) ? [{ id, excused: section.includes('**No mutant:**') }] : [];
  });
}

describe('the catalogue of mutants', () => {
  it('breaks every rule of the specification, unless the rule says why it cannot be broken', () => {
    const broken = new Set<string>(MUTANTS.map(({ rule }) => rule));
    const whole = rulesOfSpec().filter(({ id, excused }) => !excused && !broken.has(id));
    expect(whole.map(({ id }) => id)).toEqual([]);
  });

  it('breaks nothing that is no rule of the specification', () => {
    const known = new Set(rulesOfSpec().map(({ id }) => id));
    expect(known.size).toBeGreaterThan(20);
    expect(MUTANTS.filter(({ rule }) => rule.startsWith('R') && !known.has(rule))).toEqual([]);
  });

  it('names each mutant once', () => {
    expect(new Set(MUTANTS.map(({ id }) => id)).size).toBe(MUTANTS.length);
  });

  it('is on record, mutant by mutant, with nobody alive', () => {
    expect([...RECORD.keys()]).toEqual(MUTANTS.map(({ id }) => id));
    expect([...RECORD.values()].filter(({ by }) => by === 'nothing')).toEqual([]);
  });

  it.each(MUTANTS)('fits the text that is to be broken: $id', ({ id, patches }) => {
    for (const { file } of patches)
      expect(patchedFile(id, file, patches)).not.toBe(readFileSync(join(ROOT, file), 'utf8'));
  });
});

describe('a mutant of the engine is killed quickly', () => {
  it.each(QUICK.map((mutant) => ({ ...mutant, title: `${mutant.rule}: ${mutant.id}: ${mutant.says}` })))(
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

  it('passes every scenario, and the histories that kill mutants quickly', async () => {
    for (const scenario of Object.keys(engine.SCENARIOS) as ScenarioName[]) {
      expect([scenario, await kill(engine, { killedBy: { scenario } })]).toEqual([scenario, null]);
    }
    expect(await kill(engine, { killedBy: { seedsMax: QUICK_SEEDS } })).toBeNull();
  });
});
