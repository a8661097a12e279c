import type { Pending } from './engine-state.ts';
import type { EntityMessage, EntityOperation } from './store.ts';

/** What an entity does next, with the messages it uses up. */
export type EntityStep =
  | { readonly kind: 'run'; readonly batch: readonly Pending<EntityOperation>[] }
  | { readonly kind: 'grant'; readonly taken: Pending<EntityMessage>; readonly lock: LockMessage }
  | { readonly kind: 'unlock' | 'drop'; readonly taken: readonly Pending<EntityMessage>[] };

type LockMessage = Extract<EntityMessage, { kind: 'lock' }>;

/**
 * Takes the next step off the queue; null when there is none for now. A locked entity serves its holder alone, the
 * others wait; a lock whose holder has let go of it before it was granted is dropped ("Durable entities", "Critical
 * sections").
 */
export function takeStep(queue: Pending<EntityMessage>[], lockedBy: string | null): EntityStep | null {
  const first = queue.findIndex(({ body }) => lockedBy === null || holderOf(body) === lockedBy);
  const head = queue[first];
  if (head === undefined) return null;
  if (head.body.kind === 'operation') return { kind: 'run', batch: takeOperations(queue, first, lockedBy) };
  const { body } = head;
  if (body.kind === 'release') {
    return { kind: lockedBy === null ? 'drop' : 'unlock', taken: queue.splice(first, 1) };
  }
  const release = queue.findIndex((other) => other.body.kind === 'release' && other.body.holder === holderOf(body));
  if (release < 0) {
    queue.splice(first, 1);
    return { kind: 'grant', taken: head, lock: body };
  }
  // From the back, so that the first index stays right.
  const [released] = queue.splice(release, 1);
  queue.splice(first, 1);
  return { kind: 'drop', taken: released === undefined ? [head] : [head, released] };
}

function takeOperations(
  queue: Pending<EntityMessage>[],
  first: number,
  lockedBy: string | null,
): Pending<EntityOperation>[] {
  const batch: Pending<EntityOperation>[] = [];
  let at = first;
  for (let next = queue[at]; next !== undefined; next = queue[at]) {
    const { key, body } = next;
    const mine = lockedBy === null || holderOf(body) === lockedBy;
    if (mine && body.kind !== 'operation') break;
    if (mine && body.kind === 'operation') {
      queue.splice(at, 1);
      batch.push({ key, body });
    } else {
      at += 1;
    }
  }
  return batch;
}

/** The execution that a message comes from; null for a signal, which belongs to nobody. */
function holderOf(body: EntityMessage): string | null {
  return body.kind === 'release' ? body.holder : (body.replyTo?.executionId ?? null);
}
