import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { ApproverGroup } from '../../ports/agent-registry.ts';
import type { ParsedPolicy } from './parse-policies.ts';
import { PolicyError } from './policy-error.ts';
import { type Fault, placeFaults } from './policy-places.ts';
import { actionsOf, entitiesNamed, textsComparedWith } from './policy-syntax.ts';

/** What the registers beside the policies know: the agents and the groups that they are in, and the groups of people. */
export type RegisteredGroups = {
  readonly agentIds: readonly string[];
  readonly agentNames: readonly string[];
  readonly agentGroups: readonly string[];
  readonly groups: readonly ApproverGroup[];
};

/**
 * Every place where a policy names an agent that is not registered or a group that nobody is in, or asks a group whose members nobody would tell or whose votes would never count, and every
 * group of agents that no policy names, as {@link PolicyError} `group`. Cedar cannot see these: a `forbid` about a misspelt agent or group would silently allow, as it
 * would for an agent whose group is misspelt, and a question would wait for nobody.
 */
export function findGroupFaults(policies: readonly ParsedPolicy[], registered: RegisteredGroups): readonly PolicyError[] {
  const inPolicies = policies.flatMap((policy) => {
    return placeFaults('group', policy, [...faultsOfNames(policy, registered), ...faultsOfVoters(policy, policies, registered)]);
  });
  return [...inPolicies, ...findUnnamedGroups(policies, registered)];
}

/** Groups that agents are in and no policy speaks of. Where no policy speaks of any, groups only sort agents, and say nothing wrong. */
function findUnnamedGroups(policies: readonly ParsedPolicy[], { agentGroups }: RegisteredGroups): readonly PolicyError[] {
  const named = new Set(policies.flatMap(({ json }) => entitiesNamed(json)).flatMap(({ type, id }) => (type === 'AgentGroup' ? [id] : [])));
  if (named.size === 0) return [];
  const known = [...named].sort().join(', ');
  return agentGroups
    .filter((group) => !named.has(group))
    .map((group) => {
      const reason = `No policy speaks of "${group}", which agents are in. Spell it as the policies do (${known}), write a policy for it, or take the agents out of it.`;
      return new PolicyError('group', { file: 'agents.json', line: undefined }, reason);
    });
}

function faultsOfNames({ json }: ParsedPolicy, { agentIds, agentNames, agentGroups, groups }: RegisteredGroups): readonly Fault[] {
  const strangers = textsComparedWith(json.conditions, 'name', 'principal').filter((name) => !agentNames.includes(name));
  const ofStrangers = strangers.map((name) => ({
    reason: `No agent of agents.json has the name "${name}". Spell it as agents.json does, or remove the policy.`,
    word: `"${name}"`,
  }));
  const ofEntities = entitiesNamed(json).flatMap(({ type, id }) => {
    const word = `"${id}"`;
    if (type === 'Agent' && !agentIds.includes(id)) {
      return [
        { reason: `No agent of agents.json has the id of Agent::"${id}". Write it as agents.json does, or remove the policy.`, word },
      ];
    }
    if (type === 'AgentGroup' && !agentGroups.includes(id)) {
      const reason = `No agent of agents.json is in AgentGroup::"${id}". Spell it as agents.json does, register an agent in it, or remove the policy.`;
      return [{ reason, word }];
    }
    if (type === 'Group' && !groups.some(({ name }) => name === id)) return [{ reason: unregistered(`Group::"${id}"`), word }];
    return [];
  });
  return [...ofStrangers, ...ofEntities];
}

function faultsOfVoters(
  { json, requirements }: ParsedPolicy,
  policies: readonly ParsedPolicy[],
  { groups }: RegisteredGroups,
): readonly Fault[] {
  if (requirements === undefined || !isAbout('Agent', json)) return [];
  return requirements.groups.flatMap((name) => reasonsAgainstAsking(name, policies, groups)).map((reason) => ({ reason, word: '@groups' }));
}

function reasonsAgainstAsking(name: string, policies: readonly ParsedPolicy[], groups: readonly ApproverGroup[]): readonly string[] {
  const asked = `@groups("${name}")`;
  const group = groups.find((candidate) => candidate.name === name);
  if (group === undefined) return [unregistered(asked)];
  const unseen =
    group.conversationId === undefined
      ? [
          `${asked} has no "conversation" in groups.json, so that its members would see no card. Add the conversation, or ask another group.`,
        ]
      : [];
  const uncounted = policies.some((policy) => mayAdmit(policy, name))
    ? []
    : [`No policy permits Group::"${name}" to approve, so that its votes would never count. Add such a permit, or ask another group.`];
  return [...unseen, ...uncounted];
}

function unregistered(named: string): string {
  return `${named} is no group of groups.json. Spell it as groups.json does, or register it there with its object id.`;
}

/** Whether a permit of approving can be meant for the members of the group: it names them, or no group at all. */
function mayAdmit({ json }: ParsedPolicy, group: string): boolean {
  const { effect, principal, conditions } = json;
  if (effect !== 'permit' || !actionsOf(json).includes('approve') || !isAbout('Person', json)) return false;
  const named = entitiesNamed([principal, conditions.filter(({ kind }) => kind === 'when')]).filter(({ type }) => type === 'Group');
  return named.length === 0 || named.some(({ id }) => id === group);
}

/** Whether the scope lets an agent, or a person, be the principal. */
function isAbout(kind: 'Agent' | 'Person', { principal }: PolicyJson): boolean {
  const types = kind === 'Agent' ? ['Agent', 'AgentGroup'] : ['Person', 'Group'];
  if (principal.op === 'is' && principal.entity_type !== kind) return false;
  return entitiesNamed(principal).every(({ type }) => types.includes(type));
}
