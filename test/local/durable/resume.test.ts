import { expect, test } from 'vitest';
import { runSamplesWithKills } from './killed-host.ts';

test('orchestrations of every kind end with the right result although the host is killed three times', async () => {
  const { outputs, expected } = await runSamplesWithKills([60, 120, 90]);
  expect(outputs).toEqual(expected);
});
