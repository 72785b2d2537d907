import type { Playground } from './playground.ts';
import type { PostedCards } from './posted-cards.ts';

/** So many threads that people began themselves are remembered, to let the bot reply in them. */
const keptThreads = 100;

/**
 * A thread of a channel is named by the post at its root, and each page's Playground numbers its posts itself: translates between what a page and what
 * the bot calls the same thread.
 */
export class Threads {
  readonly #posts: PostedCards;
  /** Threads that a person began, which only that person's Playground knows. */
  readonly #begunOn = new Map<string, string>();

  constructor(posts: PostedCards) {
    this.#posts = posts;
  }

  /** The bot's name of what the page calls `local`. */
  rootForBot(page: Playground, local: string): string {
    const known = this.#posts.findByCopy(page.owner.id, local);
    if (known !== undefined) return known;
    this.#begunOn.set(local, page.owner.id);
    for (const oldest of [...this.#begunOn.keys()].slice(0, -keptThreads)) this.#begunOn.delete(oldest);
    return local;
  }

  /** The page's name of what the bot calls `root`; undefined where that page does not show it. */
  rootOn(page: Playground, root: string): string | undefined {
    return this.#posts.copiesOn(root, page.owner.id).at(-1) ?? (this.#begunOn.get(root) === page.owner.id ? root : undefined);
  }
}
