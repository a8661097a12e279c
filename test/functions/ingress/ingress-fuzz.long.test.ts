import { expect, it } from 'vitest';
import { fuzzIngress } from './ingress-fuzz.ts';

it('I4: the ingress takes, drops or refuses each of 100,000 spoiled bodies, and no forgery', async () => {
  const { wrong } = await fuzzIngress(100_000, 2);
  expect(wrong).toEqual([]);
}, 300_000);
