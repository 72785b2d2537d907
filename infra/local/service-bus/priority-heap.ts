/** A binary min-heap: `pop` returns the item that `precedes` all others, in logarithmic time. */
export class PriorityHeap<T> {
  readonly #precedes: (a: T, b: T) => boolean;
  #items: T[] = [];

  constructor(precedes: (a: T, b: T) => boolean) {
    this.#precedes = precedes;
  }

  get size(): number {
    return this.#items.length;
  }

  top(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let index = items.length;
    items.push(item);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = items[parentIndex];
      if (parent === undefined || !this.#precedes(item, parent)) break;
      items[index] = parent;
      index = parentIndex;
    }
    items[index] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last !== undefined && items.length > 0) this.#sink(last);
    return first;
  }

  /** Drops every item that does not satisfy `keep`. */
  retain(keep: (item: T) => boolean): void {
    const kept = this.#items.filter(keep);
    this.#items = [];
    for (const item of kept) this.push(item);
  }

  #sink(item: T): void {
    const items = this.#items;
    let index = 0;
    for (;;) {
      const leftIndex = 2 * index + 1;
      const left = items[leftIndex];
      if (left === undefined) break;
      const right = items[leftIndex + 1];
      const childIndex = right !== undefined && this.#precedes(right, left) ? leftIndex + 1 : leftIndex;
      const child = childIndex === leftIndex ? left : right;
      if (child === undefined || !this.#precedes(child, item)) break;
      items[index] = child;
      index = childIndex;
    }
    items[index] = item;
  }
}
