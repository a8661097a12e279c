import { BATCH_CHANGES_MAX, type Change } from '../core/change/change.ts';
import { mergeChanges } from '../core/change/merge-changes.ts';
import { routeEvent } from '../core/change/route-event.ts';
import { fingerprint } from '../core/record/fingerprint.ts';
import type { QueueBody } from '../ports/change-queue.ts';
import type { DispatchDependencies } from './dependencies.ts';
import { parkedChange } from './park.ts';

/** Too many orchestrations are open: the messages go back to the queue and come again. */
export class DispatchBusyError extends Error {}

/**
 * Turns a batch of messages into orchestrations: one per map and at most a hundred records, coalesced per record, the
 * last hint winning. Changes of maps that do not run are parked. Does not wait for what it starts.
 * @throws DispatchBusyError when as many orchestrations are open as may be.
 */
export async function dispatchChanges(deps: DispatchDependencies, bodies: readonly QueueBody[]): Promise<void> {
  const open = await deps.orchestrations.countOpen();
  if (open >= deps.settings.openOrchestrationsMax) throw new DispatchBusyError(`${open} orchestrations are open`);
  const nowMs = deps.clock.nowMs();
  const routes = await deps.maps.routes();
  const changes = bodies.flatMap((body): Change[] =>
    body.type === 'change' ? [body.change] : routeEvent(body.event, routes, nowMs),
  );
  const delivery = fingerprint(JSON.stringify(bodies));
  const byMap = Map.groupBy(mergeChanges(changes), (change) => change.mapId);
  for (const [mapId, ofMap] of byMap) {
    const status = await deps.mapStore.status(mapId);
    if (status !== 'running') {
      await deps.state.park(ofMap.map((change) => parkedChange(deps, change, 'paused', null)));
      continue;
    }
    for (let first = 0; first < ofMap.length; first += BATCH_CHANGES_MAX) {
      const batch = { mapId, changes: ofMap.slice(first, first + BATCH_CHANGES_MAX) };
      await deps.orchestrations.start(`sync-${delivery}-${fingerprint(mapId)}-${first}`, batch);
    }
  }
}
