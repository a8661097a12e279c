import type { ChangeEvent } from '../core/change/change.ts';
import { isBound, routeEvent } from '../core/change/route-event.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * What an event became. `unbound`: authentic, but no map listens to it; `irrelevant`: it tells of columns only that no
 * map reads. Both are counted, not refused.
 */
export type Acceptance = { kind: 'queued' | 'unbound' | 'irrelevant' };

/**
 * Takes in an authentic event: enqueues it for whichever maps listen. The event itself travels, because maps may be
 * paused or activated between its arrival and its turn.
 */
export async function acceptEvent(deps: Dependencies, event: ChangeEvent): Promise<Acceptance> {
  const routes = await deps.maps.routes();
  const changes = routeEvent(event, routes, deps.clock.nowMs());
  const side = event.type === 'row' ? event.side : 'finops';
  if (changes.length === 0) {
    const name = event.type === 'row' ? event.table : event.businessEventId;
    const kind = isBound(event, routes) ? 'irrelevant' : 'unbound';
    deps.telemetry.emit({ event: `event.${kind}`, side, id: event.id, name });
    return { kind };
  }
  await deps.queue.send([{ id: event.id, body: { type: 'event', event } }]);
  deps.telemetry.emit({ event: 'event.accepted', side, id: event.id, changes: changes.length });
  return { kind: 'queued' };
}
