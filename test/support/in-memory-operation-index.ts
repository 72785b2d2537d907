import { encodeContinuation, parseContinuation } from '../../shared/adapters/table-storage/continuation-token.ts';
import { orderKey } from '../../shared/adapters/table-storage/index-order.ts';
import { hasEnded } from '../../shared/domain/operation.ts';
import type { IndexEntry, IndexQuery, OperationIndex } from '../../shared/ports/operation-index.ts';

/** An index that keeps its entries in memory and writes `index <status>@<sequence>` into the shared list of effects. */
export function makeInMemoryOperationIndex(effects: string[] = []): OperationIndex {
  const entries = new Map<string, IndexEntry>();
  const newestFirst = () => [...entries.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return {
    put: async (entry) => {
      effects.push(`index ${entry.status}@${entry.sequence}`);
      const known = entries.get(entry.id);
      if (known === undefined || known.sequence < entry.sequence) entries.set(entry.id, entry);
    },
    query: async (query) => {
      if (!Number.isInteger(query.top) || query.top < 1 || query.top > 1000) throw new RangeError('top is not from 1 to 1,000');
      const start = parseContinuation(query);
      if (start === 'badContinuation') return start;
      const { after = '' } = start;
      const rest = newestFirst().filter((entry) => matches(entry, query) && keyOf(entry) > after);
      const page = rest.slice(0, query.top);
      const last = page.at(-1);
      if (last === undefined || rest.length === page.length) return { entries: page };
      return { entries: page, continuationToken: encodeContinuation(query, keyOf(last)) };
    },
    oldestWaiting: async () => newestFirst().findLast((entry) => !hasEnded(entry.status)),
  };
}

function keyOf(entry: IndexEntry): string {
  return orderKey(entry.createdAt, entry.id);
}

function matches(entry: IndexEntry, query: IndexQuery): boolean {
  return (
    (query.status === undefined || entry.status === query.status) &&
    (query.agentId === undefined || entry.agentId === query.agentId) &&
    (query.action === undefined || entry.action === query.action) &&
    (query.from === undefined || entry.createdAt >= query.from) &&
    (query.to === undefined || entry.createdAt < query.to)
  );
}
