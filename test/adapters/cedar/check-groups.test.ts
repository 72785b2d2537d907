import { describe, expect, it } from 'vitest';
import { findGroupFaults, type RegisteredGroups } from '../../../shared/adapters/cedar/check-groups.ts';
import { parsePolicies } from '../../../shared/adapters/cedar/parse-policies.ts';

const registered: RegisteredGroups = {
  agentIds: ['44444444-4444-4444-8444-000000000001'],
  agentNames: ['deploy-agent'],
  agentGroups: ['deploy-agents'],
  groups: [
    { name: 'approvers', id: '33333333-3333-4333-8333-000000000001', conversationId: '19:approvals@thread.tacv2' },
    { name: 'auditors', id: '33333333-3333-4333-8333-000000000002' },
  ],
};

const approve = '@id("approve") permit (principal in Group::"approvers", action == Action::"approve", resource);';

function faults(...texts: readonly string[]): readonly string[] {
  const files = texts.map((text, index) => ({ name: `${index + 1}.cedar`, text, bytes: Buffer.from(text) }));
  return findGroupFaults(parsePolicies(files), registered).map(({ message }) => message);
}

/** A policy about the group of agents that is registered. */
const forbidDeployers = '@id("f") forbid (principal in AgentGroup::"deploy-agents", action == Action::"approve", resource);';

function asks(annotations: string): string {
  return `@id("ask")\n${annotations}\npermit (principal in AgentGroup::"deploy-agents", action == Action::"request", resource);`;
}

describe('a group that nobody is in', () => {
  it('is found where a forbid misspells a group of agents, and told with its line and what to do', () => {
    const forbid = '\n@id("no") forbid (principal in AgentGroup::"deploy-agent", action, resource);';
    expect(faults(forbid, forbidDeployers)).toEqual([
      '1.cedar:2: No agent of agents.json is in AgentGroup::"deploy-agent". Spell it as agents.json does, register an agent in it, or remove the policy.',
    ]);
  });

  it.each([
    ['the scope', '@id("p") permit (principal in Group::"aprovers", action == Action::"read", resource);'],
    ['a condition', '@id("p") permit (principal, action == Action::"read", resource) when { principal in Group::"aprovers" };'],
    ['an exception', '@id("p") forbid (principal, action == Action::"read", resource) unless { principal in Group::"aprovers" };'],
  ])('is found in %s', (_, policy) => {
    expect(faults(policy)).toEqual([
      '1.cedar:1: Group::"aprovers" is no group of groups.json. Spell it as groups.json does, or register it there with its object id.',
    ]);
  });
});

describe('an agent that is not registered', () => {
  it.each([
    [
      'its id, in the scope',
      '@id("f") forbid (principal == Agent::"44444444-4444-4444-8444-000000000009", action == Action::"execute", resource);',
      '2.cedar:1: No agent of agents.json has the id of Agent::"44444444-4444-4444-8444-000000000009". Write it as agents.json does, or remove the policy.',
    ],
    [
      'its name, in a condition',
      '@id("f") forbid (principal, action == Action::"execute", resource) when { principal.name == "deploy-agnet" };',
      '2.cedar:1: No agent of agents.json has the name "deploy-agnet". Spell it as agents.json does, or remove the policy.',
    ],
  ])('is found by %s', (_, policy, message) => {
    expect(faults(forbidDeployers.replace('"f"', '"d"'), policy)).toEqual([message]);
  });

  it('is not one that is', () => {
    const policy =
      '@id("p") permit (principal == Agent::"44444444-4444-4444-8444-000000000001", action == Action::"execute", resource) when { ["deploy-agent"].contains(principal.name) };';
    expect(faults(policy)).toEqual([]);
  });
});

describe('a group that agents are in', () => {
  it('is found where no policy speaks of it, since the rules for the one that was meant would not hold', () => {
    expect(faults('@id("f") forbid (principal in AgentGroup::"readers", action, resource);')).toEqual([
      '1.cedar:1: No agent of agents.json is in AgentGroup::"readers". Spell it as agents.json does, register an agent in it, or remove the policy.',
      'agents.json: No policy speaks of "deploy-agents", which agents are in. Spell it as the policies do (readers), write a policy for it, or take the agents out of it.',
    ]);
  });

  it('may have any name where no policy speaks of groups of agents', () => {
    expect(faults('@id("f") forbid (principal is Agent, action, resource);')).toEqual([]);
  });
});

describe('a group that is asked', () => {
  it('is one of groups.json', () => {
    expect(faults(approve, asks('@groups("approvers,aproves")'))).toEqual([
      '2.cedar:2: @groups("aproves") is no group of groups.json. Spell it as groups.json does, or register it there with its object id.',
    ]);
  });

  it('has a conversation, and may approve', () => {
    expect(faults(approve, asks('@groups("auditors")'))).toEqual([
      '2.cedar:2: @groups("auditors") has no "conversation" in groups.json, so that its members would see no card. Add the conversation, or ask another group.',
      '2.cedar:2: No policy permits Group::"auditors" to approve, so that its votes would never count. Add such a permit, or ask another group.',
    ]);
  });

  it('is asked by what lets agents ask, and by nothing else', () => {
    expect(faults('@id("p") permit (principal in Group::"auditors", action, resource);')).toEqual([]);
  });

  it('is approvers where the policy names none', () => {
    expect(faults(asks(''))).toEqual([
      '1.cedar:1: No policy permits Group::"approvers" to approve, so that its votes would never count. Add such a permit, or ask another group.',
    ]);
  });

  it.each([
    ['a permit of reading', '@id("p") permit (principal in Group::"approvers", action == Action::"read", resource);'],
    ['a forbid', '@id("p") forbid (principal in Group::"approvers", action == Action::"approve", resource);'],
    ['a permit for agents', '@id("p") permit (principal in AgentGroup::"deploy-agents", action == Action::"approve", resource);'],
    ['a permit for whatever is an agent', '@id("p") permit (principal is Agent, action == Action::"approve", resource);'],
    ['a permit for another group', '@id("p") permit (principal in Group::"auditors", action == Action::"approve", resource);'],
    [
      'a permit for anybody else',
      '@id("p") permit (principal, action == Action::"approve", resource) when { principal in Group::"auditors" };',
    ],
  ])('is not admitted by %s', (_, policy) => {
    expect(faults(policy, asks(''))).toHaveLength(1);
  });

  it.each([
    ['a permit for it', approve],
    ['a permit for everybody', '@id("p") permit (principal, action == Action::"approve", resource);'],
    ['a permit for any person', '@id("p") permit (principal is Person, action, resource);'],
    ['a condition', '@id("p") permit (principal, action == Action::"approve", resource) when { principal in Group::"approvers" };'],
    [
      'a permit with an exception',
      '@id("p") permit (principal, action == Action::"approve", resource) unless { principal in Group::"auditors" };',
    ],
  ])('is admitted by %s', (_, policy) => {
    expect(faults(policy, asks('@groups("approvers")'))).toEqual([]);
  });
});
