import { interactiveUserId } from '../simulators/dataverse/request-context.ts';
import type { SimChange } from '../simulators/exchange.ts';
import { interactiveFinopsUser } from '../simulators/row-api.ts';
import type { RunningSimulators } from '../simulators/server.ts';

/** Every change of a row that either system committed. */
export interface ObservedWrites {
  /** Those of the app, oldest first: everything that no person did. */
  byApp(): readonly SimChange[];
}

const PEOPLE = new Set([interactiveUserId, interactiveFinopsUser]);

/** Watches both systems from now on. */
export function observeWrites(simulators: RunningSimulators): ObservedWrites {
  const byApp: SimChange[] = [];
  for (const side of [simulators.finops, simulators.dataverse]) {
    side.onChange((change) => {
      if (!PEOPLE.has(change.by)) byApp.push(change);
    });
  }
  return { byApp: () => byApp };
}
