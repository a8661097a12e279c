const LONGEST_MS = 24 * 3_600_000;

/** Calls back at an instant (epoch milliseconds), however far away; returns a function that cancels it. */
export function wakeAt(instant: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const delayMs = Math.max(0, instant - Date.now());
    timer = delayMs > LONGEST_MS ? setTimeout(arm, LONGEST_MS) : setTimeout(callback, delayMs);
  };
  arm();
  return () => clearTimeout(timer);
}
