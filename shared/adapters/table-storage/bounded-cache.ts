/** Keeps what was used last, up to a total weight. */
export interface BoundedCache<T> {
  get(name: string): T | undefined;
  set(name: string, value: T, weight: number): void;
  delete(name: string): void;
}

export function createBoundedCache<T>(weightMax: number): BoundedCache<T> {
  const entries = new Map<string, { value: T; weight: number }>();
  let total = 0;

  function remove(name: string): void {
    total -= entries.get(name)?.weight ?? 0;
    entries.delete(name);
  }

  return {
    get(name) {
      const entry = entries.get(name);
      if (entry === undefined) return undefined;
      // A Map keeps the order of insertion: the first is what was not used for longest.
      entries.delete(name);
      entries.set(name, entry);
      return entry.value;
    },
    set(name, value, weight) {
      remove(name);
      entries.set(name, { value, weight });
      total += weight;
      for (const oldest of entries.keys()) {
        if (total <= weightMax) break;
        remove(oldest);
      }
    },
    delete: remove,
  };
}
