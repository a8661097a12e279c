import { expect, test } from 'vitest';
import { runSamplesWithKills } from './killed-host.ts';

/** Times between two kills drawn from a seed, so that a failure can be repeated. */
function killTimes(seed: number): number[] {
  let state = seed * 2_654_435_761;
  return Array.from({ length: 8 }, () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return 5 + Math.floor((state / 4_294_967_296) * 150);
  });
}

test.each([1, 2, 3, 4, 5])('eight kills at the times of seed %i change no result', async (seed) => {
  const { outputs, expected } = await runSamplesWithKills(killTimes(seed));
  expect(outputs).toEqual(expected);
});
