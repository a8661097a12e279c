import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareSides } from '../../local/demo/compare-sides.ts';
import {
  account,
  accountShows,
  createCustomer,
  customer,
  editAccount,
  editCustomer,
} from '../../local/demo/customers.ts';
import { killHost } from '../../local/demo/kill-host.ts';
import { waitForRest, waitUntilPosted } from '../../local/demo/rest.ts';
import { openScene, type Scene } from '../../local/demo/scene.ts';
import { waitUntil } from '../../local/demo/wait-until.ts';

/** Longer than the lock of a message. */
const AFTER_KILL_MS = 60_000;
const OLD = Array.from({ length: 8 }, (_, index) => `K-${index}`);
const NEW = Array.from({ length: 8 }, (_, index) => `K-new-${index}`);

let scene: Scene;

beforeAll(async () => {
  scene = await openScene({ customers: 10 });
  await Promise.all(OLD.map((number) => createCustomer(scene, number)));
  await waitForRest(scene.stack, 30_000);
}, 60_000);

afterAll(() => scene?.close());

test('I9: a kill of the app in the middle of a burst loses nothing that it had accepted', async () => {
  await Promise.all([
    ...NEW.map((number) => createCustomer(scene, number)),
    ...OLD.map((number, index) =>
      index % 2 === 0
        ? editCustomer(scene, number, { OrganizationName: `${number} from F&O` })
        : editAccount(scene, number, { name: `${number} from Dataverse` }),
    ),
  ]);
  await waitUntilPosted(scene.stack, 30_000);
  // A message that dies with its lock comes again only half a minute later: the long test waits for those.
  await waitUntil('all messages taken', 30_000, () =>
    scene.stack.broker.counts()['changes']?.active === 0 ? true : undefined,
  );
  await killHost(scene);
  await Promise.all(NEW.map((number) => accountShows(scene, number, {}, 0, AFTER_KILL_MS)));
  await waitForRest(scene.stack, AFTER_KILL_MS);
  expect(scene.stack.host.restarts()).toBe(1);
  for (const [index, number] of OLD.entries()) {
    const name = `${number} from ${index % 2 === 0 ? 'F&O' : 'Dataverse'}`;
    expect((await account(scene, number))?.['name']).toBe(name);
    expect((await customer(scene, number))?.['OrganizationName']).toBe(name);
  }
  for (const number of NEW) {
    expect(await scene.people.dataverse.all('account', `accountnumber eq '${number}'`)).toHaveLength(1);
  }
  const records = await compareSides(scene.people);
  expect(records.filter(({ verdict }) => verdict !== 'equal')).toEqual([]);
}, 120_000);
