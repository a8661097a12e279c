import { expect, it } from 'vitest';
import { fuzzEvents } from './event-fuzz.ts';

it('I4: 100,000 spoiled bodies are understood, passed over or refused with a reason', () => {
  expect(fuzzEvents(100_000, 2).wrong).toEqual([]);
});
