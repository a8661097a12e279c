type CallOutcome = 'answered' | 'throttled' | 'not-sent';

/** Lets so many calls run at once as the other system bears, and learns how many that are. */
export interface ConcurrencyGate {
  /** Resolves when the call may begin. */
  enter(): Promise<void>;
  /** The call has ended. `hint`: what the system recommends, where it does. */
  leave(outcome: CallOutcome, hint: number | undefined): void;
  /** How many may run at once now. */
  limit(): number;
}

export interface GateLimits {
  first: number;
  max: number;
}

/**
 * Starts low, grows by one with each full round of answers up to what the system recommends ("Degree of parallelism",
 * `x-ms-dop-hint`), and halves when it asks for a pause.
 */
export function createConcurrencyGate({ first, max }: GateLimits): ConcurrencyGate {
  const waiting: (() => void)[] = [];
  let running = 0;
  let limit = first;
  let ceiling = max;
  const admit = (): void => {
    while (waiting.length > 0 && running < Math.floor(limit)) {
      running += 1;
      waiting.shift()?.();
    }
  };
  return {
    enter: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        admit();
      }),
    leave(outcome, hint) {
      running -= 1;
      if (hint !== undefined && hint >= 1) ceiling = Math.min(max, hint);
      const grown = outcome === 'answered' ? limit + 1 / limit : limit;
      limit = Math.max(1, Math.min(ceiling, outcome === 'throttled' ? limit / 2 : grown));
      admit();
    },
    limit: () => Math.floor(limit),
  };
}
