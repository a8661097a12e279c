import { customerKey } from '../local/demo/customers.ts';
import type { Scene } from '../local/demo/scene.ts';
import { callsOf, countWhile, type WindowCounts } from './counted-window.ts';
import { byManyPeople, editInDataverse, editInFinops, type LinkedCustomer } from './linked-customers.ts';
import type { Measure } from './measure.ts';

type Edit = (scene: Scene, customer: LinkedCustomer, text: string) => Promise<void>;

const SINGLES = 5;
const BURST = 100;
const SINGLE = { unit: 'calls', floor: 2, good: 1 };
const BURST_LIMITS = { unit: 'calls', floor: 0.1, good: 0.04 };
const NOTHING = { unit: 'calls', floor: 0, good: 0 };

/** R4: calls to both systems per change, exactly counted at the simulators. */
export async function measureCalls(scene: Scene, customers: readonly LinkedCustomer[]): Promise<Measure[]> {
  const fromFinops = await ofSide(scene, customers, { from: 'F&O', to: 'dataverse', edit: editInFinops });
  const fromDataverse = await ofSide(scene, customers, { from: 'Dataverse', to: 'finops', edit: editInDataverse });
  const idleInFinops = await noOp(scene, customers, 'F&O', (at, { number }, text) =>
    at.people.finops.update('CustomersV3', customerKey(number), { NameAlias: text }),
  );
  const idleInDataverse = await noOp(scene, customers, 'Dataverse', (at, { accountId }, text) =>
    at.people.dataverse.update('account', accountId, { telephone2: text }),
  );
  return [...fromFinops, ...fromDataverse, idleInFinops, idleInDataverse];
}

async function ofSide(
  scene: Scene,
  customers: readonly LinkedCustomer[],
  { from, to, edit }: { from: string; to: 'finops' | 'dataverse'; edit: Edit },
): Promise<Measure[]> {
  const group = 'R4';
  const some = customers.slice(0, SINGLES);
  const oneByOne = (word: string) => countSingles(scene, some, (customer) => edit(scene, customer, `${word} ${from}`));
  await scene.people.breakSide({ side: to, kind: 'lost-webhook' });
  const alone = await oneByOne('without echo');
  await scene.people.breakSide({ side: to, kind: 'off' });
  const echoed = await oneByOne('with echo');
  const many = customers.slice(0, BURST);
  const allAtOnce = () => byManyPeople(many, (customer) => edit(scene, customer, `burst ${from}`), many.length);
  const burst = await countWhile(scene, allAtOnce);
  const echo = (callsOf(echoed) - callsOf(alone)) / SINGLES;
  const target = to === 'finops' ? 'F&O' : 'Dataverse';
  return [
    {
      group,
      what: `single edit in ${from}`,
      value: callsOf(alone) / SINGLES,
      ...SINGLE,
      detail: parts(alone, SINGLES),
    },
    { group, what: `echo of its write in ${target}`, value: echo, ...NOTHING, detail: parts(echoed, SINGLES) },
    {
      group,
      what: `burst of ${many.length} edits in ${from} at once, echoes and all`,
      value: callsOf(burst) / many.length,
      ...BURST_LIMITS,
      detail: `${parts(burst, 1)}; ${burst.receives} batches received`,
    },
  ];
}

async function noOp(scene: Scene, customers: readonly LinkedCustomer[], where: string, edit: Edit): Promise<Measure> {
  const some = customers.slice(0, SINGLES);
  const counts = await countSingles(scene, some, (customer) => edit(scene, customer, 'nobody maps it'));
  const value = callsOf(counts) / SINGLES;
  return {
    group: 'R4',
    what: `edit of an unmapped column in ${where}`,
    value,
    ...NOTHING,
    detail: parts(counts, SINGLES),
  };
}

/** Each edit by itself, at rest; counts of all of them together. */
async function countSingles(
  scene: Scene,
  customers: readonly LinkedCustomer[],
  edit: (customer: LinkedCustomer) => Promise<void>,
): Promise<WindowCounts> {
  const windows: WindowCounts[] = [];
  for (const customer of customers) windows.push(await countWhile(scene, () => edit(customer)));
  return windows.reduce((sum, one) => {
    const names = Object.keys(sum) as (keyof WindowCounts)[];
    return Object.fromEntries(names.map((name) => [name, sum[name] + one[name]])) as unknown as WindowCounts;
  });
}

function parts({ finopsCalls, dataverseCalls }: WindowCounts, divisor: number): string {
  return `F&O ${finopsCalls / divisor}, Dataverse ${dataverseCalls / divisor}`;
}
