import type { Change } from '../core/change/change.ts';
import { mergeChanges } from '../core/change/merge-changes.ts';
import { routeEvent } from '../core/change/route-event.ts';
import type { Fault } from '../core/fault/fault.ts';
import type { QueueBody } from '../ports/change-queue.ts';
import type { Dependencies } from './dependencies.ts';
import { parkedChange } from './park.ts';

/** Dead letters become parked changes: they are tried again by time, and a person sees them. */
export async function drainDeadLetters(
  deps: Pick<Dependencies, 'maps' | 'state' | 'clock' | 'identifiers' | 'telemetry'>,
  bodies: readonly QueueBody[],
): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const routes = await deps.maps.routes();
  const changes = bodies.flatMap((body): Change[] =>
    body.type === 'change' ? [body.change] : routeEvent(body.event, routes, nowMs),
  );
  const fault: Fault = {
    code: 'TW208',
    class: 'transient',
    message: 'The queue delivered this change ten times without success; it is tried again later.',
  };
  const parked = mergeChanges(changes).map((change) => parkedChange(deps, change, 'dead-lettered', fault));
  await deps.state.park(parked);
  for (const { mapId, identity, reason } of parked) {
    deps.telemetry.emit({ event: 'change.parked', mapId, key: identity, reason, code: fault.code });
  }
}
