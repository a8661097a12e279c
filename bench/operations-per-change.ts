import type { Scene } from '../local/demo/scene.ts';
import { countWhile, operationsOf, operationsText, type WindowCounts } from './counted-window.ts';
import { editInDataverse, editInFinops, type LinkedCustomer } from './linked-customers.ts';
import type { Measure } from './measure.ts';

const SINGLES = 7;
const SINGLE = { unit: 'operations', floor: 30, good: 15 };

/** R5 for single edits at rest: operations on tables, queue and durable store, echo included. */
export async function measureOperations(scene: Scene, customers: readonly LinkedCustomer[]): Promise<Measure[]> {
  // Not those of the calls' measurement: an edit of an unmapped column there costs the next one a second plan.
  const some = customers.slice(-SINGLES);
  const finops = await medianWindow(scene, some, (one) => editInFinops(scene, one, 'counted in F&O'));
  const dataverse = await medianWindow(scene, some, (one) => editInDataverse(scene, one, 'counted in Dataverse'));
  return [measureOf('single edit in F&O', finops), measureOf('single edit in Dataverse, with its echo', dataverse)];
}

function measureOf(what: string, counts: WindowCounts): Measure {
  return { group: 'R5', what, value: operationsOf(counts), ...SINGLE, detail: operationsText(counts, 1) };
}

/** The median of windows of one edit each: the timer's own look at the tables falls into few of them. */
async function medianWindow(
  scene: Scene,
  customers: readonly LinkedCustomer[],
  edit: (customer: LinkedCustomer) => Promise<void>,
): Promise<WindowCounts> {
  const windows: WindowCounts[] = [];
  for (const customer of customers) windows.push(await countWhile(scene, () => edit(customer)));
  windows.sort((one, other) => operationsOf(one) - operationsOf(other));
  const median = windows[Math.floor(windows.length / 2)];
  if (median === undefined) throw new Error('There is no customer to edit.');
  return median;
}
