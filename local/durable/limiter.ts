/** Lets at most a number of jobs run at once; the others wait in the order of their arrival. */
export interface Limiter {
  run<T>(job: () => Promise<T>): Promise<T>;
}

/** A limiter for `limit` jobs at once. */
export function createLimiter(limit: number): Limiter {
  const waiting: (() => void)[] = [];
  let head = 0;
  let free = limit;
  const release = (): void => {
    const next = waiting[head];
    if (next === undefined) {
      free += 1;
      return;
    }
    head += 1;
    if (head === waiting.length) {
      waiting.length = 0;
      head = 0;
    }
    next();
  };
  return {
    async run(job) {
      if (free > 0) {
        free -= 1;
      } else {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      try {
        return await job();
      } finally {
        release();
      }
    },
  };
}
