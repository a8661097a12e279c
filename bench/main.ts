import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { waitForRest } from '../local/demo/rest.ts';
import { openScene, type Scene } from '../local/demo/scene.ts';
import { measureCalls } from './calls-per-change.ts';
import { measureLag } from './lag.ts';
import { type LinkedCustomer, linkCustomers } from './linked-customers.ts';
import { type Measure, tableOf, verdictOf } from './measure.ts';
import { customersNeeded, measureMixed } from './mixed-changes.ts';
import { measureOperations } from './operations-per-change.ts';

const USAGE = 'npm run bench -- [R4] [R5] [R9] [mixed] [--quick]';
const RESULT = '.twinwrite/bench.json';
const SEEDED_CUSTOMERS = 60;
const PATIENCE_MS = 60_000;

interface Sizes {
  mixed: number;
  singles: number;
  steadySeconds: number;
  backlog: number;
}

const FULL: Sizes = { mixed: 2_000, singles: 50, steadySeconds: 10, backlog: 500 };
const QUICK: Sizes = { mixed: 200, singles: 10, steadySeconds: 2, backlog: 100 };

/** What can be asked for; the run with mixed changes comes last, because it deletes customers. */
const GROUPS: Record<string, (scene: Scene, customers: readonly LinkedCustomer[], sizes: Sizes) => Promise<Measure[]>> =
  {
    R4: (scene, customers) => measureCalls(scene, customers),
    R5: (scene, customers) => measureOperations(scene, customers),
    R9: measureLag,
    mixed: (scene, customers, sizes) => measureMixed(scene, customers, sizes.mixed),
  };

async function main(): Promise<number> {
  const options = { quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const asked = new Set(positionals.length === 0 ? Object.keys(GROUPS) : positionals);
  if (values.help || [...asked].some((group) => GROUPS[group] === undefined)) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  // Operations per change are those of the run with mixed changes, too.
  if (asked.has('R5')) asked.add('mixed');
  const sizes = values.quick ? QUICK : FULL;
  const measures = await onScene((scene) => run(scene, asked, sizes));
  const machine = { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version };
  save({ at: new Date().toISOString(), quick: values.quick, machine, measures });
  console.log(`\n${tableOf(measures)}\n\n${machine.cores} cores (${machine.cpu}), Node ${machine.node}; ${RESULT}`);
  const missed = measures.filter((measure) => verdictOf(measure) === 'MISSED');
  const judged = measures.filter(({ floor }) => floor !== undefined);
  const good = judged.filter((measure) => verdictOf(measure) === 'good').length;
  const names = missed.map(({ group, what }) => `${group} ${what}`).join('; ');
  console.log(
    `${judged.length} numbers with a floor: ${good} good, ${judged.length - good - missed.length} at the floor, ` +
      `${missed.length} missed${missed.length === 0 ? '' : `: ${names}`}`,
  );
  return missed.length === 0 ? 0 : 1;
}

async function run(scene: Scene, asked: ReadonlySet<string>, sizes: Sizes): Promise<Measure[]> {
  await waitForRest(scene.stack, PATIENCE_MS);
  const count = asked.has('mixed')
    ? Math.max(customersNeeded(sizes.mixed), sizes.backlog)
    : Math.max(100, sizes.backlog);
  const startedAt = performance.now();
  const customers = await linkCustomers(scene, count);
  console.log(`${count} customers entered and linked in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  const measures: Measure[] = [];
  for (const [group, measure] of Object.entries(GROUPS)) {
    if (!asked.has(group)) continue;
    console.log(`measuring ${group} …`);
    measures.push(...(await measure(scene, customers, sizes)));
  }
  return measures.sort((one, other) => one.group.localeCompare(other.group));
}

async function onScene<T>(work: (scene: Scene) => Promise<T>): Promise<T> {
  const scene = await openScene({ customers: SEEDED_CUSTOMERS });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void scene.close().finally(() => process.exit(130)));
  }
  try {
    return await work(scene);
  } catch (error) {
    for (const line of scene.log.slice(-20)) console.error(`  app | ${line}`);
    throw error;
  } finally {
    await scene.close();
  }
}

function save(result: unknown): void {
  const file = join(import.meta.dirname, '..', RESULT);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`The measurement failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    process.exitCode = 1;
  },
);
