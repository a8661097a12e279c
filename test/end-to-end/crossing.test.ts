import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareSides } from '../../local/demo/compare-sides.ts';
import {
  account,
  accountShows,
  COMPANY,
  createAccount,
  createCustomer,
  customer,
  customerKey,
  customerShows,
  editAccount,
  editCustomer,
} from '../../local/demo/customers.ts';
import { p95 } from '../../local/demo/report.ts';
import { waitForRest, waitUntilPosted } from '../../local/demo/rest.ts';
import { openScene, type Scene } from '../../local/demo/scene.ts';
import { waitUntil } from '../../local/demo/wait-until.ts';
import { recordKey } from '../../shared/core/record/record-key.ts';
import { stateOf } from './app-state.ts';

const ACCOUNTS = 'customers-v3--accounts';
const REST_MS = 30_000;

let scene: Scene;

beforeAll(async () => {
  scene = await openScene({ customers: 10 });
  await waitForRest(scene.stack, REST_MS);
}, 60_000);

afterAll(() => scene?.close());

/** The app's writes during a piece of work and until everything is at rest after it. */
async function writesDuring(work: () => Promise<void>): Promise<string[]> {
  const before = scene.writes.byApp().length;
  await work();
  await waitForRest(scene.stack, REST_MS);
  return scene.writes
    .byApp()
    .slice(before)
    .map(({ side, table, operation }) => `${operation} ${side} ${table}`);
}

async function linked(number: string): Promise<void> {
  await createCustomer(scene, number);
  await accountShows(scene, number, {}, 0);
  await waitForRest(scene.stack, REST_MS);
}

describe('at rest', () => {
  test('an edit on either side is on the other within two seconds (p95)', async () => {
    await linked('E-1');
    const crossingsMs: number[] = [];
    for (let edit = 1; edit <= 5; edit += 1) {
      const [there, back] = [`from F&O ${edit}`, `from Dataverse ${edit}`];
      let sinceMs = performance.now();
      await editCustomer(scene, 'E-1', { OrganizationName: there });
      crossingsMs.push(await accountShows(scene, 'E-1', { name: there }, sinceMs));
      sinceMs = performance.now();
      await editAccount(scene, 'E-1', { name: back });
      crossingsMs.push(await customerShows(scene, 'E-1', { OrganizationName: back }, sinceMs));
    }
    expect(crossingsMs).toHaveLength(10);
    expect(p95(crossingsMs)).toBeLessThan(2_000);
  });

  test('I2: an edit costs exactly one write, and no echo writes', async () => {
    await linked('E-2');
    const fromFinops = await writesDuring(async () => {
      await editCustomer(scene, 'E-2', { OrganizationName: 'One write' });
      await accountShows(scene, 'E-2', { name: 'One write' }, 0);
    });
    expect(fromFinops).toEqual(['update dataverse account']);
    const fromDataverse = await writesDuring(async () => {
      await editAccount(scene, 'E-2', { name: 'One more' });
      await customerShows(scene, 'E-2', { OrganizationName: 'One more' }, 0);
    });
    expect(fromDataverse).toEqual(['update finops CustomersV3']);
  });

  test('a record is created and deleted from either side', async () => {
    await linked('E-3');
    await createAccount(scene, 'E-4', 'Born in Dataverse');
    await customerShows(scene, 'E-4', { OrganizationName: 'Born in Dataverse', PartyType: 'Organization' }, 0);
    await waitForRest(scene.stack, REST_MS);
    await scene.people.finops.remove('CustomersV3', customerKey('E-3'));
    const row = await account(scene, 'E-4');
    await scene.people.dataverse.remove('account', String(row?.['accountid']));
    await waitForRest(scene.stack, REST_MS);
    expect(await account(scene, 'E-3')).toBeUndefined();
    expect(await customer(scene, 'E-4')).toBeUndefined();
  });

  test('I10: a customer that arrives before its group waits for it', async () => {
    const group = { dataAreaId: COMPANY, CustomerGroupId: 'LATE' };
    await scene.people.breakSide({ side: 'finops', kind: 'lost-webhook', count: 1 });
    await scene.people.finops.create('CustomerGroups', { ...group, Description: 'Nobody heard of it' });
    await waitUntilPosted(scene.stack, REST_MS);
    await createCustomer(scene, 'E-5', { CustomerGroupId: 'LATE' });
    const state = stateOf(scene);
    const [parked] = await waitUntil('a parked change', REST_MS, async () => {
      const found = await state.listParked({ mapId: ACCOUNTS, reason: 'missing-reference', limit: 10 });
      return found.length > 0 ? found : undefined;
    });
    expect(parked?.parked.awaits).toEqual({
      mapId: 'customer-groups--msdyn_customergroups',
      key: recordKey([COMPANY, 'LATE']),
    });
    expect(await account(scene, 'E-5')).toBeUndefined();
    await scene.people.finops.update('CustomerGroups', group, { Description: 'Now they do' });
    await accountShows(scene, 'E-5', {}, 0);
    await waitForRest(scene.stack, REST_MS);
    expect(await state.listParked({ mapId: ACCOUNTS, limit: 10 })).toEqual([]);
  });

  test('I5: of two edits of one field one wins by policy, and the other is recorded', async () => {
    await linked('E-6');
    await Promise.all([
      editCustomer(scene, 'E-6', { OrganizationName: 'F&O says' }),
      editAccount(scene, 'E-6', { name: 'Dataverse says' }),
    ]);
    await accountShows(scene, 'E-6', { name: 'F&O says' }, 0);
    await waitForRest(scene.stack, REST_MS);
    expect((await customer(scene, 'E-6'))?.['OrganizationName']).toBe('F&O says');
    const conflicts = await stateOf(scene).listConflicts({ mapId: ACCOUNTS, key: recordKey([COMPANY, 'E-6']) ?? '' });
    expect(conflicts).toMatchObject([{ rule: 'finops-wins', winner: 'finops', loserValue: 'Dataverse says' }]);
  });

  test('I7: changes of a paused map wait, and cross when it is resumed', async () => {
    await linked('E-7');
    const control = (verb: string): Promise<Response> =>
      fetch(`${scene.stack.appUrl}/api/v1/maps/${ACCOUNTS}/${verb}`, { method: 'POST' });
    await waitUntil('a paused map', REST_MS, async () => {
      const { status } = (await (await control('pause')).json()) as { status: string };
      return status === 'paused' ? true : undefined;
    });
    const writes = await writesDuring(() => editCustomer(scene, 'E-7', { OrganizationName: 'While paused' }));
    expect(writes).toEqual([]);
    expect(await stateOf(scene).listParked({ mapId: ACCOUNTS, reason: 'paused', limit: 10 })).toHaveLength(1);
    expect(await (await control('resume')).json()).toEqual({ status: 'running', released: 1 });
    await accountShows(scene, 'E-7', { name: 'While paused' }, 0);
    expect((await control('explode')).status).toBe(404);
  });
});

describe('in trouble', () => {
  test.each([
    { side: 'dataverse', kind: 'throttle-429' },
    { side: 'finops', kind: 'unavailable-503' },
    { side: 'dataverse', kind: 'offline' },
  ] as const)('I6: an edit arrives in spite of $kind at $side', async ({ side, kind }) => {
    const number = `T-${kind}`;
    await linked(number);
    await scene.people.breakSide({ side, kind, count: 2 });
    const writes = await writesDuring(async () => {
      if (side === 'dataverse') {
        await editCustomer(scene, number, { OrganizationName: 'Through trouble' });
        await accountShows(scene, number, { name: 'Through trouble' }, 0, REST_MS);
      } else {
        await editAccount(scene, number, { name: 'Through trouble' });
        await customerShows(scene, number, { OrganizationName: 'Through trouble' }, 0, REST_MS);
      }
    });
    expect(writes).toHaveLength(1);
  });

  test('I3: a create whose answer is lost after the commit is neither doubled nor lost', async () => {
    await scene.people.breakSide({ side: 'dataverse', kind: 'commit-then-timeout', count: 1, delayMs: 50 });
    await createCustomer(scene, 'T-lost-dataverse');
    await accountShows(scene, 'T-lost-dataverse', {}, 0, REST_MS);
    await waitForRest(scene.stack, REST_MS);
    await scene.people.breakSide({ side: 'finops', kind: 'commit-then-timeout', count: 1, delayMs: 50 });
    await createAccount(scene, 'T-lost-finops', 'Answered by silence');
    await customerShows(scene, 'T-lost-finops', {}, 0, REST_MS);
    await waitForRest(scene.stack, REST_MS);
    for (const number of ['T-lost-dataverse', 'T-lost-finops']) {
      expect(await scene.people.dataverse.all('account', `accountnumber eq '${number}'`)).toHaveLength(1);
      expect(await customer(scene, number)).toBeDefined();
    }
  });

  test('I3: an event that is delivered twice writes once', async () => {
    await linked('T-twice');
    await scene.people.breakSide({ side: 'finops', kind: 'duplicate-webhook', count: 1 });
    const writes = await writesDuring(async () => {
      await editCustomer(scene, 'T-twice', { OrganizationName: 'Told twice' });
      await accountShows(scene, 'T-twice', { name: 'Told twice' }, 0);
    });
    expect(writes).toEqual(['update dataverse account']);
  });

  test('I1: after all that the two sides are equal in every mapped column', async () => {
    await waitForRest(scene.stack, REST_MS);
    const records = await compareSides(scene.people);
    expect(records.filter(({ verdict }) => verdict !== 'equal')).toEqual([]);
    expect(records.length).toBeGreaterThan(100);
  });
});
