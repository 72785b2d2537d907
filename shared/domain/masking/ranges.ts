/** A place in a text, in UTF-16 units; `end` is the first one after it. */
export type Range = { readonly start: number; readonly end: number };

/** In order, without overlap; what touches is one. */
export function mergeRanges(ranges: readonly Range[]): readonly Range[] {
  if (ranges.length < 2) return ranges;
  const merged: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last === undefined || range.start > last.end) merged.push(range);
    else if (range.end > last.end) merged[merged.length - 1] = { start: last.start, end: range.end };
  }
  return merged;
}

/** What is left of `ranges` outside `holes`; both in order and without overlap. */
export function subtractRanges(ranges: readonly Range[], holes: readonly Range[]): readonly Range[] {
  const left: Range[] = [];
  let next = 0;
  for (const range of ranges) {
    let start = range.start;
    for (let hole = holes[next]; hole !== undefined && hole.start < range.end; hole = holes[next]) {
      if (hole.start > start) left.push({ start, end: hole.start });
      start = Math.max(start, hole.end);
      if (hole.end > range.end) break;
      next += 1;
    }
    if (start < range.end) left.push({ start, end: range.end });
  }
  return left;
}

/** No honest text holds more secrets; one that does is hidden as a whole, rather than taken apart for seconds. */
export const maxFindings = 5_000;

export function everything(text: string): readonly Range[] {
  return [{ start: 0, end: text.length }];
}

/** The matches of a global pattern, one after the other; quicker than `matchAll`, which copies the pattern for every text. None of them may be empty. */
export function* matchesOf(pattern: RegExp, text: string): Generator<RegExpExecArray> {
  let from = 0;
  for (;;) {
    pattern.lastIndex = from;
    const match = pattern.exec(text);
    if (match === null) return;
    from = pattern.lastIndex;
    yield match;
  }
}
