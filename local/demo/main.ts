import { parseArgs } from 'node:util';
import { compareSides } from './compare-sides.ts';
import { LONG_PATIENCE_MS } from './customers.ts';
import { everydaySteps } from './everyday-steps.ts';
import { p95, type ReportLine, tableOf } from './report.ts';
import { waitForRest } from './rest.ts';
import { openScene, type Scene } from './scene.ts';
import type { Step } from './step.ts';
import { troubleSteps } from './trouble-steps.ts';

let interrupted = false;

const USAGE = 'npm run demo -- [--kill-host] [--package DIR] [--customers 60]';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      'kill-host': { type: 'boolean', default: false },
      package: { type: 'string' },
      customers: { type: 'string', default: '60' },
      help: { type: 'boolean', default: false },
    },
  });
  const customers = Number(values.customers);
  if (values.help || !Number.isInteger(customers) || customers < 1) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const startedAt = performance.now();
  console.log(`A company with ${customers} customers, some of them on one side only, and the app between …`);
  const opening = openScene({ customers, packageDirectory: values.package });
  // Before anything is started, so that nothing is left behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted = true;
      void opening.then((scene) => scene.close()).finally(() => process.exit(130));
    });
  }
  const scene = await opening;
  try {
    await waitForRest(scene.stack, LONG_PATIENCE_MS);
    console.log(`up and at rest after ${seconds(startedAt)} s\n`);
    return await play(scene, [...everydaySteps, ...troubleSteps({ killHost: values['kill-host'] })]);
  } finally {
    await scene.close();
    if (!interrupted) console.log(`${seconds(startedAt)} s in all`);
  }
}

async function play(scene: Scene, steps: readonly Step[]): Promise<number> {
  const lines: ReportLine[] = [];
  const atRestMs: number[] = [];
  for (const step of steps) {
    const line = await playStep(scene, step);
    lines.push(line);
    if (step.atRest) atRestMs.push(...line.crossingsMs);
  }
  await waitForRest(scene.stack, LONG_PATIENCE_MS);
  const records = await compareSides(scene.people);
  const unequal = records.filter(({ verdict }) => verdict !== 'equal');
  console.log(`\n${tableOf(lines)}\n`);
  console.log(`${atRestMs.length} crossings at rest, p95 ${p95(atRestMs).toFixed(0)} ms`);
  for (const record of unequal) {
    console.log(`NOT EQUAL  ${record.mapId} ${record.key}: ${record.verdict} ${record.differences.join('; ')}`);
  }
  console.log(
    unequal.length === 0
      ? `All ${records.length} records are on both sides, and equal in every mapped column.`
      : `${unequal.length} records are not equal.`,
  );
  return unequal.length === 0 ? 0 : 1;
}

async function playStep(scene: Scene, step: Step): Promise<ReportLine> {
  const written = scene.writes.byApp().length;
  const reported = scene.events.all().length;
  const { arrived, crossingsMs, resolved } = await step.run(scene);
  await waitForRest(scene.stack, LONG_PATIENCE_MS);
  const conflicts = scene.events
    .all()
    .slice(reported)
    .filter(({ event }) => event === 'conflict.recorded');
  const line = {
    what: step.title,
    arrived,
    crossingsMs,
    writes: scene.writes.byApp().length - written,
    resolved: resolved ?? conflicts.map(({ field, rule }) => `${field}: ${rule}`).join(', '),
  };
  console.log(`  ok  ${step.title} → ${arrived} (${Math.max(...crossingsMs).toFixed(0)} ms)`);
  return line;
}

function seconds(sinceMs: number): string {
  return ((performance.now() - sinceMs) / 1000).toFixed(1);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    // What a closing stack does not do any more is nobody's failure.
    if (interrupted) return;
    console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  },
);
