import { expect, it } from 'vitest';
import { runSeeds, summary } from './run-seeds.ts';

const FIRST = 10_001;
const HISTORIES = 7_000;

it(`I1 I2 I5: ${HISTORIES} histories in which nothing is ever swept end equal and lose no value`, {
  timeout: 600_000,
}, async () => {
  const report = await runSeeds({ first: FIRST, count: HISTORIES, sweeps: false });
  console.log(summary(report));
  expect(report.failures.map(({ seed, violations }) => `seed ${seed}: ${violations.join('; ')}`)).toEqual([]);
  expect(report.histories).toBe(HISTORIES);
});
