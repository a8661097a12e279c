import { expect, it } from 'vitest';
import { runWireSeeds, wireSummary } from './run-wire.ts';

const HISTORIES = 300;

it(`I1 I4 I5 I9 I15: ${HISTORIES} histories of the real adapters against both simulators end equal and lose no value`, {
  timeout: 600_000,
}, async () => {
  const report = await runWireSeeds(1, HISTORIES);
  console.log(wireSummary(report));
  expect(report.failures.map(({ seed, violations }) => `seed ${seed}: ${violations.join('; ')}`)).toEqual([]);
  expect(report.edits).toBeGreaterThan(HISTORIES * 10);
  expect(report.kills).toBeGreaterThan(HISTORIES);
});
