import { expect, it } from 'vitest';
import { createMemoryChangeQueue } from '../../../../shared/adapters/memory/memory-change-queue.ts';
import { aMessage, changeQueueContract } from '../../../contracts/change-queue.contract.ts';

changeQueueContract('the memory', async () => {
  const queue = createMemoryChangeQueue();
  return { queue, take: async () => queue.take() };
});

it('gives the oldest messages first, as many as are asked for', async () => {
  const queue = createMemoryChangeQueue();
  await queue.send([aMessage('one'), aMessage('two'), aMessage('three')]);
  expect(queue.take(2).map(({ id }) => id)).toEqual(['one', 'two']);
  expect(queue.length).toBe(1);
});
