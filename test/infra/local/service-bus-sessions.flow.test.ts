import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceBusReceiver } from '@azure/service-bus';
import { afterEach, describe, expect, it } from 'vitest';
import { openBus, receiveMany, receiveOne } from './service-bus-setup.ts';

let opened: Awaited<ReturnType<typeof openBus>> | undefined;
let directory: string | undefined;
afterEach(async () => {
  await opened?.close();
  opened = undefined;
  if (directory !== undefined) await rm(directory, { recursive: true });
  directory = undefined;
});

const withoutRenewal = { maxAutoLockRenewalDurationInMs: 0 };

async function open(settings: Parameters<typeof openBus>[0] = {}) {
  opened = await openBus({ requiresSession: true, ...settings }, directory);
  const { bus, newClient, peekBodies } = opened;
  const client = newClient(bus.connectionString, 5_000);
  return { newClient, peekBodies, client, sender: client.createSender('jobs') };
}

async function bodiesOf(receiver: ServiceBusReceiver, count: number): Promise<unknown[]> {
  return (await receiveMany(receiver, count)).map(({ body }): unknown => body);
}

describe('a queue of sessions', () => {
  it('takes no message without a session, alone or scheduled', async () => {
    const { sender, peekBodies } = await open();
    await expect(sender.sendMessages({ body: 'a' })).rejects.toThrow('The SessionId was not set');
    await expect(sender.scheduleMessages({ body: 'a' }, new Date(Date.now() + 60_000))).rejects.toThrow('The SessionId was not set');
    expect(await peekBodies()).toEqual([]);
  });

  it('has no receivers without a session', async () => {
    const { client } = await open();
    await expect(client.createReceiver('jobs').receiveMessages(1)).rejects.toThrow('requires sessions');
  });

  it('has no session to give while none has messages', async () => {
    const { newClient } = await open();
    const impatient = newClient(opened?.bus.connectionString, 300);
    await expect(impatient.acceptNextSession('jobs')).rejects.toThrow();
  });

  it('does not give a session twice', async () => {
    const { client, newClient, sender } = await open();
    await sender.sendMessages({ body: 'a', sessionId: 's' });
    await client.acceptSession('jobs', 's');
    await expect(newClient().acceptSession('jobs', 's')).rejects.toMatchObject({ code: 'SessionCannotBeLocked' });
  });
});

describe('a session', () => {
  it('has its messages in order and no others', async () => {
    const { client, sender } = await open();
    await sender.sendMessages([
      { body: 'a1', sessionId: 'a' },
      { body: 'b1', sessionId: 'b' },
      { body: 'a2', sessionId: 'a' },
    ]);
    const receiver = await client.acceptSession('jobs', 'a');
    expect(receiver.sessionId).toBe('a');
    expect(receiver.sessionLockedUntilUtc.getTime()).toBeGreaterThan(Date.now() + 50_000);
    expect(await bodiesOf(receiver, 2)).toEqual(['a1', 'a2']);
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 50 })).toEqual([]);
    expect((await receiver.peekMessages(10)).map(({ body }) => body)).toEqual(['a1', 'a2']);
  });

  it('is the next one that is free, the oldest message first', async () => {
    const { client, sender } = await open();
    await sender.sendMessages([
      { body: 'b1', sessionId: 'b' },
      { body: 'a1', sessionId: 'a' },
    ]);
    const [first, second] = [await client.acceptNextSession('jobs'), await client.acceptNextSession('jobs')];
    expect([first.sessionId, second.sessionId]).toEqual(['b', 'a']);
    const message = await receiveOne(first);
    expect(message).toMatchObject({ body: 'b1', sessionId: 'b' });
    await first.completeMessage(message);
    expect(await bodiesOf(second, 1)).toEqual(['a1']);
  });

  it('comes to somebody who already waits for any', async () => {
    const { client, sender } = await open();
    const waiting = client.acceptNextSession('jobs');
    await sender.sendMessages({ body: 'a', sessionId: 'late' });
    const receiver = await waiting;
    expect([receiver.sessionId, await bodiesOf(receiver, 1)]).toEqual(['late', ['a']]);
  });

  it('may be held before it has messages', async () => {
    const { client, sender } = await open();
    const receiver = await client.acceptSession('jobs', 'early');
    await sender.sendMessages({ body: 'a', sessionId: 'early' });
    expect(await bodiesOf(receiver, 1)).toEqual(['a']);
  });

  it('is free when its receiver closes, and what was not settled comes again', async () => {
    const { client, newClient, sender } = await open();
    await sender.sendMessages({ body: 'a', sessionId: 's' });
    const first = await client.acceptSession('jobs', 's');
    await receiveOne(first);
    await first.close();
    const second = await newClient().acceptSession('jobs', 's');
    expect(await receiveOne(second)).toMatchObject({ body: 'a', deliveryCount: 1 });
  });

  it('is free when the connection of its receiver breaks', async () => {
    const { client, newClient, sender } = await open();
    await sender.sendMessages({ body: 'a', sessionId: 's' });
    opened?.bus.faults.inject({ name: 'dropConnection', at: 'deliver' });
    const unlucky = await client.acceptSession('jobs', 's', withoutRenewal);
    await unlucky.receiveMessages(1, { maxWaitTimeInMs: 2_000 }).catch(() => undefined);
    expect(await receiveOne(await newClient().acceptSession('jobs', 's'))).toMatchObject({ body: 'a', deliveryCount: 1 });
  });

  it('is lost when its lock ends, and is renewed before that', async () => {
    const { client, newClient, sender } = await open({ lockDurationMs: 400 });
    await sender.sendMessages({ body: 'a', sessionId: 's' });
    const first = await client.acceptSession('jobs', 's', withoutRenewal);
    const message = await receiveOne(first);
    const before = first.sessionLockedUntilUtc.getTime();
    expect((await first.renewSessionLock()).getTime()).toBeGreaterThan(before);
    await expect
      .poll(
        async () =>
          await newClient()
            .acceptSession('jobs', 's', withoutRenewal)
            .catch(() => undefined),
      )
      .toBeDefined();
    await expect(first.completeMessage(message)).rejects.toMatchObject({ code: 'SessionLockLost' });
  });

  it('is renewed by the client for as long as it is held', async () => {
    const { client, newClient, sender } = await open({ lockDurationMs: 1_000 });
    await sender.sendMessages({ body: 'a', sessionId: 's' });
    const receiver = await client.acceptSession('jobs', 's');
    const message = await receiveOne(receiver);
    const firstEnd = receiver.sessionLockedUntilUtc.getTime();
    await expect.poll(() => Date.now(), { timeout: 5_000 }).toBeGreaterThan(firstEnd + 300);
    await expect(newClient().acceptSession('jobs', 's')).rejects.toMatchObject({ code: 'SessionCannotBeLocked' });
    await receiver.completeMessage(message);
  });

  it('has a state that outlives its receivers and the process', async () => {
    directory = await mkdtemp(join(tmpdir(), 'service-bus-'));
    const before = await open();
    const first = await before.client.acceptSession('jobs', 's');
    expect(await first.getSessionState()).toBeNull();
    await first.setSessionState({ sequence: 7 });
    await opened?.close();
    const after = await open();
    const second = await after.client.acceptSession('jobs', 's');
    expect(await second.getSessionState()).toEqual({ sequence: 7 });
    const other = await after.client.acceptSession('jobs', 'other');
    expect(await other.getSessionState()).toBeNull();
  });

  it('keeps deferred messages, and buries dead ones where no session is needed', async () => {
    const { client, sender } = await open();
    await sender.sendMessages([
      { body: 'a', sessionId: 's' },
      { body: 'b', sessionId: 's' },
    ]);
    const receiver = await client.acceptSession('jobs', 's');
    const [a, b] = await receiveMany(receiver, 2);
    if (a?.sequenceNumber === undefined || b === undefined) throw new Error('not received');
    await receiver.deferMessage(a);
    expect((await receiver.receiveDeferredMessages(a.sequenceNumber)).map(({ body }) => body)).toEqual(['a']);
    await receiver.deadLetterMessage(b);
    expect(await receiveOne(client.createReceiver('jobs', { subQueueType: 'deadLetter' }))).toMatchObject({ body: 'b', sessionId: 's' });
  });

  it('is still in order after a restart', async () => {
    directory = await mkdtemp(join(tmpdir(), 'service-bus-'));
    await (await open()).sender.sendMessages(['1', '2', '3'].map((body) => ({ body, sessionId: 's' })));
    await opened?.close();
    const { client } = await open();
    expect(await bodiesOf(await client.acceptNextSession('jobs'), 3)).toEqual(['1', '2', '3']);
  });
});
