import { z } from 'zod';
import type { JsonObject } from '../../../shared/domain/json.ts';
import { readIfPresent, writePrivately } from '../private-files.ts';

/** One post of the bot: its content, and the ids that each page's Playground gave to its copies, oldest first. */
type Post = { content: JsonObject; readonly copies: Map<string, string[]> };

/** So many posts are kept to be shown again to a page that is opened later; those before them are forgotten. */
const keptPosts = 30;
/** A page that is opened anew gets another copy; updates go to the latest few. */
const keptCopies = 3;

const keptShape = z.array(z.object({ id: z.string().regex(/^\d{1,16}$/), content: z.record(z.string(), z.json()) }));

/** What the bot posted, by the id that the bot knows. Every page's Playground has ids of its own for the same post. */
export class PostedCards {
  readonly #posts = new Map<string, Post>();
  #lastId = 0;
  readonly #now: () => number;
  readonly #path: string | undefined;

  /** Kept in the file at `path`, so that a restart shows what hung there before; without one in memory only. The copies are made anew when a page is opened. */
  constructor(now: () => number, path?: string) {
    this.#now = now;
    this.#path = path;
    const kept = path === undefined ? undefined : readIfPresent(path);
    for (const { id, content } of keptShape.parse(JSON.parse(kept ?? '[]'))) {
      this.#posts.set(id, { content, copies: new Map() });
      this.#lastId = Math.max(this.#lastId, Number(id));
    }
  }

  /** An id as Teams makes them: milliseconds since the epoch, never twice the same. */
  add(content: JsonObject): string {
    this.#lastId = Math.max(this.#lastId + 1, this.#now());
    const id = String(this.#lastId);
    this.#posts.set(id, { content, copies: new Map() });
    for (const oldest of [...this.#posts.keys()].slice(0, -keptPosts)) this.#posts.delete(oldest);
    this.#keep();
    return id;
  }

  replace(id: string, content: JsonObject): boolean {
    const post = this.#posts.get(id);
    if (post === undefined) return false;
    post.content = content;
    this.#keep();
    return true;
  }

  addCopy(id: string, page: string, copyId: string): void {
    const post = this.#posts.get(id);
    if (post === undefined) return;
    post.copies.set(page, [...(post.copies.get(page) ?? []), copyId].slice(-keptCopies));
  }

  copiesOn(id: string, page: string): readonly string[] {
    return this.#posts.get(id)?.copies.get(page) ?? [];
  }

  /** The bot's id of what a page calls `copyId`; undefined for what the bot did not post. */
  findByCopy(page: string, copyId: string): string | undefined {
    for (const [id, { copies }] of this.#posts) if (copies.get(page)?.includes(copyId) === true) return id;
    return undefined;
  }

  /** Oldest first. */
  entries(): readonly { readonly id: string; readonly content: JsonObject }[] {
    return [...this.#posts].map(([id, { content }]) => ({ id, content }));
  }

  #keep(): void {
    if (this.#path !== undefined) writePrivately(this.#path, JSON.stringify(this.entries()));
  }
}
