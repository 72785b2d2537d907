import { isJsonObject, type JsonValue } from '../json.ts';
import type { Range } from './ranges.ts';

const whole = /^«masked \d{1,9}»$/;
const every = /«masked (\d{1,9})»/g;

/** Whether a text is a placeholder and nothing else: there is nothing to compare it with, and nothing behind it to use. */
export function isPlaceholder(text: string): boolean {
  return text.charCodeAt(0) === 0xab && whole.test(text);
}

/** Where placeholders stand in a text. */
export function placeholdersIn(text: string): readonly Range[] {
  if (!text.includes('«')) return [];
  return [...text.matchAll(every)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
}

/**
 * Placeholders of one result: `«masked 1»`, `«masked 2»`, …, the same for the same secret. They say nothing of what they stand for, its length included.
 * Numbers that the value already bears, as {@link numbersIn} finds them, are not given again, so that a forged placeholder never equals a real one.
 */
export class Placeholders {
  readonly #of = new Map<string, string>();
  readonly #taken: ReadonlySet<number>;
  #last = 0;
  #unread: string | undefined;
  readonly #unreadNames: string[] = [];

  constructor(taken: ReadonlySet<number>) {
    this.#taken = taken;
  }

  for(secret: string): string {
    const known = this.#of.get(secret);
    if (known !== undefined) return known;
    const made = this.#next();
    this.#of.set(secret, made);
    return made;
  }

  /** Of a text that nobody read: the same for all that were not met before, which nobody compared either. */
  forUnread(text: string): string {
    const known = this.#of.get(text);
    if (known !== undefined) return known;
    this.#unread ??= this.#next();
    return this.#unread;
  }

  /** Of a name that nobody read, by which member of its object it stands for. */
  forUnreadName(index: number): string {
    const known = this.#unreadNames[index];
    if (known !== undefined) return known;
    const made = this.#next();
    this.#unreadNames[index] = made;
    return made;
  }

  #next(): string {
    do this.#last += 1;
    while (this.#taken.has(this.#last));
    return `«masked ${this.#last}»`;
  }
}

/** The escaped form is looked for too: JSON inside a text may spell a placeholder so. */
const mark = /«masked |\\u00abmasked /i;
const numbers = /(?:«|\\u00ab)masked (\d{1,9})/gi;

/** Numbers of all placeholders in a value. */
export function numbersIn(value: JsonValue): ReadonlySet<number> {
  const taken = new Set<number>();
  const look = (text: string) => {
    if ((text.includes('«') || text.includes('\\u00')) && mark.test(text))
      for (const match of text.matchAll(numbers)) taken.add(Number(match[1]));
  };
  const walk = (inner: JsonValue) => {
    if (typeof inner === 'string') look(inner);
    else if (Array.isArray(inner)) inner.forEach(walk);
    else if (isJsonObject(inner)) {
      for (const name of Object.keys(inner)) {
        look(name);
        walk(inner[name] ?? null);
      }
    }
  };
  walk(value);
  return taken;
}
