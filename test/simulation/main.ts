import { parseArgs } from 'node:util';
import { runHistory } from './history.ts';

/** `npm run simulate -- --seeds 1000 --from 1`: runs seeded histories and prints every failing seed;
 * `--trace` prints what happened in them. */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
  },
});
const from = Number(values.from);
const seeds = Number(values.seeds);
const startedAt = performance.now();
let failed = 0;
let edits = 0;
let kills = 0;
let conflicts = 0;
for (let seed = from; seed < from + seeds; seed += 1) {
  const result = await runHistory(seed, values.trace ? console.log : undefined);
  edits += result.edits;
  kills += result.kills;
  conflicts += result.conflicts;
  if (result.violations.length === 0) continue;
  failed += 1;
  console.log(`seed ${seed} (${result.edits} edits, ${result.steps} steps, ${result.kills} kills)`);
  for (const violation of result.violations) console.log(`  ${violation}`);
}
const seconds = (performance.now() - startedAt) / 1000;
console.log(
  `${seeds} histories in ${seconds.toFixed(1)} s (${(seeds / seconds).toFixed(0)}/s): ` +
    `${edits} edits, ${kills} kills, ${conflicts} conflicts, ${failed} failed`,
);
process.exitCode = failed === 0 ? 0 : 1;
