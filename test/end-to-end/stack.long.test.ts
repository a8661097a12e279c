import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareSides } from '../../local/demo/compare-sides.ts';
import {
  account,
  createAccount,
  createCustomer,
  customer,
  customerKey,
  editAccount,
  editCustomer,
} from '../../local/demo/customers.ts';
import { killHost } from '../../local/demo/kill-host.ts';
import { waitForRest, waitUntilPosted } from '../../local/demo/rest.ts';
import { openScene, type Scene } from '../../local/demo/scene.ts';
import { installMaps } from '../../local/install-maps.ts';
import { seededRandom } from '../../local/seed/seeded-random.ts';
import customers from '../../maps/sales/customers-v3--accounts.json' with { type: 'json' };

const KILLS = 50;
const EDITS_PER_KILL = 40;
const OUTAGE_MS = 120_000;
const RELEASE_MS = 60_000;
const RECORDS = 40;
/** Beyond the lock of a message and the claim of a record, both of which a killed app leaves behind. */
const REST_MS = 240_000;
const random = seededRandom(20_260_101);

let scene: Scene;
const living = new Set<string>();

beforeAll(async () => {
  scene = await openScene({ customers: 20 });
  // So many deletions as this test makes would wait for a person.
  const map = { ...customers, version: '1.0.0.9', deleteGuard: { count: 10_000, percent: null, windowMinutes: 60 } };
  await installMaps(scene.stack.appUrl, [map]);
  for (let index = 0; index < RECORDS; index += 1) {
    const number = `L-${index}`;
    await createCustomer(scene, number);
    living.add(number);
  }
  await waitForRest(scene.stack, REST_MS);
}, 120_000);

afterAll(() => scene?.close());

/** One edit as people make it, now and then a create or a delete, by chance on either side. */
async function edit(index: number): Promise<void> {
  const number = random.pick([...living]);
  const kind = random.whole(1, 20);
  if (kind <= 2) {
    const fresh = `L-new-${index}`;
    living.add(fresh);
    if (kind === 1) await createCustomer(scene, fresh);
    else await createAccount(scene, fresh, `Born in Dataverse ${index}`);
    return;
  }
  if (kind === 3 && number.startsWith('L-new') === false) {
    living.delete(number);
    await scene.people.finops.remove('CustomersV3', customerKey(number));
    return;
  }
  const values = { SalesMemo: `edit ${index}`, CreditLimit: index };
  const onFinops = kind <= 12 || (await account(scene, number)) === undefined;
  if (onFinops && (await customer(scene, number)) !== undefined) await editCustomer(scene, number, values);
  else await editAccount(scene, number, { description: `edit ${index}`, telephone1: `+1 555 ${index}` });
}

test(`I9: ${KILLS} kills during ${KILLS * EDITS_PER_KILL} mixed edits end with equal sides`, async () => {
  for (let kill = 0; kill < KILLS; kill += 1) {
    for (let index = 0; index < EDITS_PER_KILL; index += 1) await edit(kill * EDITS_PER_KILL + index);
    // What the app never answered for is its sender's to repeat, and Dataverse does not.
    await waitUntilPosted(scene.stack, REST_MS);
    await sleep(random.whole(0, 400));
    await killHost(scene);
  }
  await waitForRest(scene.stack, REST_MS);
  expect(scene.stack.host.restarts()).toBe(KILLS);
  const records = await compareSides(scene.people);
  expect(records.filter(({ verdict }) => verdict !== 'equal')).toEqual([]);
  for (const number of living) {
    expect(await account(scene, number), number).toBeDefined();
    expect(await customer(scene, number), number).toBeDefined();
  }
}, 900_000);

test('R23 I4 I14: an outage of two minutes delays, and neither loses nor doubles anything', async () => {
  const { people, stack } = scene;
  await people.breakSide({ side: 'dataverse', kind: 'unavailable-503' });
  const endsAt = performance.now() + OUTAGE_MS;
  const numbers: string[] = [];
  for (let index = 0; performance.now() < endsAt; index += 1) {
    const number = `OUT-${index}`;
    await createCustomer(scene, number);
    numbers.push(number);
    await editCustomer(scene, number, { SalesMemo: `while it was down ${index}` });
    await sleep(2_000);
  }
  expect(await offlineSides()).toEqual(['dataverse']);
  await people.breakSide({ side: 'dataverse', kind: 'off' });
  await untilNothingWaits();
  await waitForRest(stack, REST_MS);
  const accounts = await people.dataverse.all('account');
  for (const [index, number] of numbers.entries()) {
    const own = accounts.filter((row) => row['accountnumber'] === number);
    expect(own, number).toMatchObject([{ description: `while it was down ${index}` }]);
    const { audit } = await recordOf(number);
    const inserts = audit.filter(({ operation, side }) => operation === 'insert' && side === 'dataverse');
    expect(inserts, number).toHaveLength(1);
  }
  expect((await compareSides(people)).filter(({ verdict }) => verdict !== 'equal')).toEqual([]);
}, 900_000);

async function recordOf(number: string): Promise<{ audit: { operation: string; side: string }[] }> {
  const key = encodeURIComponent(`usmf|${number.toLowerCase()}`);
  const response = await fetch(`${scene.stack.appUrl}/api/v1/record?map=customers-v3--accounts&key=${key}`);
  return (await response.json()) as { audit: { operation: string; side: string }[] };
}

async function offlineSides(): Promise<unknown> {
  const response = await fetch(`${scene.stack.appUrl}/api/health`);
  return ((await response.json()) as { offline: unknown }).offline;
}

/** What waited for a side is released once it answers again, which is asked every few seconds. */
async function untilNothingWaits(): Promise<void> {
  const endsAt = performance.now() + RELEASE_MS;
  for (;;) {
    const response = await fetch(`${scene.stack.appUrl}/api/v1/parked`);
    const { parked } = (await response.json()) as { parked: unknown[] };
    if (parked.length === 0) return;
    if (performance.now() > endsAt) throw new Error(`${parked.length} changes still wait.`);
    await sleep(1_000);
  }
}
