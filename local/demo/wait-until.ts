import { setTimeout as sleep } from 'node:timers/promises';

/** Something that had to happen did not happen in its time; the message says what, and how long it was waited for. */
class NotInTimeError extends Error {}

const POLL_MS = 20;

/**
 * Asks again and again until there is an answer, and resolves with it. A probe that throws ends the wait; one that
 * never answers does not prolong it.
 * @throws NotInTimeError naming `what` when nothing came within `patienceMs`.
 */
export async function waitUntil<T>(
  what: string,
  patienceMs: number,
  probe: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const over = new AbortController();
  const late = sleep(patienceMs, undefined, { signal: over.signal }).then(() => {
    throw new NotInTimeError(`Not within ${patienceMs / 1000} s: ${what}.`);
  });
  late.catch(() => undefined);
  try {
    for (;;) {
      // In this order: a probe that answers at once must not win over a time that is up.
      const answer = await Promise.race([late, probe()]);
      if (answer !== undefined) return answer;
      await sleep(POLL_MS);
    }
  } finally {
    over.abort();
  }
}
