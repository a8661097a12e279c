import type { Scene } from './scene.ts';
import { waitUntil } from './wait-until.ts';

const BACK_MS = 45_000;

/** Kills the app as a crash would, and resolves with the milliseconds until it answers again. */
export async function killHost({ stack }: Scene): Promise<number> {
  const before = stack.host.restarts();
  const sinceMs = performance.now();
  stack.host.kill();
  await waitUntil('the app back after a kill', BACK_MS, async () => {
    if (stack.host.restarts() === before) return undefined;
    const answer = await fetch(`${stack.appUrl}/api/health`).catch(() => undefined);
    return answer?.ok === true ? true : undefined;
  });
  return performance.now() - sinceMs;
}
