import { describe, expect, it } from 'vitest';
import { runHistory } from './history.ts';

const HISTORIES = 1_000;

describe('seeded histories', () => {
  it(`I1 I2 I4 I5 I6 I10 I14: ${HISTORIES} histories with lost, doubled and reordered events, faults and kills end equal with no lost value`, {
    timeout: 240_000,
  }, async () => {
    const failures: string[] = [];
    let edits = 0;
    let kills = 0;
    for (let seed = 1; seed <= HISTORIES; seed += 1) {
      const result = await runHistory(seed);
      edits += result.edits;
      kills += result.kills;
      if (result.violations.length > 0) failures.push(`seed ${seed}: ${result.violations.join('; ')}`);
    }
    expect(failures).toEqual([]);
    expect(edits).toBeGreaterThan(HISTORIES * 20);
    expect(kills).toBeGreaterThan(HISTORIES);
  });

  it('I15: the same seed gives the same trace', async () => {
    for (const seed of [3, 17, 404, 9_001]) {
      const [first, second] = [await runHistory(seed), await runHistory(seed)];
      expect(second.trace).toBe(first.trace);
      expect(second.steps).toBe(first.steps);
      expect(second.steps).toBeGreaterThan(100);
    }
  });
});
