const WINDOW_MS = 1_000;
const REST_PER_START_MS = 40;
const REST_MAX_MS = 400;

/** Makes batches grow with the load: the more often batches were dispatched lately, the longer the next one gathers. */
export interface DispatchPace {
  /** Milliseconds to rest after a batch that was dispatched now; nothing after a single one. */
  restAfter(nowMs: number): number;
}

/**
 * Each batch has a fixed price in calls and operations, however few changes it holds. A lone edit is dispatched at
 * once; under a steady stream this settles at some five batches a second.
 */
export function createDispatchPace(): DispatchPace {
  let dispatchedAtMs: number[] = [];
  return {
    restAfter(nowMs) {
      dispatchedAtMs = [...dispatchedAtMs.filter((atMs) => atMs > nowMs - WINDOW_MS), nowMs];
      return Math.min(REST_MAX_MS, (dispatchedAtMs.length - 1) * REST_PER_START_MS);
    },
  };
}
