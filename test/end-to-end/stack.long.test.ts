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
import { seededRandom } from '../../local/seed/seeded-random.ts';

const KILLS = 20;
const EDITS_PER_KILL = 25;
const RECORDS = 40;
/** Beyond the lock of a message and the claim of a record, both of which a killed app leaves behind. */
const REST_MS = 240_000;
const random = seededRandom(20_260_101);

let scene: Scene;
const living = new Set<string>();

beforeAll(async () => {
  scene = await openScene({ customers: 20 });
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
