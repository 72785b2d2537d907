/** Merges sequences that are each in the order of their keys into one that is; reads no further ahead than one item of each. */
export async function* mergeOrdered<Item>(sources: readonly AsyncIterator<Item>[], keyOf: (item: Item) => string): AsyncGenerator<Item> {
  const started = await Promise.all(sources.map((source) => advance(source)));
  const heads = started.filter((head) => head !== undefined);
  while (true) {
    const first = heads.reduce<Head<Item> | undefined>(
      (least, head) => (least === undefined || keyOf(head.item) < keyOf(least.item) ? head : least),
      undefined,
    );
    if (first === undefined) return;
    yield first.item;
    const next = await advance(first.source);
    if (next === undefined) heads.splice(heads.indexOf(first), 1);
    else heads[heads.indexOf(first)] = next;
  }
}

type Head<Item> = { readonly source: AsyncIterator<Item>; readonly item: Item };

async function advance<Item>(source: AsyncIterator<Item>): Promise<Head<Item> | undefined> {
  const result = await source.next();
  return result.done === true ? undefined : { source, item: result.value };
}
