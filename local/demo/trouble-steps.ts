import { setTimeout as sleep } from 'node:timers/promises';
import {
  account,
  accountShows,
  COMPANY,
  createCustomer,
  customer,
  customerShows,
  editAccount,
  editCustomer,
  LONG_PATIENCE_MS,
  PATIENCE_MS,
} from './customers.ts';
import { killHost } from './kill-host.ts';
import { waitForRest, waitUntilPosted } from './rest.ts';
import type { Scene } from './scene.ts';
import type { Step } from './step.ts';
import { waitUntil } from './wait-until.ts';

const OUTAGE_MS = 2_500;
const BURST = 12;
/** Messages that the killed app held come again when their lock of half a minute has run out. */
const KILL_PATIENCE_MS = 60_000;

/** What goes wrong sooner or later: edits that meet, records out of order, and systems that do not answer. */
export function troubleSteps(options: { killHost: boolean }): readonly Step[] {
  return [twoFields, sameField, childFirst, outage, throttling, burst(options.killHost)];
}

const twoFields: Step = {
  title: 'two people edit different fields of one record at once',
  atRest: false,
  run: async (scene) => {
    const sinceMs = performance.now();
    await Promise.all([
      editCustomer(scene, 'DEMO-1', { CreditLimit: 4711 }),
      editAccount(scene, 'DEMO-1', { telephone1: '+1 (555) 0100' }),
    ]);
    const crossingsMs = await Promise.all([
      accountShows(scene, 'DEMO-1', { creditlimit: 4711, telephone1: '+1 (555) 0100' }, sinceMs),
      customerShows(scene, 'DEMO-1', { CreditLimit: 4711, PrimaryContactPhone: '+1 (555) 0100' }, sinceMs),
    ]);
    return { arrived: 'both edits on both sides', crossingsMs, resolved: 'merged' };
  },
};

const sameField: Step = {
  title: 'two people edit the same field at once',
  atRest: false,
  run: async (scene) => {
    const seen = scene.events.all().length;
    const sinceMs = performance.now();
    await Promise.all([
      editCustomer(scene, 'DEMO-1', { OrganizationName: 'Named in F&O' }),
      editAccount(scene, 'DEMO-1', { name: 'Named in Dataverse' }),
    ]);
    const conflict = await waitUntil('a recorded conflict', PATIENCE_MS, () =>
      scene.events
        .all()
        .slice(seen)
        .find(({ event }) => event === 'conflict.recorded'),
    );
    await waitForRest(scene.stack, PATIENCE_MS);
    const [one, other] = [await customer(scene, 'DEMO-1'), await account(scene, 'DEMO-1')];
    if (one?.['OrganizationName'] !== other?.['name']) throw new Error('The conflict left the two sides different.');
    const crossingsMs = [performance.now() - sinceMs];
    const winner = `"${other?.['name']}" on both sides`;
    return { arrived: winner, crossingsMs, resolved: `conflict about ${conflict['field']}: ${conflict['rule']}` };
  },
};

const childFirst: Step = {
  title: 'a customer arrives before its customer group',
  atRest: false,
  run: async (scene) => {
    const { people, stack } = scene;
    const group = { dataAreaId: COMPANY, CustomerGroupId: 'DEMO' };
    const seen = scene.events.all().length;
    await people.breakSide({ side: 'finops', kind: 'lost-webhook', count: 1 });
    await people.finops.create('CustomerGroups', { ...group, Description: 'Entered, and its event lost' });
    await waitUntilPosted(stack, PATIENCE_MS);
    const sinceMs = performance.now();
    await createCustomer(scene, 'DEMO-5', { CustomerGroupId: 'DEMO' });
    const parked = await waitUntil('customer DEMO-5 parked', PATIENCE_MS, () =>
      scene.events
        .all()
        .slice(seen)
        .find(({ event }) => event === 'change.parked'),
    );
    await people.finops.update('CustomerGroups', group, { Description: 'Its event came at last' });
    const tookMs = await accountShows(scene, 'DEMO-5', {}, sinceMs);
    return { arrived: 'group, then account', crossingsMs: [tookMs], resolved: `parked: ${parked['reason']}, released` };
  },
};

const outage: Step = {
  title: 'Dataverse is down for a while, people in F&O go on',
  atRest: false,
  run: async (scene) => {
    const sinceMs = performance.now();
    await scene.people.breakSide({ side: 'dataverse', kind: 'unavailable-503' });
    try {
      await createCustomer(scene, 'DEMO-6');
      await editCustomer(scene, 'DEMO-1', { SalesMemo: 'written in the outage' });
      await editCustomer(scene, 'DEMO-2', { CreditRating: 'A' });
      await sleep(OUTAGE_MS);
    } finally {
      await scene.people.breakSide({ side: 'dataverse', kind: 'off' });
    }
    const crossingsMs = await Promise.all([
      accountShows(scene, 'DEMO-6', {}, sinceMs, LONG_PATIENCE_MS),
      accountShows(scene, 'DEMO-1', { description: 'written in the outage' }, sinceMs, LONG_PATIENCE_MS),
      accountShows(scene, 'DEMO-2', { msdyn_creditrating: 'A' }, sinceMs, LONG_PATIENCE_MS),
    ]);
    return { arrived: 'all in Dataverse afterwards', crossingsMs, resolved: `503 for ${OUTAGE_MS / 1000} s` };
  },
};

const throttling: Step = {
  title: 'F&O throttles the app',
  atRest: false,
  run: async (scene) => {
    const sinceMs = performance.now();
    await scene.people.breakSide({ side: 'finops', kind: 'throttle-429', count: 2 });
    await editAccount(scene, 'DEMO-2', { creditlimit: 9000 });
    const tookMs = await customerShows(scene, 'DEMO-2', { CreditLimit: 9000 }, sinceMs, LONG_PATIENCE_MS);
    return { arrived: 'customer in F&O', crossingsMs: [tookMs], resolved: '429 twice, Retry-After kept' };
  },
};

function burst(killHost: boolean): Step {
  const numbers = Array.from({ length: BURST }, (_, index) => `DEMO-B${index + 1}`);
  return {
    title: `${BURST} creates and 2 edits at once${killHost ? ', and the app is killed in the middle' : ''}`,
    atRest: false,
    run: async (scene) => {
      const sinceMs = performance.now();
      await Promise.all([
        ...numbers.map((number) => createCustomer(scene, number)),
        editAccount(scene, 'DEMO-2', { name: 'Named in the burst' }),
        editCustomer(scene, 'DEMO-1', { OrganizationName: 'Named in the burst, too' }),
      ]);
      const back = killHost ? await killInTheMiddle(scene) : '';
      const patienceMs = killHost ? KILL_PATIENCE_MS : LONG_PATIENCE_MS;
      const crossingsMs = await Promise.all([
        ...numbers.map((number) => accountShows(scene, number, {}, sinceMs, patienceMs)),
        customerShows(scene, 'DEMO-2', { OrganizationName: 'Named in the burst' }, sinceMs, patienceMs),
        accountShows(scene, 'DEMO-1', { name: 'Named in the burst, too' }, sinceMs, patienceMs),
      ]);
      return { arrived: 'all of them', crossingsMs, ...(killHost ? { resolved: back } : {}) };
    },
  };
}

/** Kills the app when it has taken every message and works on the changes, so that they are its own to lose. */
async function killInTheMiddle(scene: Scene): Promise<string> {
  const { stack } = scene;
  await waitUntilPosted(stack, PATIENCE_MS);
  await waitUntil('all messages taken', PATIENCE_MS, () =>
    stack.broker.counts()['changes']?.active === 0 ? true : undefined,
  );
  const tookMs = await killHost(scene);
  return `killed, back after ${(tookMs / 1000).toFixed(1)} s`;
}
