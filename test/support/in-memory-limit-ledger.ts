import type { LimitEntry } from '../../shared/domain/limits.ts';
import type { AgentIdentity, LedgerPage, LimitLedger } from '../../shared/ports/limit-ledger.ts';
import { StoreError } from '../../shared/ports/operation-store.ts';

export type InMemoryLimitLedger = LimitLedger & {
  /** Reads and writes so far. */
  readonly trips: { reads: number; writes: number };
  /** The next write throws `unreachable`, before it is made or after. */
  failNextWrite(when: 'before' | 'after'): void;
  entriesOf(agent: AgentIdentity, page?: LedgerPage): readonly LimitEntry[];
};

/** Ledgers that live in memory; each call lets others go first, as a network does. */
export function makeInMemoryLimitLedger(): InMemoryLimitLedger {
  const ledgers = new Map<string, { readonly entries: readonly LimitEntry[]; readonly version: number }>();
  const trips = { reads: 0, writes: 0 };
  let failing: 'before' | 'after' | undefined;
  const keyOf = ({ tenantId, objectId }: AgentIdentity, page: LedgerPage) => `${tenantId}/${objectId}/${page}`;
  const network = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    trips,
    failNextWrite: (when) => {
      failing = when;
    },
    entriesOf: (agent, page = 'operations') => ledgers.get(keyOf(agent, page))?.entries ?? [],
    read: async (agent, page) => {
      trips.reads += 1;
      await network();
      const kept = ledgers.get(keyOf(agent, page));
      return { entries: kept?.entries ?? [], version: kept === undefined ? undefined : String(kept.version) };
    },
    write: async (agent, page, { version }, entries) => {
      trips.writes += 1;
      const failure = failing;
      failing = undefined;
      await network();
      if (failure === 'before') throw new StoreError('unreachable', 'the tables cannot be reached');
      const kept = ledgers.get(keyOf(agent, page));
      if (version !== (kept === undefined ? undefined : String(kept.version))) return 'conflict';
      const next = { entries, version: (kept?.version ?? 0) + 1 };
      ledgers.set(keyOf(agent, page), next);
      if (failure === 'after') throw new StoreError('unreachable', 'the tables cannot be reached any more');
      return { entries, version: String(next.version) };
    },
  };
}
