import type { Mailbox } from './mailbox.ts';
import type { Queue } from './queue.ts';

/** What an address names: a queue or its dead-letter queue, and whether its management node is meant. */
export interface Place {
  readonly queue: Queue;
  readonly mailbox: Mailbox;
  readonly management: boolean;
}

const MANAGEMENT = '/$management';
const DEAD_LETTER = '/$deadletterqueue';

/** Finds the place an address names; case does not count. `queues` has names in lower case. Null when there is none. */
export function findPlace(queues: ReadonlyMap<string, Queue>, address: string | undefined): Place | null {
  let rest = (address ?? '').toLowerCase();
  const management = rest.endsWith(MANAGEMENT);
  if (management) rest = rest.slice(0, -MANAGEMENT.length);
  const dead = rest.endsWith(DEAD_LETTER);
  if (dead) rest = rest.slice(0, -DEAD_LETTER.length);
  const queue = queues.get(rest);
  if (queue === undefined) return null;
  return { queue, mailbox: dead ? queue.deadLetter : queue.main, management };
}
