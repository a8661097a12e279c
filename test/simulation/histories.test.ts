import { describe, expect, it } from 'vitest';
import { runSeeds, summary } from './run-seeds.ts';

const HISTORIES = 10_000;

describe('seeded histories', () => {
  it(`I1 I2 I4 I5 I6 I7 I8 I9 I10 I13 I14 I15 I16: in ${HISTORIES} histories of faults, kills and edits all ends equal and no value is lost`, {
    timeout: 300_000,
  }, async () => {
    const report = await runSeeds({ first: 1, count: HISTORIES, sweeps: true });
    console.log(summary(report));
    expect(report.failures.map(({ seed, violations }) => `seed ${seed}: ${violations.join('; ')}`)).toEqual([]);
    expect(report.histories).toBe(HISTORIES);
    expect(report.edits).toBeGreaterThan(HISTORIES * 20);
    expect(report.writes).toBeGreaterThan(HISTORIES * 5);
    expect(report.conflicts).toBeGreaterThan(HISTORIES);
    expect(report.kills).toBeGreaterThan(HISTORIES);
  });
});
