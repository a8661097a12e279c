import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '../stack.ts';
import { waitUntil } from './wait-until.ts';

const CALM_MS = 150;

/**
 * Waits until nothing is under way: no event still to be posted, no message in the queue, no orchestration open, and
 * that twice with a moment between. Parked changes may be waiting for their time. Resolves with the milliseconds it
 * took.
 * @throws NotInTimeError saying what was still under way.
 */
export async function waitForRest(stack: Stack, patienceMs: number): Promise<number> {
  const startedAt = performance.now();
  const seen = { what: 'nothing' };
  const calm = async (): Promise<boolean> => {
    seen.what = await underWay(stack);
    return seen.what === '';
  };
  try {
    await waitUntil('rest', patienceMs, async () => {
      if (!(await calm())) return undefined;
      await sleep(CALM_MS);
      return (await calm()) ? true : undefined;
    });
  } catch (error) {
    if (error instanceof Error) error.message = `Not at rest within ${patienceMs / 1000} s: ${seen.what}.`;
    throw error;
  }
  return performance.now() - startedAt;
}

/** Resolves when both systems have posted every event that they raised so far, or have given up on it. */
export async function waitUntilPosted(stack: Stack, patienceMs: number): Promise<void> {
  await waitUntil('all events posted', patienceMs, async () => {
    await stack.simulators.dataverse.webhooksIdle();
    return stack.simulators.finops.events.pending().length === 0 ? true : undefined;
  });
}

/** What is still under way, in words; empty when nothing is. */
async function underWay(stack: Stack): Promise<string> {
  const events = stack.simulators.finops.events.pending().length;
  if (events > 0) return `${events} events of F&O are not posted`;
  await stack.simulators.dataverse.webhooksIdle();
  const messages = stack.broker.counts()['changes']?.active ?? 0;
  if (messages > 0) return `${messages} messages are in the queue`;
  const instances = await openOrchestrations(stack);
  if (instances === undefined) return 'the app does not answer';
  return instances > 0 ? `${instances} orchestrations are open` : '';
}

async function openOrchestrations(stack: Stack): Promise<number | undefined> {
  const query = 'runtimeStatus=Running,Pending&showInput=false';
  try {
    const response = await fetch(`${stack.appUrl}/runtime/webhooks/durabletask/instances?${query}`);
    return response.ok ? ((await response.json()) as unknown[]).length : undefined;
  } catch {
    return undefined;
  }
}
