import { describe, expect, it } from 'vitest';
import { agentCaller, anna, deployAgent, personCaller } from '../support/cast.ts';
import { account, deleteAccount, readAccount, standAccount } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

describe('a dry run', () => {
  it('says what would be assessed and decided, and stores and sends nothing', async () => {
    const world = makeWorld();
    standAccount(world);
    const { action, assessment, decision } = await world.assess(agentCaller(deployAgent), deleteAccount());
    expect(action).toBe('microsoft.storage/storageaccounts/delete');
    expect(assessment.environment).toBe('production');
    expect(decision).toMatchObject({ outcome: 'requireApproval', requirements: { required: 1, groups: ['approvers'] } });
    expect(world.effects).toEqual([]);
    expect(world.azure.calls).toEqual([]);
  });

  it('is the same as the submission that follows it', async () => {
    const world = makeWorld();
    standAccount(world);
    const { assessment, decision } = await world.assess(agentCaller(deployAgent), deleteAccount());
    expect(await world.submit(agentCaller(deployAgent), deleteAccount())).toMatchObject({ assessment, decision });
  });

  it('names the field of a bad target', async () => {
    const world = makeWorld();
    const target = { path: `${account}//` };
    await expect(world.assess(agentCaller(deployAgent), readAccount({ target }))).rejects.toMatchObject({ target: 'target.path' });
  });

  it('is not for people', async () => {
    await expect(makeWorld().assess(personCaller(anna), readAccount())).rejects.toMatchObject({ code: 'AgentRequired' });
  });
});
