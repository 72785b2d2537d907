import { describe, expect, it } from 'vitest';
import type { Limit } from '../../shared/domain/limits.ts';
import { agentCaller, anna, deployAgent, personCaller } from '../support/cast.ts';
import { account, deleteAccount, readAccount, standAccount } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

const oneAMinute: Limit = { of: 'assess', name: 'operationsPerMinute', most: 1 };

describe('a dry run over its limit', () => {
  it('is told which one, until when, and what to do', async () => {
    const world = makeWorld({ limits: [oneAMinute] });
    await world.assess(agentCaller(deployAgent), readAccount());
    world.clock.advanceMs(15_500);
    await expect(world.assess(agentCaller(deployAgent), readAccount())).rejects.toMatchObject({
      code: 'TooManyRequests',
      message:
        'The limit of deploy-agent is reached: 1 dry runs a minute. Nothing was stored. Send the same request again after Retry-After.',
      target: 'assess.operationsPerMinute',
      retryAfterSeconds: 45,
    });
  });

  it('asks Azure nothing', async () => {
    const world = makeWorld({ limits: [{ ...oneAMinute, most: 0 }] });
    standAccount(world);
    await expect(world.assess(agentCaller(deployAgent), deleteAccount())).rejects.toMatchObject({ code: 'TooManyRequests' });
    expect(world.azure.reads).toEqual([]);
  });

  it('is not made where that cannot be counted', async () => {
    const world = makeWorld({ limits: [oneAMinute] });
    standAccount(world);
    world.ledger.failNextWrite('before');
    await expect(world.assess(agentCaller(deployAgent), deleteAccount())).rejects.toMatchObject({ code: 'unreachable' });
    expect(world.azure.reads).toEqual([]);
  });

  it('leaves operations their room, and passes a minute later', async () => {
    const world = makeWorld({ limits: [oneAMinute] });
    await world.assess(agentCaller(deployAgent), readAccount());
    expect(await world.submit(agentCaller(deployAgent), readAccount())).toMatchObject({ status: 'approved' });
    world.clock.advanceMs(60_000);
    expect(await world.assess(agentCaller(deployAgent), readAccount())).toMatchObject({ decision: { outcome: 'allow' } });
  });
});

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
