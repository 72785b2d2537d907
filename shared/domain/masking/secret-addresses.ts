import type { Range } from './ranges.ts';

const origin = /^https?:\/\/[^/?#\s]{1,300}/i;
const piece = /(?<before>[=/])[^/?#&=\s]{16,}/g;

/** The parts of a webhook's or a callback's URL that make it one: long values of its query, and parts of its path that are no words. Its host stays. */
export function findInAddress(text: string): readonly Range[] {
  const start = origin.exec(text)?.[0].length;
  if (start === undefined) return [];
  return [...text.slice(start).matchAll(piece)]
    .map((match) => ({ isValue: match[0].startsWith('='), start: start + match.index + 1, end: start + match.index + match[0].length }))
    .filter((part) => part.isValue || isNoWord(text.slice(part.start, part.end)));
}

function isNoWord(text: string): boolean {
  return text.length >= 20 && /\d/.test(text) && /[A-Za-z]/.test(text);
}
