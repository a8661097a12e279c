import {
  account,
  accountShows,
  createAccount,
  createCustomer,
  customer,
  customerKey,
  customerShows,
  editAccount,
  editCustomer,
  PATIENCE_MS,
} from './customers.ts';
import type { Step } from './step.ts';
import { waitUntil } from './wait-until.ts';

const EDITS_EACH_WAY = 5;

/** What happens every day: records are created, edited and deleted on either side. */
export const everydaySteps: readonly Step[] = [
  {
    title: 'a customer is created in F&O',
    atRest: true,
    run: async (scene) => {
      const sinceMs = performance.now();
      await createCustomer(scene, 'DEMO-1');
      const tookMs = await accountShows(scene, 'DEMO-1', { name: 'Demo customer DEMO-1' }, sinceMs);
      return { arrived: 'account in Dataverse', crossingsMs: [tookMs] };
    },
  },
  {
    title: 'an account is created in Dataverse',
    atRest: true,
    run: async (scene) => {
      const sinceMs = performance.now();
      await createAccount(scene, 'DEMO-2', 'Born in Dataverse');
      const tookMs = await customerShows(scene, 'DEMO-2', { OrganizationName: 'Born in Dataverse' }, sinceMs);
      return { arrived: 'customer in F&O', crossingsMs: [tookMs] };
    },
  },
  {
    title: 'a contact becomes a retail customer',
    atRest: true,
    run: async (scene) => {
      const prospects = await scene.people.dataverse.all('contact', 'msdyn_contactpersonid eq null');
      const prospect = prospects.find((row) => row['_msdyn_customergroupid_value'] !== null);
      if (prospect === undefined) throw new Error('The seed has no prospect.');
      const sinceMs = performance.now();
      const change = { msdyn_sellable: true, msdyn_contactpersonid: 'DEMO-P1' };
      await scene.people.dataverse.update('contact', String(prospect['contactid']), change);
      const born = await waitUntil('a Person customer DEMO-P1 in F&O', PATIENCE_MS, async () => {
        const customers = await scene.people.finops.all('CustomersV3');
        return customers.find((row) => row['CustomerAccount'] === 'DEMO-P1');
      });
      const crossingsMs = [performance.now() - sinceMs];
      return { arrived: `${born['PartyType']} customer in F&O, ${born['PersonLastName']}`, crossingsMs };
    },
  },
  {
    title: `${EDITS_EACH_WAY} edits in F&O, one after another`,
    atRest: true,
    run: async (scene) => {
      const crossingsMs: number[] = [];
      for (let edit = 1; edit <= EDITS_EACH_WAY; edit += 1) {
        const name = `Renamed in F&O ${edit}`;
        const sinceMs = performance.now();
        await editCustomer(scene, 'DEMO-1', { OrganizationName: name });
        crossingsMs.push(await accountShows(scene, 'DEMO-1', { name }, sinceMs));
      }
      return { arrived: 'account in Dataverse', crossingsMs };
    },
  },
  {
    title: `${EDITS_EACH_WAY} edits in Dataverse, one after another`,
    atRest: true,
    run: async (scene) => {
      const crossingsMs: number[] = [];
      for (let edit = 1; edit <= EDITS_EACH_WAY; edit += 1) {
        const name = `Renamed in Dataverse ${edit}`;
        const sinceMs = performance.now();
        await editAccount(scene, 'DEMO-2', { name });
        crossingsMs.push(await customerShows(scene, 'DEMO-2', { OrganizationName: name }, sinceMs));
      }
      return { arrived: 'customer in F&O', crossingsMs };
    },
  },
  {
    title: 'a customer is created and deleted in F&O',
    atRest: true,
    run: async (scene) => {
      await createCustomer(scene, 'DEMO-3');
      await accountShows(scene, 'DEMO-3', {}, performance.now());
      const sinceMs = performance.now();
      await scene.people.finops.remove('CustomersV3', customerKey('DEMO-3'));
      await waitUntil('account DEMO-3 gone from Dataverse', PATIENCE_MS, async () =>
        (await account(scene, 'DEMO-3')) === undefined ? true : undefined,
      );
      return { arrived: 'gone from Dataverse', crossingsMs: [performance.now() - sinceMs] };
    },
  },
  {
    title: 'a customer is created in F&O, deleted in Dataverse',
    atRest: true,
    run: async (scene) => {
      await createCustomer(scene, 'DEMO-4');
      await accountShows(scene, 'DEMO-4', {}, performance.now());
      const row = await account(scene, 'DEMO-4');
      const sinceMs = performance.now();
      await scene.people.dataverse.remove('account', String(row?.['accountid']));
      await waitUntil('customer DEMO-4 gone from F&O', PATIENCE_MS, async () =>
        (await customer(scene, 'DEMO-4')) === undefined ? true : undefined,
      );
      return { arrived: 'gone from F&O', crossingsMs: [performance.now() - sinceMs] };
    },
  },
];
