import type { LimitEntry } from '../../shared/domain/limits.ts';
import type { AgentIdentity, LimitLedger } from '../../shared/ports/limit-ledger.ts';
import { StoreError } from '../../shared/ports/operation-store.ts';

export type InMemoryLimitLedger = LimitLedger & {
  /** Reads and writes so far. */
  readonly trips: { reads: number; writes: number };
  /** The next write throws `unreachable`, before it is made or after. */
  failNextWrite(when: 'before' | 'after'): void;
  entriesOf(agent: AgentIdentity): readonly LimitEntry[];
};

/** Ledgers that live in memory; each call lets others go first, as a network does. */
export function makeInMemoryLimitLedger(): InMemoryLimitLedger {
  const ledgers = new Map<string, { readonly entries: readonly LimitEntry[]; readonly version: number }>();
  const trips = { reads: 0, writes: 0 };
  let failing: 'before' | 'after' | undefined;
  const keyOf = ({ tenantId, objectId }: AgentIdentity) => `${tenantId}/${objectId}`;
  const network = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    trips,
    failNextWrite: (when) => {
      failing = when;
    },
    entriesOf: (agent) => ledgers.get(keyOf(agent))?.entries ?? [],
    read: async (agent) => {
      trips.reads += 1;
      await network();
      const kept = ledgers.get(keyOf(agent));
      return { entries: kept?.entries ?? [], version: kept === undefined ? undefined : String(kept.version) };
    },
    write: async (agent, { version }, entries) => {
      trips.writes += 1;
      const failure = failing;
      failing = undefined;
      await network();
      if (failure === 'before') throw new StoreError('unreachable', 'the tables cannot be reached');
      const kept = ledgers.get(keyOf(agent));
      if (version !== (kept === undefined ? undefined : String(kept.version))) return 'conflict';
      const next = { entries, version: (kept?.version ?? 0) + 1 };
      ledgers.set(keyOf(agent), next);
      if (failure === 'after') throw new StoreError('unreachable', 'the tables cannot be reached any more');
      return { entries, version: String(next.version) };
    },
  };
}
