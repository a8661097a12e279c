import { setTimeout as sleep } from 'node:timers/promises';

/** Something that had to happen did not happen in its time; the message says what, and how things stood. */
export class NotInTimeError extends Error {}

const POLL_MS = 20;

/**
 * Asks again and again until there is an answer, and resolves with it. A probe that throws ends the wait.
 * @throws NotInTimeError naming `what` when nothing came within `patienceMs`.
 */
export async function waitUntil<T>(
  what: string,
  patienceMs: number,
  probe: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (performance.now() > until) throw new NotInTimeError(`Not within ${patienceMs / 1000} s: ${what}.`);
    await sleep(POLL_MS);
  }
}
