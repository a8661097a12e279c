/** The message ids of the last while: "Duplicate detection" drops a message whose id was already sent in the window. */
export interface DuplicateWindow {
  has(messageId: string, nowMs: number): boolean;
  remember(messageId: string, atMs: number): void;
  /** Drops what left the window and returns the time before which everything is gone; null when nothing was dropped. */
  prune(nowMs: number): number | null;
}

export function createDuplicateWindow(windowMs: number): DuplicateWindow {
  // A Map keeps the order of insertion, and ids are remembered in the order of time.
  const seen = new Map<string, number>();
  return {
    has(messageId, nowMs) {
      const atMs = seen.get(messageId);
      return atMs !== undefined && atMs > nowMs - windowMs;
    },
    remember(messageId, atMs) {
      seen.delete(messageId);
      seen.set(messageId, atMs);
    },
    prune(nowMs) {
      const beforeMs = nowMs - windowMs;
      let dropped = false;
      for (const [messageId, atMs] of seen) {
        if (atMs > beforeMs) break;
        seen.delete(messageId);
        dropped = true;
      }
      return dropped ? beforeMs : null;
    },
  };
}
