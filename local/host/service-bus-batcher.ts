/** Limits of a batch; times in milliseconds. */
export interface BatchLimits {
  readonly maxSize: number;
  readonly minSize: number;
  /** How long to wait for `minSize`. */
  readonly maxWaitMs: number;
  /** A burst goes on while more has come within this time. */
  readonly burstMs: number;
}

/** The longest that a burst is waited for. */
const BURST_MAX_MS = 50;

/** Collects items that arrive one by one and hands them on in batches, one batch at a time. */
export interface Batcher<T> {
  /** Resolves once the batch with this item is done. */
  add(item: T): Promise<void>;
  /** Resolves once everything added so far is done. */
  drain(): Promise<void>;
}

interface Waiting<T> {
  readonly item: T;
  readonly done: () => void;
}

/** A batcher that gives its batches to `work`, which must not throw. */
export function createBatcher<T>(limits: BatchLimits, work: (items: readonly T[]) => Promise<void>): Batcher<T> {
  const waiting: Waiting<T>[] = [];
  const idle: (() => void)[] = [];
  let running = false;
  let draining = false;
  let wake = (): void => {};

  const gather = async (): Promise<void> => {
    const deadline = Date.now() + limits.maxWaitMs;
    const short = (): number => deadline - Date.now();
    while (!draining && waiting.length < limits.minSize && short() > 0) {
      await pause(short());
    }
    const burstEnd = Date.now() + BURST_MAX_MS;
    let seen = 0;
    while (!draining && waiting.length < limits.maxSize && waiting.length > seen && Date.now() < burstEnd) {
      seen = waiting.length;
      await pause(limits.burstMs);
    }
  };
  const pause = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const run = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) {
      await gather();
      const batch = waiting.splice(0, limits.maxSize);
      await work(batch.map(({ item }) => item));
      for (const { done } of batch) {
        done();
      }
    }
    running = false;
    draining = false;
    for (const resolve of idle.splice(0)) {
      resolve();
    }
  };
  return {
    add: (item) =>
      new Promise((resolve) => {
        waiting.push({ item, done: resolve });
        if (!running) {
          void run();
        } else if (waiting.length === limits.maxSize || waiting.length === limits.minSize) {
          wake();
        }
      }),
    async drain() {
      if (running) {
        draining = true;
        wake();
        await new Promise<void>((resolve) => idle.push(resolve));
      }
    },
  };
}
