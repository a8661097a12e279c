import { createCustomer, customerKey } from '../local/demo/customers.ts';
import { waitForRest } from '../local/demo/rest.ts';
import type { Scene } from '../local/demo/scene.ts';

/** A customer of F&O and its account, which the app has linked. */
export interface LinkedCustomer {
  number: string;
  accountId: string;
}

const PATIENCE_MS = 240_000;
const PEOPLE = 16;

/** Enters customers in F&O and waits until each has an account, so that what follows is steady state. */
export async function linkCustomers(scene: Scene, count: number): Promise<LinkedCustomer[]> {
  const numbers = Array.from({ length: count }, (_, index) => `BENCH-${String(index + 1).padStart(5, '0')}`);
  await byManyPeople(numbers, (number) => createCustomer(scene, number));
  await waitForRest(scene.stack, PATIENCE_MS);
  const accounts = await scene.people.dataverse.all('account');
  const ids = new Map(accounts.map((row) => [String(row['accountnumber']), String(row['accountid'])]));
  return numbers.map((number) => {
    const accountId = ids.get(number);
    if (accountId === undefined) throw new Error(`The customer ${number} has no account in Dataverse.`);
    return { number, accountId };
  });
}

/** Does something for each item, as many at once as people work at it. */
export async function byManyPeople<T>(
  items: readonly T[],
  act: (item: T, index: number) => Promise<void>,
  people: number = PEOPLE,
): Promise<void> {
  const queue = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) await act(item, index);
  };
  await Promise.all(Array.from({ length: people }, work));
}

/** An edit of a mapped field in F&O. */
export function editInFinops(scene: Scene, { number }: LinkedCustomer, text: string): Promise<void> {
  return scene.people.finops.update('CustomersV3', customerKey(number), { SalesMemo: text });
}

/** An edit of a mapped field in Dataverse. */
export function editInDataverse(scene: Scene, { accountId }: LinkedCustomer, text: string): Promise<void> {
  return scene.people.dataverse.update('account', accountId, { description: text });
}
