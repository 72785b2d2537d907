import type { TokenProof } from '../domain/event.ts';
import type { Operation } from '../domain/operation.ts';
import { RequestError } from '../domain/request-error.ts';
import type { AgentRegistry, GroupRegistry, RegisteredAgent } from '../ports/agent-registry.ts';
import { type Directory, DirectoryError } from '../ports/directory.ts';
import type { PersonInGroups } from '../ports/policy-engine.ts';
import type { Clock } from '../ports/system.ts';
import type { Caller } from '../ports/token-verifier.ts';

export type AuthorizeDeps = {
  readonly agents: AgentRegistry;
  readonly groups: GroupRegistry;
  readonly directory: Directory;
  readonly clock: Clock;
  /** By issuer, the client applications whose tokens for people count; never a command line that an agent on a person's machine could use. */
  readonly personClients: ReadonlyMap<string, ReadonlySet<string>>;
};

export const appRoles = { submit: 'Operation.Submit', approve: 'Operation.Approve', audit: 'Audit.Read' } as const;

/** An agent whose token, registration and owner were all checked just now. */
export type AuthorizedAgent = { readonly agent: RegisteredAgent; readonly issuer: string; readonly proof: TokenProof };

/** Only a registered, unexpired, unfrozen agent with a living owner passes. Throws {@link RequestError}. */
export async function authorizeAgent(deps: AuthorizeDeps, caller: Caller): Promise<AuthorizedAgent> {
  if (caller.kind !== 'agent') throw new RequestError('AgentRequired', 'This is for agents: a token of somebody else was presented.');
  if (!caller.roles.includes(appRoles.submit)) throw new RequestError('MissingRole', `The token lacks the app role ${appRoles.submit}.`);
  const agent = deps.agents.find(caller.tenantId, caller.objectId);
  const refusal = agent === undefined ? 'notRegistered' : await findAgentRefusal(deps, agent);
  if (agent === undefined || refusal !== undefined) {
    throw new RequestError('AgentRefused', 'This agent may not use Countersign. Ask whoever registers agents.');
  }
  // Leaving such a group out would be no safer than counting it: a policy may forbid what its members do.
  if (agent.groups.some((group) => caller.absentGroups.includes(group))) {
    throw new RequestError('MissingRole', 'The token lacks a group that the agent is registered in.');
  }
  return { agent, issuer: caller.issuer, proof: caller.proof };
}

/** Why a registered agent may not act now; undefined where it may. */
export async function findAgentRefusal(
  deps: Pick<AuthorizeDeps, 'directory' | 'clock'>,
  agent: RegisteredAgent,
): Promise<'frozen' | 'expired' | 'ownerGone' | undefined> {
  if (agent.frozen) return 'frozen';
  if (agent.expiresAt <= deps.clock.now()) return 'expired';
  const account = await asking(() => deps.directory.account(agent.ownerId));
  return account === 'enabled' ? undefined : 'ownerGone';
}

/** Whether a person answers for the agent of an operation: did when it was submitted, or does by now. */
export function ownsAgent(deps: Pick<AuthorizeDeps, 'agents'>, { ownerId, agent }: Operation, personId: string): boolean {
  return personId === ownerId || personId === deps.agents.find(agent.tenantId, agent.id)?.ownerId;
}

/** A person with a token for this API from an allowed client; what the person may do is asked of the policies. Throws {@link RequestError}. */
export async function authorizePerson(
  deps: AuthorizeDeps,
  caller: Caller,
  anyOfScopes: readonly string[],
): Promise<PersonInGroups & { name: string }> {
  if (caller.kind !== 'person') throw new RequestError('PersonRequired', 'This is for people: a token of something else was presented.');
  if (deps.personClients.get(caller.issuer)?.has(caller.clientId) !== true) {
    throw new RequestError(
      'ClientNotAllowed',
      'Tokens that this client application obtained do not count here. Sign in through the console.',
    );
  }
  if (!anyOfScopes.some((scope) => caller.scopes.includes(scope))) {
    throw new RequestError('MissingRole', `The token lacks the scope ${anyOfScopes.join(' or ')}.`);
  }
  const groups = await groupsOf(deps, caller.objectId);
  if (groups.some((group) => caller.absentGroups.includes(group))) {
    throw new RequestError('MissingRole', 'The token lacks a group that you are in. Sign in again.');
  }
  return { id: caller.objectId, name: caller.name, groups };
}

/** Names of our groups that the directory says a person is in, now. An account that is disabled or gone is in none. */
export async function groupsOf(deps: Pick<AuthorizeDeps, 'directory' | 'groups'>, personId: string): Promise<readonly string[]> {
  const [account, memberOf] = await asking(() =>
    Promise.all([
      deps.directory.account(personId),
      deps.directory.memberOf(
        personId,
        deps.groups.groups.map((group) => group.id),
      ),
    ]),
  );
  if (account !== 'enabled') return [];
  return deps.groups.groups.filter((group) => memberOf.includes(group.id)).map((group) => group.name);
}

async function asking<Answer>(question: () => Promise<Answer>): Promise<Answer> {
  try {
    return await question();
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    throw new RequestError('Unavailable', 'The directory cannot be asked at the moment. Try again.', {
      retryAfterSeconds: 10,
      cause: error,
    });
  }
}
