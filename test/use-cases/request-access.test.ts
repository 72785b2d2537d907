import { describe, expect, it } from 'vitest';
import { encodeEvent } from '../../shared/contracts/stored-event.ts';
import { grantDescription } from '../../shared/domain/access/assignment-name.ts';
import { appendToChain } from '../../shared/domain/event-chain.ts';
import type { OperationId } from '../../shared/domain/operation.ts';
import { agentCaller, anna, deployAgent } from '../support/cast.ts';
import { secretsPrincipal } from '../support/in-memory-access.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import {
  account,
  approveDeletion,
  kindsOf,
  lastMessage,
  operationOf,
  readAccount,
  standAccount,
  storedOf,
  subscription,
} from '../support/scenarios.ts';
import { makeWorld, type World } from '../support/world.ts';

const perOperation = () => makeWorld({ rights: 'perOperation' });
const runs = (world: World) => world.execute(lastMessage(world, 'execute'));

async function endsAs(world: World, id: OperationId) {
  const operation = await operationOf(world, id);
  return [operation.status, 'detail' in operation ? operation.detail : undefined, operation.grants];
}

describe('nothing is sent', () => {
  it('where no grantable role covers the action; it is said why, and what to do', async () => {
    const world = perOperation();
    standAccount(world);
    const { id } = await world.submit(
      agentCaller(deployAgent),
      readAccount({ target: { method: 'POST', path: `${account}/regenerateKey` } }),
    );
    await makeMessageDelivery(world).deliverAll();
    expect(world.azure.calls).toEqual([]);
    expect(world.access.granted).toEqual([]);
    expect(await operationOf(world, id)).not.toMatchObject({ status: 'succeeded' });
  });

  it('where Azure refuses the grant, and what may have been granted is taken back', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    world.access.answerGrants({ kind: 'refused', reason: 'Azure answered 403 (AuthorizationFailed).' });
    await makeMessageDelivery(world).deliverAll();
    expect(await endsAs(world, id)).toEqual([
      'failed',
      'The right to make the call was refused. Azure answered 403 (AuthorizationFailed). Nothing was sent.',
      [],
    ]);
    expect(world.azure.calls).toEqual([]);
    expect(await kindsOf(world, id)).toEqual(
      expect.arrayContaining(['accessRequested', 'executionFinished', 'accessRemoved', 'accessRevoked']),
    );
  });

  it('where the right does not come to act, and the right is removed', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    world.access.holdBack(true);
    await makeMessageDelivery(world).deliverAll();
    expect(await endsAs(world, id)).toEqual([
      'failed',
      'The right to make the call (Storage Account Contributor) did not come to act within 10 minutes. Nothing was sent. Submit it again.',
      [],
    ]);
    expect([world.azure.calls.length, world.access.assignments.size]).toEqual([0, 0]);
  });

  it('where nobody looks for the right any more', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    world.access.holdBack(true);
    await runs(world);
    world.clock.setTo('2026-11-21T20:22:00.000Z');
    await world.check(lastMessage(world, 'checkLease'));
    expect(await operationOf(world, id)).toMatchObject({ status: 'failed' });
    await world.check(lastMessage(world, 'revokeAccess'));
    expect(world.access.assignments.size).toBe(0);
  });

  it('where the target changed while the right was on its way', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    world.access.holdBack(true);
    await runs(world);
    world.azure.set(account, { name: 'stshop', tags: { environment: 'prod' }, properties: { accessTier: 'Cool' } });
    world.access.holdBack(false);
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({ status: 'expired', grants: [] });
    expect([world.azure.calls.length, world.access.assignments.size]).toEqual([0, 0]);
  });

  it('where somebody who can write to the table wrote down a wider right', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    world.access.answerGrants({ kind: 'unclear', reason: 'Azure answered 503.' });
    await runs(world);
    const requested = (await storedOf(world, id)).events.at(-1);
    if (requested?.detail.kind !== 'accessRequested') throw new Error('no right was asked for');
    const { actor, at, sequence, previousHash, detail } = requested;
    const wider = {
      ...detail.grant,
      scope: subscription,
      assignmentId: detail.grant.assignmentId.replace(detail.grant.scope, subscription),
    };
    const [forged] = appendToChain(id, { sequence: sequence - 1, hash: previousHash }, [
      { actor, at, detail: { ...detail, grant: wider } },
    ]);
    if (forged === undefined) throw new Error('no event');
    world.store.rewriteEvent(id, sequence, () => encodeEvent(forged));
    await world.execute({ ...lastMessage(world, 'pursueAccess'), commit: forged.hash });
    expect(await operationOf(world, id)).toMatchObject({
      status: 'denied',
      detail: 'The right that is stored is not the one that the request calls for.',
    });
    expect([world.access.granted.length, world.access.assignments.size, world.azure.calls.length]).toEqual([1, 0, 0]);
  });

  it('where the approval is gone by the time at which the right is asked for again', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    world.access.answerGrants({ kind: 'unclear', reason: 'Azure answered 503.' });
    await runs(world);
    world.directory.place(anna.id, []);
    world.clock.setTo('2026-11-21T20:12:02.000Z');
    await world.execute(lastMessage(world, 'pursueAccess'));
    expect(await operationOf(world, id)).toMatchObject({ status: 'expired' });
    expect(world.access.granted).toHaveLength(1);
  });

  it('while the same right is there under another name', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    world.access.answerGrants({ kind: 'occupied' });
    await runs(world);
    expect(await operationOf(world, id)).toMatchObject({
      status: 'executing',
      phase: 'awaitingAccess',
      grants: [{ standing: 'requested' }],
    });
    expect(world.azure.calls).toEqual([]);
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded', grants: [] });
  });
});

describe('a right for one operation', () => {
  it('is asked for durably, given, used once, and taken back, each step an event', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    world.effects.length = 0;
    await runs(world);
    const made = world.effects.filter((effect) => !effect.startsWith('announce'));
    expect(made).toEqual([
      'commit executionStarted',
      'commit accessRequested',
      'grant Storage Account Contributor',
      'commit accessGranted',
      'credential operator',
      'commit accessPropagated',
      'credential operator',
      'commit credentialIssued callStarted',
      'call DELETE',
      'commit executionFinished',
    ]);
    expect(world.access.assignments.size).toBe(1);
    await makeMessageDelivery(world).deliverAll();
    expect((await kindsOf(world, id)).slice(-3)).toEqual(['executionFinished', 'accessRemoved', 'accessRevoked']);
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded', grants: [] });
    expect(world.access.assignments.size).toBe(0);
  });

  it('is announced to be taken back before the end is committed', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    await runs(world);
    const { sequence } = (await operationOf(world, id)).head;
    expect(lastMessage(world, 'revokeAccess')).toMatchObject({ operationId: id, sequence });
  });

  it('is waited for by messages, while no executor is held', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    world.access.holdBack(true);
    await runs(world);
    expect(await operationOf(world, id)).toMatchObject({ phase: 'awaitingAccess', accessUntil: '2026-11-21T20:22:00.000Z' });
    expect(lastMessage(world, 'pursueAccess')).toMatchObject({ notBefore: '2026-11-21T20:12:02.000Z' });
    world.clock.setTo('2026-11-21T20:12:02.000Z');
    await world.execute(lastMessage(world, 'pursueAccess'));
    expect(lastMessage(world, 'pursueAccess')).toMatchObject({ attempt: 1, notBefore: '2026-11-21T20:12:03.000Z' });
    world.access.holdBack(false);
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded', grants: [] });
    expect(world.azure.calls).toHaveLength(1);
  });

  it('is kept while Azure goes on with the call', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    world.azure.answerCalls({
      kind: 'accepted',
      status: 202,
      pollUrl: 'https://management.example/operations/1',
      pollStyle: 'asyncOperation',
      retryAfterMs: 10_000,
    });
    world.azure.answerPolls({ kind: 'answered', answer: { status: 204, body: undefined }, succeeded: true });
    await runs(world);
    expect(await operationOf(world, id)).toMatchObject({ phase: 'polling', grants: [{ standing: 'propagated' }] });
    expect(world.access.assignments.size).toBe(1);
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded', grants: [] });
    expect(world.access.assignments.size).toBe(0);
  });

  it('is not shared by two attempts', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    world.azure.answerCalls(
      { kind: 'notSent', reason: 'The host could not be found.' },
      { kind: 'answered', answer: { status: 200, body: undefined } },
    );
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded', grants: [] });
    const { events } = await storedOf(world, id);
    const asked = events.flatMap(({ detail }) => (detail.kind === 'accessRequested' ? [detail.grant] : []));
    expect(asked.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(new Set(asked.map(({ assignmentId }) => assignmentId)).size).toBe(2);
    expect(world.access.assignments.size).toBe(0);
  });

  it('says whose it is', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    await runs(world);
    expect([...world.access.assignments.values()].map(({ description }) => description)).toEqual([
      grantDescription({ operationId: id, attempt: 1 }),
    ]);
  });

  it('is none for what only reads, whose identity may only read', async () => {
    const world = perOperation();
    standAccount(world);
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded' });
    expect([world.access.granted, world.azure.calls.map(({ credential }) => credential.tier)]).toEqual([[], ['reader']]);
  });
});

describe('no part of a token', () => {
  it('is in an event, a log or a message', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    await makeMessageDelivery(world).deliverAll();
    const token = world.azure.calls[0]?.credential.token ?? '';
    expect(token).toBe(`token for ${id}`);
    const told = JSON.stringify([
      (await storedOf(world, id)).events,
      world.log,
      world.announcer.announced,
      await world.store.readDocument(id, 'result'),
    ]);
    expect(told).not.toContain(token);
    expect(told).toContain('credentialIssued');
  });
});

it('an agent names no role, no identity and no scope of a right', async () => {
  const world = perOperation();
  standAccount(world);
  const body = {
    role: 'Owner',
    roleDefinitionId: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
    principalId: secretsPrincipal,
    tier: 'secrets',
    scope: '/',
  };
  const { id } = await world.submit(
    agentCaller(deployAgent),
    readAccount({ target: { method: 'PUT', body }, justification: 'role: Owner' }),
  );
  const delivery = makeMessageDelivery(world);
  await delivery.deliverDue();
  const asked = (await storedOf(world, id)).events.flatMap(({ detail }) => (detail.kind === 'accessRequested' ? [detail.grant] : []));
  for (const grant of asked)
    expect(grant).toMatchObject({ role: { name: 'Storage Account Contributor' }, scope: account, tier: 'operator' });
});
