import { waitForRest } from '../local/demo/rest.ts';
import type { Scene } from '../local/demo/scene.ts';
import type { HostCounts } from '../local/host/host.ts';

/** Operations in a window, as they were counted in front of the two systems, tables, queue and durable store. */
export interface WindowCounts {
  finopsCalls: number;
  dataverseCalls: number;
  /** Requests to the table service: a transaction, a page of a query, a point read or write is one each. */
  tables: number;
  /** Batches that the queue's listeners took. */
  receives: number;
  /** Messages completed, one each. */
  completes: number;
  /** Messages that the pipeline sent; those of ingress come before dispatch. */
  sends: number;
  turns: number;
  activities: number;
  timers: number;
  /** Starts and status reads by the app. */
  durableCalls: number;
  /** Messages that ingress sent. */
  events: number;
}

/** Operations on the tables of links and ids by table and kind, as the app counts them itself. */
type TableKinds = Record<string, number>;

const QUEUE_LISTENERS = ['changesQueue', 'deadLetters'];
const PATIENCE_MS = 240_000;

/** Acts, waits until everything has come to rest, and tells what that took. */
export async function countWhile(scene: Scene, act: () => Promise<void>): Promise<WindowCounts> {
  const before = await readCounts(scene);
  await act();
  await waitForRest(scene.stack, PATIENCE_MS);
  const after = await readCounts(scene);
  const names = Object.keys(before) as (keyof WindowCounts)[];
  return Object.fromEntries(names.map((name) => [name, after[name] - before[name]])) as unknown as WindowCounts;
}

/** Calls to both systems. */
export function callsOf({ finopsCalls, dataverseCalls }: WindowCounts): number {
  return finopsCalls + dataverseCalls;
}

/** Operations on tables, queue and durable store from dispatch on, completes of single messages included. */
export function operationsOf(counts: WindowCounts): number {
  const { tables, receives, completes, sends, turns, activities, timers, durableCalls } = counts;
  return tables + receives + completes + sends + turns + activities + timers + durableCalls;
}

/** The parts of `operationsOf` in words, divided by `changes`. */
export function operationsText(counts: WindowCounts, changes: number): string {
  const { tables, receives, completes, sends, turns, activities, timers, durableCalls } = counts;
  const parts = { tables, receives, completes, sends, turns, activities, timers, 'durable client': durableCalls };
  return Object.entries(parts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${Number((count / changes).toFixed(3))}`)
    .join(', ');
}

/** `twinwrite_operations_total{target="tables",operation="state.query"} 12` of the app's metrics. */
export async function readTableKinds({ stack }: Scene): Promise<TableKinds> {
  const response = await fetch(`${stack.appUrl}/api/metrics`);
  const found = (await response.text()).matchAll(/target="tables",operation="([^"]+)"\} (\d+)/g);
  return Object.fromEntries([...found].map(([, kind = '', count]) => [kind, Number(count)]));
}

/** What was done of each kind since `before`, the most frequent first, divided by `changes`. */
export function kindsText(before: TableKinds, after: TableKinds, changes: number): string {
  return Object.entries(after)
    .map(([kind, count]) => [kind, (count - (before[kind] ?? 0)) / changes] as const)
    .filter(([, share]) => share > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([kind, share]) => `${kind} ${Number(share.toFixed(3))}`)
    .join(', ');
}

async function readCounts({ stack, events }: Scene): Promise<WindowCounts> {
  const [systems, host] = await Promise.all([
    readJson<Record<'finops' | 'dataverse', { calls: number }>>(`${stack.simulators.url}/sim/api/counts`),
    readJson<HostCounts>(`${stack.appUrl}/admin/host/counts`),
  ]);
  const queue = stack.broker.counts()['changes'];
  const accepted = events.all().filter(({ event }) => event === 'event.accepted').length;
  const durableCalls = host.requests[host.durableApi] ?? 0;
  const requests = Object.values(host.requests).reduce((sum, count) => sum + count, 0);
  return {
    finopsCalls: systems.finops.calls,
    dataverseCalls: systems.dataverse.calls,
    // The app sends by `node:http` to these two only.
    tables: requests - durableCalls,
    receives: QUEUE_LISTENERS.reduce((sum, name) => sum + (host.invocations[name] ?? 0), 0),
    completes: queue?.settled ?? 0,
    sends: (queue?.sent ?? 0) - accepted,
    turns: host.turns,
    activities: host.activities,
    timers: host.timers,
    durableCalls,
    events: accepted,
  };
}

async function readJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}.`);
  return (await response.json()) as T;
}
