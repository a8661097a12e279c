import { parseArgs } from 'node:util';
import { runHistory } from './history.ts';
import { runSeeds, type SeedsReport, summary } from './run-seeds.ts';
import { replayCommand, shrinkHistory } from './shrink-history.ts';
import { runWireSeeds, type WireReport, wireSummary } from './wire/run-wire.ts';
import { runWireHistory } from './wire/wire-history.ts';

/** `npm run simulate -- --seeds 1000 --seed 1`: runs seeded histories; see CONTRIBUTING.md, "When a seed fails". */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    'no-sweep': { type: 'boolean', default: false },
    renames: { type: 'boolean', default: false },
    wire: { type: 'boolean', default: false },
    without: { type: 'string', default: '' },
    skip: { type: 'string', default: '' },
    trace: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const count = Number(values.seeds);
const kind = { sweeps: !values['no-sweep'], renames: values.renames };
const SHRUNKEN_MAX = 5;
const BAR_WIDTH = 30;

function showProgress(report: Pick<SeedsReport, 'histories' | 'failures'> | WireReport): void {
  const share = report.histories / count;
  const bar = '='.repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH);
  process.stderr.write(`\r[${bar}] ${(share * 100).toFixed(0)} %, ${report.failures.length} failures `);
}

async function trace(): Promise<boolean> {
  const list = (text: string): string[] => text.split(',').filter((part) => part !== '');
  const { violations } = await runHistory(first, {
    ...kind,
    without: new Set(list(values.without)),
    skip: new Set(list(values.skip).map(Number)),
    log: console.log,
  });
  for (const violation of violations) console.log(violation);
  return violations.length === 0;
}

async function runAll(): Promise<boolean> {
  const report = await runSeeds({
    first,
    count,
    ...kind,
    ...(process.stderr.isTTY ? { onProgress: showProgress } : {}),
  });
  if (process.stderr.isTTY) process.stderr.write('\n');
  for (const [index, failed] of report.failures.entries()) {
    console.log(`seed ${failed.seed}: ${failed.violations.join('; ')}`);
    if (index >= SHRUNKEN_MAX) continue;
    const shrunken = await shrinkHistory(failed, kind);
    const left = shrunken.result.edits - shrunken.skip.length;
    console.log(`  with ${left} edits: ${shrunken.result.violations.join('; ')}`);
    console.log(`  ${replayCommand(shrunken, kind)}`);
  }
  console.log(summary(report));
  return report.failures.length === 0;
}

/** The real adapters against the simulators, in one process; `--trace` tells what the engine says of one seed. */
async function runWire(): Promise<boolean> {
  if (values.trace) {
    const { violations } = await runWireHistory(first, console.log);
    for (const violation of violations) console.log(violation);
    return violations.length === 0;
  }
  const report = await runWireSeeds(first, count, process.stderr.isTTY ? showProgress : undefined);
  if (process.stderr.isTTY) process.stderr.write('\n');
  for (const { seed, violations } of report.failures) {
    console.log(`seed ${seed}: ${violations.join('; ')}`);
    console.log(`  npm run simulate -- --wire --seed ${seed} --trace`);
  }
  console.log(wireSummary(report));
  return report.failures.length === 0;
}

const passed = values.wire ? runWire() : values.trace ? trace() : runAll();
process.exitCode = (await passed) ? 0 : 1;
