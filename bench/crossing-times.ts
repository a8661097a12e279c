import { COMPANY } from '../local/demo/customers.ts';
import type { Scene } from '../local/demo/scene.ts';
import { interactiveUserId } from '../local/simulators/dataverse/request-context.ts';
import type { SimChange } from '../local/simulators/exchange.ts';
import { interactiveFinopsUser } from '../local/simulators/row-api.ts';
import type { LinkedCustomer } from './linked-customers.ts';

/** Times from the commit of a person's edit to the commit of the app's write on the other side. */
export interface CrossingTimes {
  /** Milliseconds, in the order of arrival; forgets them. */
  take(): number[];
  /** Edits that have not arrived. */
  pending(): number;
}

const PEOPLE = new Set([interactiveUserId, interactiveFinopsUser]);

/** Watches the commits of both systems from now on. An edit of a record whose last one is under way counts with that. */
export function watchCrossings({ stack }: Scene, customers: readonly LinkedCustomer[]): CrossingTimes {
  const counterparts = new Map<string, string>();
  for (const { number, accountId } of customers) {
    const finops = `finops ${COMPANY}|${number}`.toLowerCase();
    const dataverse = `dataverse ${accountId}`.toLowerCase();
    counterparts.set(finops, dataverse);
    counterparts.set(dataverse, finops);
  }
  const since = new Map<string, number>();
  let times: number[] = [];
  const note = (change: SimChange): void => {
    const own = `${change.side} ${change.key}`.toLowerCase();
    const counterpart = counterparts.get(own);
    if (counterpart === undefined) return;
    if (PEOPLE.has(change.by)) {
      if (!since.has(counterpart)) since.set(counterpart, performance.now());
      return;
    }
    const committedMs = since.get(own);
    if (committedMs === undefined) return;
    since.delete(own);
    times.push(performance.now() - committedMs);
  };
  stack.simulators.finops.onChange(note);
  stack.simulators.dataverse.onChange(note);
  return {
    take: () => {
      const taken = times;
      times = [];
      return taken;
    },
    pending: () => since.size,
  };
}
