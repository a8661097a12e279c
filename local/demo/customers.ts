import type { Row } from './people.ts';
import type { Scene } from './scene.ts';
import { waitUntil } from './wait-until.ts';

/** The company in which the demo takes place. */
export const COMPANY = 'usmf';

/** How long a crossing may take before it counts as not arrived, at rest and after trouble. */
export const PATIENCE_MS = 15_000;
export const LONG_PATIENCE_MS = 30_000;

/** The key of a customer in F&O. */
export function customerKey(account: string): Record<string, string> {
  return { dataAreaId: COMPANY, CustomerAccount: account };
}

/** An organization as somebody enters it in F&O. */
function newCustomer(account: string, more: Row = {}): Row {
  return {
    ...customerKey(account),
    PartyType: 'Organization',
    OrganizationName: `Demo customer ${account}`,
    CustomerGroupId: '10',
    SalesCurrencyCode: 'USD',
    LanguageId: 'en-us',
    ...more,
  };
}

/** A customer as F&O shows it; undefined when there is none. */
export function customer(scene: Scene, account: string): Promise<Row | undefined> {
  return scene.people.finops.read('CustomersV3', customerKey(account));
}

/** An account as Dataverse shows it; undefined when there is none. */
export function account(scene: Scene, number: string): Promise<Row | undefined> {
  return scene.people.dataverse.find('account', `accountnumber eq '${number}'`);
}

export async function createCustomer(scene: Scene, number: string, more: Row = {}): Promise<void> {
  await scene.people.finops.create('CustomersV3', newCustomer(number, more));
}

export async function editCustomer(scene: Scene, number: string, values: Row): Promise<void> {
  await scene.people.finops.update('CustomersV3', customerKey(number), values);
}

/** Edits an account that is there. */
export async function editAccount(scene: Scene, number: string, values: Row): Promise<void> {
  const row = await account(scene, number);
  if (row === undefined) throw new Error(`There is no account ${number} to edit.`);
  await scene.people.dataverse.update('account', String(row['accountid']), values);
}

/** Enters an account in Dataverse, in the demo's company and with its group and currency. */
export async function createAccount(scene: Scene, number: string, name: string): Promise<void> {
  const { dataverse } = scene.people;
  const idOf = async (table: string, filter: string): Promise<string> => {
    const row = await dataverse.find(table, filter);
    return String(row?.[`${table}id`]);
  };
  const company = await idOf('cdm_company', `cdm_companycode eq '${COMPANY}'`);
  const group = await idOf('msdyn_customergroup', `msdyn_groupid eq '20' and _msdyn_company_value eq ${company}`);
  const currency = await idOf('transactioncurrency', `isocurrencycode eq 'USD'`);
  await dataverse.create('account', {
    accountnumber: number,
    name,
    customertypecode: 3,
    'msdyn_company@odata.bind': `/cdm_companies(${company})`,
    'msdyn_customergroupid@odata.bind': `/msdyn_customergroups(${group})`,
    'transactioncurrencyid@odata.bind': `/transactioncurrencies(${currency})`,
  });
}

/** Waits until a customer shows these values; resolves with the milliseconds since `sinceMs` (`performance.now`). */
export async function customerShows(
  scene: Scene,
  number: string,
  values: Row,
  sinceMs: number,
  patienceMs: number = PATIENCE_MS,
): Promise<number> {
  const what = `customer ${number} in F&O with ${JSON.stringify(values)}`;
  await waitUntil(what, patienceMs, async () => showing(await customer(scene, number), values));
  return performance.now() - sinceMs;
}

/** Waits until an account shows these values; resolves with the milliseconds since `sinceMs` (`performance.now`). */
export async function accountShows(
  scene: Scene,
  number: string,
  values: Row,
  sinceMs: number,
  patienceMs: number = PATIENCE_MS,
): Promise<number> {
  const what = `account ${number} in Dataverse with ${JSON.stringify(values)}`;
  await waitUntil(what, patienceMs, async () => showing(await account(scene, number), values));
  return performance.now() - sinceMs;
}

function showing(row: Row | undefined, values: Row): true | undefined {
  return row !== undefined && Object.entries(values).every(([name, value]) => row[name] === value) ? true : undefined;
}
