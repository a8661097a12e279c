import { describe, expect, test } from 'vitest';
import { createBatcher } from '../../../local/host/service-bus-batcher.ts';

const limits = { maxSize: 3, minSize: 1, maxWaitMs: 1000, burstMs: 5 };

describe('batcher', () => {
  test('a burst becomes full batches, one at a time, in order', async () => {
    const batches: number[][] = [];
    let running = 0;
    const batcher = createBatcher<number>(limits, async (items) => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 3));
      batches.push([...items]);
      running -= 1;
    });
    await Promise.all([1, 2, 3, 4, 5, 6, 7].map((item) => batcher.add(item)));
    expect(batches).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  });

  test('a burst goes on while items follow one another closely', async () => {
    const batches: number[][] = [];
    const batcher = createBatcher<number>({ ...limits, maxSize: 100, burstMs: 15 }, async (items) => {
      batches.push([...items]);
    });
    const added: Promise<void>[] = [];
    for (const item of [1, 2, 3]) {
      added.push(batcher.add(item));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await Promise.all(added);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  test('a minimum is waited for, but not longer than allowed', async () => {
    const batches: number[][] = [];
    const batcher = createBatcher<number>({ ...limits, minSize: 2, maxWaitMs: 60 }, async (items) => {
      batches.push([...items]);
    });
    const first = batcher.add(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(batches).toEqual([]);
    await Promise.all([first, batcher.add(2)]);
    await batcher.add(3);
    expect(batches).toEqual([[1, 2], [3]]);
  });

  test('draining ends the wait and resolves when all is done', async () => {
    const batches: number[][] = [];
    const batcher = createBatcher<number>({ ...limits, minSize: 3, maxWaitMs: 60_000 }, async (items) => {
      batches.push([...items]);
    });
    const added = batcher.add(1);
    await batcher.drain();
    await added;
    expect(batches).toEqual([[1]]);
  });
});
