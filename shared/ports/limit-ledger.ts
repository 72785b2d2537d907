import type { Limit, LimitEntry } from '../domain/limits.ts';
import type { RegisteredAgent } from './agent-registry.ts';

/** What is counted of one agent, as it was read, and what the next write must still find in place; `undefined` where nothing was ever written. */
export type Ledger = { readonly entries: readonly LimitEntry[]; readonly version: string | undefined };

export type AgentIdentity = Pick<RegisteredAgent, 'tenantId' | 'objectId'>;

/** What is counted apart: operations, and dry runs, so that who asks without end what would happen keeps nothing from happening. */
export type LedgerPage = 'operations' | 'assessments';

/** One ledger an agent and page, shared by all hosts; one winner where two write at once. Throws StoreError. */
export type LimitLedger = {
  read(agent: AgentIdentity, page: LedgerPage): Promise<Ledger>;
  /** Writes on exactly what was read. `conflict` where somebody else wrote first, or where that cannot be told from an answer that was lost: read again. */
  write(agent: AgentIdentity, page: LedgerPage, previous: Ledger, entries: readonly LimitEntry[]): Promise<Ledger | 'conflict'>;
};

/** The limits in force, by the agent's name in the register; the strictest are first asked. None for an agent that is not limited. */
export type LimitBook = { limitsOf(agentName: string): readonly Limit[] };
