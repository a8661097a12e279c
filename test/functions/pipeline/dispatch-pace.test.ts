import { expect, it } from 'vitest';
import { createDispatchPace } from '../../../functions/pipeline/dispatch-pace.ts';

it('a lone orchestration is followed by no rest, a stream of them by ever longer ones', () => {
  const pace = createDispatchPace();
  expect(pace.restAfter(1, 0)).toBe(0);
  expect(pace.restAfter(1, 1_001)).toBe(0);
  expect([1_010, 1_020, 1_030].map((nowMs) => pace.restAfter(1, nowMs))).toEqual([150, 150, 150]);
  expect(pace.restAfter(4, 1_040)).toBe(280);
  expect(pace.restAfter(40, 1_050)).toBe(1_000);
  expect(pace.restAfter(1, 5_000)).toBe(0);
});

it('a steady stream of one map settles at some five batches a second', () => {
  const pace = createDispatchPace();
  let batches = 0;
  for (let nowMs = 0; nowMs < 20_000; nowMs += 5 + pace.restAfter(1, nowMs)) batches += 1;
  expect(batches / 20).toBeGreaterThan(4);
  expect(batches / 20).toBeLessThan(7);
});
