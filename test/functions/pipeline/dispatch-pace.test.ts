import { expect, it } from 'vitest';
import { createDispatchPace } from '../../../functions/pipeline/dispatch-pace.ts';

it('a lone batch is followed by no rest, a stream of batches by ever longer ones', () => {
  const pace = createDispatchPace();
  expect(pace.restAfter(0)).toBe(0);
  expect(pace.restAfter(1_001)).toBe(0);
  const rests = Array.from({ length: 30 }, (_, index) => pace.restAfter(1_010 + index));
  expect(rests.slice(0, 3)).toEqual([40, 80, 120]);
  expect(rests.at(-1)).toBe(400);
  expect(pace.restAfter(5_000)).toBe(0);
});

it('a steady stream settles at some five batches a second', () => {
  const pace = createDispatchPace();
  let batches = 0;
  for (let nowMs = 0; nowMs < 20_000; nowMs += 5 + pace.restAfter(nowMs)) batches += 1;
  expect(batches / 20).toBeGreaterThan(4);
  expect(batches / 20).toBeLessThan(7);
});
