import type { Instant } from '../domain/instant.ts';

/** An agent that an infra team has registered; nobody else's requests are taken. */
export type RegisteredAgent = {
  /** The tenant of Entra ID, or the name of another trusted issuer. */
  readonly tenantId: string;
  /** Its object id in the tenant, or its subject as the issuer writes it. No two agents have the same. */
  readonly objectId: string;
  readonly name: string;
  /** Object id of the person who answers for it; when that account ends, so does the agent. */
  readonly ownerId: string;
  /** People who may name another owner, as a group of the register. */
  readonly sponsorGroup?: string;
  readonly groups: readonly string[];
  readonly purpose: string;
  readonly expiresAt: Instant;
  readonly frozen: boolean;
};

export type AgentRegistry = {
  find(tenantId: string, objectId: string): RegisteredAgent | undefined;
};

/** A group of people as policies name it, and what the directory and Teams call it. */
export type ApproverGroup = {
  readonly name: string;
  /** Object id of the directory's group. */
  readonly id: string;
  /** Teams conversation where the cards for this group are posted; absent where the group only reads. */
  readonly conversationId?: string;
};

export type GroupRegistry = { readonly groups: readonly ApproverGroup[] };
