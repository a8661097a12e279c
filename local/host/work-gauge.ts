/** Counts work in hand and tells when there is none. */
export interface WorkGauge {
  begin(): void;
  end(): void;
  /** Resolves once nothing was in hand for `quietMs`; work that waits for a clock or an event is not in hand. */
  idle(quietMs: number): Promise<void>;
  /** Resolves once nothing is in hand, or after `timeoutMs`; tells which. */
  drained(timeoutMs: number): Promise<boolean>;
}

/** A gauge with nothing in hand. */
export function createWorkGauge(): WorkGauge {
  let inHand = 0;
  let changes = 0;
  const waiting = new Set<() => void>();
  const empty = async (): Promise<void> => {
    while (inHand > 0) {
      await new Promise<void>((resolve) => waiting.add(resolve));
    }
  };
  return {
    begin() {
      inHand += 1;
      changes += 1;
    },
    end() {
      inHand -= 1;
      if (inHand === 0) {
        const ready = [...waiting];
        waiting.clear();
        for (const resolve of ready) {
          resolve();
        }
      }
    },
    async idle(quietMs) {
      for (;;) {
        await empty();
        const before = changes;
        await new Promise((resolve) => setTimeout(resolve, quietMs));
        if (inHand === 0 && changes === before) {
          return;
        }
      }
    },
    async drained(timeoutMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<boolean>((resolve) => {
        timer = setTimeout(() => resolve(false), timeoutMs);
      });
      const done = await Promise.race([empty().then(() => true), late]);
      clearTimeout(timer);
      return done;
    },
  };
}
