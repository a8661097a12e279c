import type { ChangeQueue, QueueMessage } from '../../ports/change-queue.ts';

/** A queue within the process, with the duplicate detection of the real one; its window never ends. */
export interface MemoryChangeQueue extends ChangeQueue {
  /** Takes out the oldest messages, all of them unless told how many. */
  take(count?: number): QueueMessage[];
  /** Messages that wait. */
  readonly length: number;
}

/** For simulations, benchmarks and tests. */
export function createMemoryChangeQueue(): MemoryChangeQueue {
  const seenIds = new Set<string>();
  const waiting: QueueMessage[] = [];
  return {
    send(messages) {
      for (const message of messages) {
        if (seenIds.has(message.id)) continue;
        seenIds.add(message.id);
        waiting.push(message);
      }
      return Promise.resolve();
    },
    take: (count = waiting.length) => waiting.splice(0, count),
    get length() {
      return waiting.length;
    },
  };
}
