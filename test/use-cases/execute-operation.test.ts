import { describe, expect, it } from 'vitest';
import { StoreError } from '../../shared/ports/operation-store.ts';
import { agentCaller, deployAgent } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { account, approveDeletion, kindsOf, lastMessage, operationOf, readAccount, storedOf } from '../support/scenarios.ts';
import { makeWorld, type World } from '../support/world.ts';

async function approved() {
  const world = makeWorld();
  const id = await approveDeletion(world);
  world.effects.length = 0;
  return { world, id, message: lastMessage(world, 'execute') };
}

async function allowedRead() {
  const world = makeWorld();
  const { id } = await world.submit(agentCaller(deployAgent), readAccount());
  world.effects.length = 0;
  return { world, id, message: lastMessage(world, 'execute') };
}

describe('the order of an execution', () => {
  it('is claim, credential, intent, one call, outcome, and each is announced and durable before the next', async () => {
    const { world, message } = await approved();
    await world.execute(message);
    expect(world.effects).toEqual([
      'announce checkLease@10',
      'announce project@10',
      'commit executionStarted',
      'credential operator',
      'announce checkLease@12',
      'announce project@12',
      'commit credentialIssued callStarted',
      'call DELETE',
      'announce project@13',
      'commit executionFinished',
    ]);
  });

  it('has somebody look when the lease of each step is over', async () => {
    const { world, message } = await approved();
    await world.execute(message);
    const leases = world.announcer.announced.filter(({ purpose }) => purpose === 'checkLease');
    expect(leases.map(({ notBefore }) => notBefore)).toEqual(['2026-11-21T20:17:00.000Z', '2026-11-21T20:17:00.000Z']);
  });

  it('sends exactly the request that was approved, under the id of the operation', async () => {
    const { world, id, message } = await approved();
    await world.execute(message);
    expect(world.azure.calls).toEqual([
      {
        request: { kind: 'arm', method: 'DELETE', path: account, apiVersion: '2024-01-01', query: {}, headers: {}, body: undefined },
        credential: { tier: 'operator', identity: 'operator-identity', token: `token for ${id}`, expiresAt: '2026-11-21T21:12:00.000Z' },
        clientRequestId: id,
      },
    ]);
  });

  it('obtains for a read an identity that can change nothing', async () => {
    const { world, message } = await allowedRead();
    await world.execute(message);
    expect(world.effects).toContain('credential reader');
    expect(world.effects).toContain('call GET');
  });

  it('says who was let in until when, and never the token', async () => {
    const { world, id, message } = await approved();
    await world.execute(message);
    const { events } = await storedOf(world, id);
    expect(events[10]?.detail).toEqual({
      kind: 'credentialIssued',
      tier: 'operator',
      identity: 'operator-identity',
      expiresAt: '2026-11-21T21:12:00.000Z',
    });
    expect(JSON.stringify(events)).not.toContain('token for');
  });
});

describe('a message that comes too late or twice', () => {
  it('calls nothing once another delivery has claimed it', async () => {
    const { world, id, message } = await approved();
    await world.execute(message);
    const before = [...world.effects];
    await world.execute(message);
    expect(world.effects).toEqual([...before, 'announce project@13']);
    expect((await operationOf(world, id)).status).toBe('succeeded');
  });

  it('leads to one call where two executors take it at the same time', async () => {
    const { world, id, message } = await approved();
    await Promise.all([world.execute(message), world.execute(message)]);
    expect(world.azure.calls).toHaveLength(1);
    expect(world.effects.filter((effect) => effect.startsWith('credential'))).toHaveLength(1);
    expect(await kindsOf(world, id)).toEqual([
      ...['submitted', 'assessed', 'decided', 'assessed', 'decided', 'previewed', 'approvalRequested', 'voteRecorded', 'approved'],
      ...['executionStarted', 'credentialIssued', 'callStarted', 'executionFinished'],
    ]);
  });

  it('does nothing after the agent took it back', async () => {
    const { world, id, message } = await approved();
    await world.cancel(agentCaller(deployAgent), id);
    await world.execute(message);
    expect(world.azure.calls).toEqual([]);
    expect((await operationOf(world, id)).status).toBe('cancelled');
  });

  it('expires it at the very moment until which it could run', async () => {
    const { world, id, message } = await approved();
    world.clock.setTo('2026-11-21T21:12:00.000Z');
    await world.execute(message);
    expect(world.effects).toEqual(['announce project@10', 'commit expired']);
    expect(await operationOf(world, id)).toMatchObject({ status: 'expired', detail: 'It was not run in time.' });
  });

  it('runs it a millisecond before', async () => {
    const { world, id, message } = await approved();
    world.clock.setTo('2026-11-21T21:11:59.999Z');
    await world.execute(message);
    expect((await operationOf(world, id)).status).toBe('succeeded');
  });
});

describe('the answer', () => {
  const answer = (world: World, status: number, body: Parameters<World['azure']['set']>[1]) =>
    world.azure.answerCalls({ kind: 'answered', answer: { status, body } });

  it('is kept without its secrets', async () => {
    const { world, id, message } = await allowedRead();
    answer(world, 200, { name: 'stshop', properties: { adminPassword: 'hunter2-hunter2' } });
    await world.execute(message);
    expect(await operationOf(world, id)).toMatchObject({
      status: 'succeeded',
      detail: 'Azure answered 200.',
      result: { status: 200, masked: ['properties.adminPassword'] },
    });
    expect(await world.store.readDocument(id, 'result')).toEqual({ name: 'stshop', properties: { adminPassword: '«masked 1»' } });
    expect(JSON.stringify(await storedOf(world, id))).not.toContain('hunter2');
  });

  it('of an error is a failure with the code that Azure gave it', async () => {
    const { world, id, message } = await approved();
    answer(world, 409, { error: { code: 'ScopeLocked', message: 'The scope is locked.' } });
    await world.execute(message);
    expect(await operationOf(world, id)).toMatchObject({ status: 'failed', detail: 'Azure answered 409 (ScopeLocked).' });
  });

  it('of an error whose code is a sentence is a failure without it', async () => {
    const { world, id, message } = await approved();
    answer(world, 403, { error: { code: 'no <b>right</b>' } });
    await world.execute(message);
    expect(await operationOf(world, id)).toMatchObject({ status: 'failed', detail: 'Azure answered 403.' });
  });

  it('is left out where it is more than can be stored, and the outcome is kept', async () => {
    const { world, id, message } = await approved();
    answer(world, 200, { value: 'more than can be stored' });
    const { append } = world.store;
    world.store.append = async (previous, commit) => {
      if (commit.documents.some(({ name }) => name === 'result')) throw new StoreError('tooLarge', 'too large');
      return await append(previous, commit);
    };
    await world.execute(message);
    expect(await operationOf(world, id)).toMatchObject({
      status: 'succeeded',
      detail: 'Azure answered 200. The answer is too large to be kept.',
      result: { status: 200, masked: [] },
    });
  });
});

describe('a call that was not sent', () => {
  it('gives the claim back and is announced again', async () => {
    const { world, id, message } = await approved();
    world.azure.answerCalls({ kind: 'notSent', reason: 'The host could not be found.' });
    await world.execute(message);
    expect(world.effects.slice(-5)).toEqual([
      'call DELETE',
      'announce execute@13',
      'announce checkDeadline@13',
      'announce project@13',
      'commit executionReleased',
    ]);
    expect(await operationOf(world, id)).toMatchObject({ status: 'approved', attempts: 1, executeBy: '2026-11-21T21:12:00.000Z' });
  });

  it('is tried three times and has then failed', async () => {
    const { world, id } = await approved();
    world.azure.answerCalls({ kind: 'notSent', reason: 'The host could not be found.' });
    await makeMessageDelivery(world).deliverAll();
    expect(world.azure.calls).toHaveLength(3);
    expect(await operationOf(world, id)).toMatchObject({ status: 'failed', detail: 'Tried 3 times. The host could not be found.' });
  });

  it('for want of a credential leaves no intent behind', async () => {
    const { world, id } = await approved();
    world.azure.refuseCredentials(true);
    await makeMessageDelivery(world).deliverAll();
    expect(world.azure.calls).toEqual([]);
    expect(await kindsOf(world, id)).not.toContain('callStarted');
    expect(await operationOf(world, id)).toMatchObject({ status: 'failed', detail: 'Tried 3 times. No credential could be had.' });
  });
});

describe('a call of which nobody knows', () => {
  it('is not repeated where it may have had an effect', async () => {
    const { world, id } = await approved();
    world.azure.answerCalls({ kind: 'doubtful', reason: 'The connection was cut.' });
    await makeMessageDelivery(world).deliverAll();
    expect(world.azure.calls).toHaveLength(1);
    expect(await operationOf(world, id)).toMatchObject({
      status: 'outcomeUnknown',
      detail: expect.stringContaining('The connection was cut.'),
    });
  });

  it('is repeated where it has none', async () => {
    const { world, id } = await allowedRead();
    world.azure.answerCalls(
      { kind: 'doubtful', reason: 'The connection was cut.' },
      { kind: 'answered', answer: { status: 200, body: {} } },
    );
    await makeMessageDelivery(world).deliverAll();
    expect(world.azure.calls).toHaveLength(2);
    expect((await operationOf(world, id)).status).toBe('succeeded');
  });
});

describe('a call that Azure goes on with', () => {
  const accepted = {
    kind: 'accepted',
    status: 202,
    pollUrl: 'https://management.example/operations/1?t=c2VjcmV0',
    pollStyle: 'asyncOperation',
    retryAfterMs: 10_000,
  } as const;

  it('is asked for by a message, and the address is sealed', async () => {
    const { world, id, message } = await approved();
    world.azure.answerCalls(accepted);
    await world.execute(message);
    expect(world.effects.slice(-5)).toEqual([
      'call DELETE',
      'announce checkLease@13',
      'announce project@13',
      'announce poll@13',
      'commit callAccepted',
    ]);
    expect(lastMessage(world, 'poll').notBefore).toBe('2026-11-21T20:12:10.000Z');
    expect(lastMessage(world, 'checkLease').notBefore).toBe('2026-11-22T20:12:00.000Z');
    expect(await operationOf(world, id)).toMatchObject({ phase: 'polling', pollUntil: '2026-11-22T20:12:00.000Z' });
    expect(await world.store.readDocument(id, 'polling')).toEqual({ url: accepted.pollUrl, style: 'asyncOperation', tier: 'operator' });
    expect(JSON.stringify((await storedOf(world, id)).events)).not.toContain('c2VjcmV0');
  });
});
