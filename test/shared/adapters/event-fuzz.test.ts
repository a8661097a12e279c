import { expect, it } from 'vitest';
import { fuzzEvents } from './event-fuzz.ts';

it('I4: 5,000 spoiled bodies are understood, passed over or refused with a reason, and the queue can carry what is taken', () => {
  const { wrong, accepted } = fuzzEvents(5_000, 1);
  expect(wrong).toEqual([]);
  expect(accepted).toBeGreaterThan(1_000);
});
