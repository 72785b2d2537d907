import { z } from 'zod';
import { isInstant } from '../../domain/instant.ts';
import type { AgentRegistry, ApproverGroup, GroupRegistry, RegisteredAgent } from '../../ports/agent-registry.ts';
import type { OidcIssuer } from '../../ports/trusted-issuer.ts';
import { loadIssuers } from './issuers-register.ts';
import { guid, isGuid, RegisterError, readRegister, registerName } from './read-register.ts';

export { RegisterError } from './read-register.ts';

export const agentsFile = 'agents.json';
export const groupsFile = 'groups.json';

export type Registers = {
  readonly agents: AgentRegistry;
  readonly agentNames: readonly string[];
  readonly agentIds: readonly string[];
  /** Every group that some agent is in, as policies name it. */
  readonly agentGroups: readonly string[];
  readonly groups: GroupRegistry;
  readonly issuers: readonly OidcIssuer[];
};

const agentsShape = z.record(
  registerName,
  z.strictObject({
    tenant: z.union([guid, registerName], 'must be the GUID of the tenant, or the name of an issuer of issuers.json'),
    id: z.string().regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/, 'must be 1 to 255 visible ASCII characters'),
    owner: guid,
    sponsors: registerName.optional(),
    groups: z.array(registerName).min(1),
    purpose: z.string().min(1).max(500),
    expires: z.string().refine(isInstant, 'must be an instant such as 2030-01-01T00:00:00.000Z'),
    frozen: z.boolean(),
  }),
);

const groupsShape = z.record(
  registerName,
  z.strictObject({
    id: guid,
    conversation: z.string().min(1).max(500).optional(),
  }),
);

/**
 * Reads the agents, groups and issuers that an infra team has registered beside its policies. `tenantId` is the tenant of Entra ID that is trusted; where it
 * is given, no agent may be of another. Throws {@link RegisterError} naming the file and the place.
 */
export async function loadRegisters(directory: string, { tenantId }: { readonly tenantId?: string } = {}): Promise<Registers> {
  const agents = Object.entries(await readRegister(directory, agentsFile, agentsShape)).map(agentOf);
  const groups = Object.entries(await readRegister(directory, groupsFile, groupsShape)).map(groupOf);
  const issuers = await loadIssuers(directory);
  for (const agent of agents) refuseStranded(agent, groups, issuers, tenantId);
  refuseRepeats(agentsFile, agents, ({ objectId }) => objectId);
  refuseRepeats(groupsFile, groups, ({ id }) => id);
  const byKey = new Map(agents.map((agent) => [keyOf(agent.tenantId, agent.objectId), agent]));
  return {
    agents: { find: (tenant, objectId) => byKey.get(keyOf(tenant, objectId)) },
    agentNames: agents.map(({ name }) => name),
    agentIds: agents.map(({ objectId }) => objectId),
    agentGroups: [...new Set(agents.flatMap((agent) => agent.groups))].sort(),
    groups: { groups },
    issuers,
  };
}

function agentOf([name, entry]: readonly [string, z.output<typeof agentsShape>[string]]): RegisteredAgent {
  const { tenant, id, owner, sponsors, groups, purpose, expires, frozen } = entry;
  const sponsored = sponsors === undefined ? {} : { sponsorGroup: sponsors };
  return { tenantId: tenant, objectId: id, name, ownerId: owner, ...sponsored, groups, purpose, expiresAt: expires, frozen };
}

function groupOf([name, { id, conversation }]: readonly [string, z.output<typeof groupsShape>[string]]): ApproverGroup {
  return conversation === undefined ? { name, id } : { name, id, conversationId: conversation };
}

function keyOf(tenantId: string, objectId: string): string {
  return JSON.stringify([tenantId, objectId]);
}

/** An entry that nobody could ever vouch for, or whose sponsors do not exist, is a mistake and not a rule. */
function refuseStranded(
  agent: RegisteredAgent,
  groups: readonly ApproverGroup[],
  issuers: readonly OidcIssuer[],
  tenantId: string | undefined,
): void {
  const { name, objectId, sponsorGroup } = agent;
  const wrong = (field: string, reason: string): never => {
    throw new RegisterError('invalid', agentsFile, `${name}.${field}`, reason);
  };
  const inEntra = isGuid(agent.tenantId);
  if (inEntra && tenantId !== undefined && agent.tenantId !== tenantId) wrong('tenant', 'is not the tenant whose tokens are trusted.');
  if (inEntra && !isGuid(objectId)) wrong('id', 'must be a GUID in lower case, as object ids of Entra ID are.');
  if (!inEntra && !issuers.some((issuer) => issuer.tenantId === agent.tenantId)) wrong('tenant', 'is no issuer of issuers.json.');
  if (sponsorGroup !== undefined && !groups.some((group) => group.name === sponsorGroup)) wrong('sponsors', 'is no group of groups.json.');
}

/** One identity under two names would be judged by whichever came last; policies name an agent by its id alone. */
function refuseRepeats<Entry extends { readonly name: string }>(
  file: string,
  entries: readonly Entry[],
  identityOf: (entry: Entry) => string,
): void {
  const seen = new Map<string, string>();
  for (const entry of entries) {
    const earlier = seen.get(identityOf(entry));
    if (earlier !== undefined) throw new RegisterError('invalid', file, `${entry.name}.id`, `"${earlier}" has the same id.`);
    seen.set(identityOf(entry), entry.name);
  }
}
