import { setTimeout as sleep } from 'node:timers/promises';
import { waitForRest, waitUntilPosted } from '../local/demo/rest.ts';
import type { Scene } from '../local/demo/scene.ts';
import { waitUntil } from '../local/demo/wait-until.ts';
import { type CrossingTimes, watchCrossings } from './crossing-times.ts';
import { byManyPeople, editInDataverse, editInFinops, type LinkedCustomer } from './linked-customers.ts';
import { type Measure, percentile } from './measure.ts';

const PATIENCE_MS = 240_000;
const EVERY_MS = 20;

/** How much is measured. */
interface LagSizes {
  singles: number;
  steadySeconds: number;
  backlog: number;
}

/** R9: how long changes take at rest and under load, and how long a backlog takes once Dataverse is back. */
export async function measureLag(
  scene: Scene,
  customers: readonly LinkedCustomer[],
  sizes: LagSizes,
): Promise<Measure[]> {
  const crossings = watchCrossings(scene, customers);
  const atRest = await editsAtRest(scene, customers.slice(0, sizes.singles), crossings);
  const steady = await steadyEdits(scene, customers, sizes.steadySeconds, crossings);
  const some = customers.slice(0, sizes.backlog);
  const idealMs = await burstMs(scene, some, crossings);
  const drainMs = await backlogMs(scene, some, crossings);
  const rate = `${1000 / EVERY_MS}/s for ${sizes.steadySeconds} s`;
  return [
    { group: 'R9', what: 'at rest, p50', value: percentile(atRest, 0.5), unit: 'ms', detail: count(atRest) },
    { group: 'R9', what: 'at rest, p95', value: percentile(atRest, 0.95), unit: 'ms', floor: 2000, good: 100 },
    { group: 'R9', what: `${rate}, p50`, value: percentile(steady, 0.5), unit: 'ms', detail: count(steady) },
    { group: 'R9', what: `${rate}, p95`, value: percentile(steady, 0.95), unit: 'ms', floor: 500, good: 100 },
    { group: 'R9', what: `burst of ${some.length} edits in F&O until all are visible`, value: idealMs, unit: 'ms' },
    { group: 'R9', what: `backlog of ${some.length} after an outage of Dataverse`, value: drainMs, unit: 'ms' },
    {
      group: 'R9',
      what: 'drain of the backlog ÷ the same burst',
      value: drainMs / idealMs,
      unit: '×',
      floor: 3,
      good: 1.3,
    },
  ];
}

function count(times: readonly number[]): string {
  return `${times.length} crossings`;
}

async function editsAtRest(
  scene: Scene,
  customers: readonly LinkedCustomer[],
  crossings: CrossingTimes,
): Promise<number[]> {
  crossings.take();
  for (const [index, customer] of customers.entries()) {
    await (index % 2 === 0 ? editInFinops : editInDataverse)(scene, customer, `at rest ${index}`);
    await arrived(crossings);
    await waitForRest(scene.stack, PATIENCE_MS);
  }
  return crossings.take();
}

/** Edits at a steady rate, whether earlier ones have arrived or not; both sides in turn. */
async function steadyEdits(
  scene: Scene,
  customers: readonly LinkedCustomer[],
  seconds: number,
  crossings: CrossingTimes,
): Promise<number[]> {
  crossings.take();
  const startedAt = performance.now();
  const edits: Promise<void>[] = [];
  const total = (seconds * 1000) / EVERY_MS;
  for (let index = 0; index < total; index += 1) {
    const customer = customers[index % customers.length];
    if (customer === undefined) break;
    edits.push((index % 2 === 0 ? editInFinops : editInDataverse)(scene, customer, `steady ${index}`));
    await sleep(Math.max(0, startedAt + (index + 1) * EVERY_MS - performance.now()));
  }
  await Promise.all(edits);
  await arrived(crossings);
  await waitForRest(scene.stack, PATIENCE_MS);
  return crossings.take();
}

/** How long a burst takes from its first commit until the last of it is visible. */
async function burstMs(scene: Scene, customers: readonly LinkedCustomer[], crossings: CrossingTimes): Promise<number> {
  const startedAt = performance.now();
  await byManyPeople(customers, (customer) => editInFinops(scene, customer, 'burst'));
  await arrived(crossings);
  const tookMs = performance.now() - startedAt;
  await waitForRest(scene.stack, PATIENCE_MS);
  return tookMs;
}

/** How long a backlog takes from the moment that Dataverse answers again until the last of it is visible. */
async function backlogMs(
  scene: Scene,
  customers: readonly LinkedCustomer[],
  crossings: CrossingTimes,
): Promise<number> {
  await scene.people.breakSide({ side: 'dataverse', kind: 'unavailable-503' });
  await byManyPeople(customers, (customer) => editInFinops(scene, customer, 'while Dataverse is down'));
  await waitUntilPosted(scene.stack, PATIENCE_MS);
  await sleep(2_000);
  const startedAt = performance.now();
  await scene.people.breakSide({ side: 'dataverse', kind: 'off' });
  await arrived(crossings);
  const tookMs = performance.now() - startedAt;
  await waitForRest(scene.stack, PATIENCE_MS);
  return tookMs;
}

async function arrived(crossings: CrossingTimes): Promise<void> {
  await waitUntil('every edit on the other side', PATIENCE_MS, () => (crossings.pending() === 0 ? true : undefined));
}
