import { describe, expect, it } from 'vitest';
import type { OperationId } from '../../shared/domain/operation.ts';
import { anna, boris, deployAgent, olga, owen, stranger } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { account, approveDeletion, kindsOf, operationOf, storedOf, voterOf } from '../support/scenarios.ts';
import { makeWorld, type World } from '../support/world.ts';

/** An operation of which nobody knows the outcome. */
async function unknown() {
  const world = makeWorld();
  const id = await approveDeletion(world, { target: { method: 'POST', path: `${account}/failover` } });
  world.azure.answerCalls({ kind: 'doubtful', reason: 'The connection was cut.' });
  await makeMessageDelivery(world).deliverAll();
  world.effects.length = 0;
  return { world, id };
}

const found = (operationId: OperationId, note = 'The account answers from the other region.') =>
  ({ operationId, found: 'effect', note }) as const;

async function refusalOf(world: World, caller: Parameters<World['recordFinding']>[0], id: OperationId): Promise<unknown> {
  return await world.recordFinding(caller, found(id)).then(
    () => 'recorded',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
}

describe('a finding is refused', () => {
  it.each<[string, Parameters<World['recordFinding']>[0], string]>([
    ['of an agent', { kind: 'agent', id: deployAgent.objectId, name: 'deploy-agent' }, 'PersonRequired'],
    ['of the owner of the agent', voterOf(owen), 'VoterOwnsAgent'],
    ['of a person in no group that may decide', voterOf(olga, ['auditors']), 'VoterNotInGroup'],
    ['of a person for whom there is no such operation', voterOf(stranger, []), 'OperationNotFound'],
  ])('%s', async (_, caller, code) => {
    const { world, id } = await unknown();
    expect(await refusalOf(world, caller, id)).toBe(code);
    expect(world.effects).toEqual([]);
  });

  it('of what is known', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    await makeMessageDelivery(world).deliverAll();
    expect(await refusalOf(world, voterOf(anna), id)).toBe('OutcomeNotUnknown');
  });

  it('of what does not exist', async () => {
    expect(await refusalOf(makeWorld(), voterOf(anna), 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa')).toBe('OperationNotFound');
  });

  it('when twenty are recorded', async () => {
    const { world, id } = await unknown();
    for (let count = 1; count <= 20; count += 1) await world.recordFinding(voterOf(anna), found(id, `Look ${count}.`));
    expect(await refusalOf(world, voterOf(anna), id)).toBe('OutcomeNotUnknown');
  });
});

describe('a finding', () => {
  it('is an event of a person, and the operation stays as it ended', async () => {
    const { world, id } = await unknown();
    await world.recordFinding(voterOf(anna), found(id));
    expect(world.effects).toEqual(['announce project@15', 'commit findingRecorded']);
    expect(await operationOf(world, id)).toMatchObject({
      status: 'outcomeUnknown',
      findings: [
        { by: { id: anna.id }, found: 'effect', note: 'The account answers from the other region.', at: '2026-11-22T00:12:00.000Z' },
      ],
    });
    expect((await storedOf(world, id)).events.at(-1)?.actor).toEqual({ kind: 'person', id: anna.id, name: anna.name });
  });

  it('can be answered by another', async () => {
    const { world, id } = await unknown();
    await world.recordFinding(voterOf(anna), found(id));
    await world.recordFinding(voterOf(boris), { operationId: id, found: 'noEffect', note: 'I see the old region.' });
    expect(await operationOf(world, id)).toMatchObject({ findings: [{ found: 'effect' }, { found: 'noEffect' }] });
  });

  it('that is said twice is recorded once', async () => {
    const { world, id } = await unknown();
    await world.recordFinding(voterOf(anna), found(id));
    await world.recordFinding(voterOf(anna), found(id));
    expect((await kindsOf(world, id)).filter((kind) => kind === 'findingRecorded')).toHaveLength(1);
  });

  it('holds no secret', async () => {
    const { world, id } = await unknown();
    await world.recordFinding(
      voterOf(anna),
      found(id, 'Its key is AccountKey=ZmFrZWZha2VmYWtlZmFrZWZha2VmYWtlZmFrZWZha2VmYWtlZmFrZWZha2VmYWtlZmFrZWZha2VmYWtlZmFrZQ==;'),
    );
    expect(JSON.stringify(await storedOf(world, id))).not.toContain('ZmFrZWZha2');
  });
});
