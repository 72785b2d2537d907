/** A stretch of a text: plain, or what stands between two quotes or marks, without them. */
export type Segment = { readonly kind: 'plain' | 'comment' | 'quoted'; readonly open: string; readonly text: string };

export type Delimiter = {
  readonly open: string;
  readonly close: string;
  readonly kind: 'comment' | 'quoted';
  /** The character that hides the closing mark, if one does. */
  readonly escape: string;
};

/** Cuts a text at quotes and comments, in linear time: a mark that is not closed is looked for once. What is not closed is plain. */
export function segmentsOf(text: string, delimiters: readonly Delimiter[]): readonly Segment[] {
  const segments: Segment[] = [];
  const unclosed = new Set<Delimiter>();
  const firsts = new Set(delimiters.map(({ open }) => open.charAt(0)));
  let plainFrom = 0;
  let at = 0;
  while (at < text.length) {
    const delimiter = firsts.has(text.charAt(at))
      ? delimiters.find((known) => !unclosed.has(known) && text.startsWith(known.open, at))
      : undefined;
    if (delimiter === undefined) {
      at += 1;
      continue;
    }
    const from = at + delimiter.open.length;
    const end = closingOf(text, from, delimiter);
    if (end === -1) {
      unclosed.add(delimiter);
      continue;
    }
    if (at > plainFrom) segments.push({ kind: 'plain', open: '', text: text.slice(plainFrom, at) });
    segments.push({ kind: delimiter.kind, open: delimiter.open, text: text.slice(from, end) });
    at = end + delimiter.close.length;
    plainFrom = at;
  }
  if (plainFrom < text.length) segments.push({ kind: 'plain', open: '', text: text.slice(plainFrom) });
  return segments;
}

function closingOf(text: string, from: number, { close, escape: hides }: Delimiter): number {
  if (close === '\n') {
    const newline = text.indexOf('\n', from);
    return newline === -1 ? text.length : newline;
  }
  if (hides === '') return text.indexOf(close, from);
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === hides) at += 1;
    else if (text.startsWith(close, at)) return at;
  }
  return -1;
}

/** A long text in pieces that overlap, so that a pattern costs the same for every character of it. */
export function passagesOf(text: string, length: number, overlap: number): readonly string[] {
  if (text.length <= length) return [text];
  const passages: string[] = [];
  for (let at = 0; at < text.length; at += length - overlap) passages.push(text.slice(at, at + length));
  return passages;
}
