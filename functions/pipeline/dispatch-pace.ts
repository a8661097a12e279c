const WINDOW_MS = 1_000;
const REST_PER_START_MS = 40;
/** What a burst begins with: as much of it as comes in so long travels together. */
const REST_MIN_MS = 150;
const REST_MAX_MS = 1_000;

/** Makes batches grow with the load: the more was started lately, the longer the next batch gathers. */
export interface DispatchPace {
  /** Milliseconds to rest after so many orchestrations were started now; nothing after a single one. */
  restAfter(started: number, nowMs: number): number;
}

/**
 * Each orchestration has a fixed price in calls and operations, however few changes it holds. A lone edit is
 * dispatched at once; a steady stream of edits of one map settles at some five batches a second.
 */
export function createDispatchPace(): DispatchPace {
  let lately: { started: number; atMs: number }[] = [];
  return {
    restAfter(started, nowMs) {
      lately = [...lately.filter(({ atMs }) => atMs > nowMs - WINDOW_MS), { started, atMs: nowMs }];
      const count = lately.reduce((sum, each) => sum + each.started, 0);
      if (count <= 1) return 0;
      return Math.min(REST_MAX_MS, Math.max(REST_MIN_MS, (count - 1) * REST_PER_START_MS));
    },
  };
}
