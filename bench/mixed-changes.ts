import { type ComparedRecord, compareSides } from '../local/demo/compare-sides.ts';
import { COMPANY, createAccount, createCustomer, customerKey } from '../local/demo/customers.ts';
import type { Scene } from '../local/demo/scene.ts';
import { seededRandom } from '../local/seed/seeded-random.ts';
import { callsOf, countWhile, kindsText, operationsOf, operationsText, readTableKinds } from './counted-window.ts';
import { byManyPeople, type LinkedCustomer } from './linked-customers.ts';
import type { Measure } from './measure.ts';
import { cpuSecondsOf } from './process-time.ts';

type Change = (scene: Scene) => Promise<void>;

const SEED = 7;
/** So many at once that the app, not the people, sets the pace: a burst. */
const PEOPLE = 250;

/** Of how many linked customers a run with so many changes makes use. */
export function customersNeeded(changes: number): number {
  return Math.round(changes * 0.65);
}

/**
 * Changes of every kind on both sides, in random order: updates (one in eight of a record that is being edited on the
 * other side, too), creates with lookups, deletes, and several maps. Counts calls and operations until rest, and
 * compares both sides at the end.
 */
export async function measureMixed(
  scene: Scene,
  customers: readonly LinkedCustomer[],
  size: number,
): Promise<Measure[]> {
  const changes = shuffled(mixedChanges(customers, size));
  const before = new Set((await compareSides(scene.people)).filter(isOneSided).map(nameOf));
  const kindsBefore = await readTableKinds(scene);
  const startedAt = performance.now();
  const startedCpu = cpuSecondsOf(scene.stack.host.pid());
  const counts = await countWhile(scene, () => byManyPeople(changes, (change) => change(scene), PEOPLE));
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuSeconds = cpuSecondsOf(scene.stack.host.pid()) - startedCpu;
  const kinds = kindsText(kindsBefore, await readTableKinds(scene), changes.length);
  const unequal = (await compareSides(scene.people)).filter((record) =>
    isOneSided(record) ? !before.has(nameOf(record)) : record.verdict === 'different',
  );
  for (const { differences, verdict, ...record } of unequal.slice(0, 20)) {
    console.log(`NOT EQUAL  ${nameOf(record)}: ${verdict} ${differences.join('; ')}`);
  }
  const total = changes.length;
  const what = `${total} mixed changes`;
  const withoutCompletes = (operationsOf(counts) - counts.completes) / total;
  const calls = `F&O ${counts.finopsCalls}, Dataverse ${counts.dataverseCalls}; ${counts.receives} batches received`;
  const speed = `${(total / seconds).toFixed(0)} changes/s; app ${cpuSeconds.toFixed(1)} s CPU; ${counts.events} events`;
  return [
    { group: 'R4', what, value: callsOf(counts) / total, unit: 'calls', detail: calls },
    {
      group: 'R5',
      what,
      value: withoutCompletes,
      unit: 'operations',
      floor: 2,
      good: 0.3,
      detail: operationsText({ ...counts, completes: 0 }, total),
    },
    {
      group: 'R5',
      what: `${what}, each completed message counted, too`,
      value: operationsOf(counts) / total,
      unit: 'operations',
      detail: `tables: ${kinds}`,
    },
    { group: 'mixed', what: `${what} until rest`, value: seconds, unit: 's', detail: speed },
    { group: 'mixed', what: 'records that are not equal at the end', value: unequal.length, unit: 'records', floor: 0 },
  ];
}

function mixedChanges(customers: readonly LinkedCustomer[], size: number): Change[] {
  const part = (share: number): number => Math.round(size * share);
  const groups = part(0.025);
  const deleted = customers.slice(part(0.55), part(0.6));
  return [
    ...customers.slice(0, part(0.3)).map(finopsUpdate),
    ...customers.slice(part(0.25), part(0.55)).map(dataverseUpdate),
    ...deleted.map((customer, index) => (index % 5 < 3 ? finopsDelete(customer) : dataverseDelete(customer))),
    ...numbered(part(0.15), (index) => finopsCreate(index, groups)),
    ...numbered(part(0.075), dataverseCreate),
    ...numbered(part(0.05), personCreate),
    ...numbered(part(0.025), paymentTermCreate),
    ...numbered(groups, customerGroupCreate),
    ...numbered(part(0.025), groupUpdate),
  ];
}

function finopsUpdate({ number }: LinkedCustomer, index: number): Change {
  return ({ people }) => people.finops.update('CustomersV3', customerKey(number), { CreditLimit: 1000 + index });
}

function dataverseUpdate({ accountId }: LinkedCustomer, index: number): Change {
  return ({ people }) => people.dataverse.update('account', accountId, { telephone1: `+1 (555) ${1000 + index}` });
}

function finopsDelete({ number }: LinkedCustomer): Change {
  return ({ people }) => people.finops.remove('CustomersV3', customerKey(number));
}

function dataverseDelete({ accountId }: LinkedCustomer): Change {
  return ({ people }) => people.dataverse.remove('account', accountId);
}

function finopsCreate(index: number, groups: number): Change {
  return async (scene) => {
    const group = `MG${index % groups}`;
    // One in five is in a group that may be entered only after it: F&O itself wants it there first.
    const known = index % 5 === 0 && (await scene.people.finops.read('CustomerGroups', groupKey(group))) !== undefined;
    const more = { CustomerGroupId: known ? group : '30', PaymentTerms: 'Net30', SalesCurrencyCode: 'EUR' };
    await createCustomer(scene, `MIXF-${index}`, more);
  };
}

function dataverseCreate(index: number): Change {
  return (scene) => createAccount(scene, `MIXD-${index}`, `Entered in Dataverse ${index}`);
}

function personCreate(index: number): Change {
  const name = { PersonFirstName: 'Robin', PersonLastName: `Number ${index}`, OrganizationName: '' };
  return (scene) => createCustomer(scene, `MIXP-${index}`, { ...name, PartyType: 'Person' });
}

function paymentTermCreate(index: number): Change {
  const term = { dataAreaId: COMPANY, Name: `MT${index}`, Description: `Net ${index} days`, NumberOfDays: index };
  return ({ people }) => people.finops.create('PaymentTerms', term);
}

function customerGroupCreate(index: number): Change {
  const group = { ...groupKey(`MG${index}`), Description: `Group ${index}`, PaymentTermId: 'Net30' };
  return ({ people }) => people.finops.create('CustomerGroups', group);
}

function groupUpdate(index: number): Change {
  const group = ['10', '20', '30', '40', '80', '90'][index % 6] ?? '10';
  return ({ people }) => people.finops.update('CustomerGroups', groupKey(group), { Description: `Renamed ${index}` });
}

function groupKey(group: string): Record<string, string> {
  return { dataAreaId: COMPANY, CustomerGroupId: group };
}

function numbered<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function shuffled<T>(items: readonly T[]): T[] {
  const random = seededRandom(SEED);
  return items
    .map((item) => ({ item, rank: random.whole(0, 1_000_000) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ item }) => item);
}

function isOneSided({ verdict }: Pick<ComparedRecord, 'verdict'>): boolean {
  return verdict === 'finops-only' || verdict === 'dataverse-only';
}

function nameOf({ mapId, key }: Pick<ComparedRecord, 'mapId' | 'key'>): string {
  return `${mapId} ${key}`;
}
