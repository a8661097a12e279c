/** A binary heap: the item with the smallest rank comes first; items with the same rank come in any order. */
export interface PriorityQueue<Item> {
  push(rank: number, item: Item): void;
  /** The first item and its rank, which stay in the queue. */
  peek(): { rank: number; item: Item } | undefined;
  pop(): Item | undefined;
}

export function createPriorityQueue<Item>(): PriorityQueue<Item> {
  const heap: { rank: number; item: Item }[] = [];

  const rankAt = (index: number): number => heap[index]?.rank ?? Number.POSITIVE_INFINITY;

  function swap(left: number, right: number): void {
    const a = heap[left];
    const b = heap[right];
    if (a === undefined || b === undefined) return;
    heap[left] = b;
    heap[right] = a;
  }

  function rise(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (rankAt(parent) <= rankAt(index)) return;
      swap(parent, index);
      index = parent;
    }
  }

  function sink(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const child = rankAt(left + 1) < rankAt(left) ? left + 1 : left;
      if (rankAt(index) <= rankAt(child)) return;
      swap(index, child);
      index = child;
    }
  }

  return {
    push(rank, item) {
      heap.push({ rank, item });
      rise(heap.length - 1);
    },
    peek: () => heap[0],
    pop() {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return undefined;
      if (heap.length > 0) {
        heap[0] = last;
        sink();
      }
      return first.item;
    },
  };
}
