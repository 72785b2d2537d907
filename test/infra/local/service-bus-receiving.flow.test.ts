import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import { afterEach, describe, expect, it } from 'vitest';
import { openBus, receiveMany, receiveOne } from './service-bus-setup.ts';

let opened: Awaited<ReturnType<typeof openBus>> | undefined;
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

async function open(settings: Parameters<typeof openBus>[0] = {}) {
  opened = await openBus(settings);
  const { newClient, peekBodies } = opened;
  const client = newClient();
  return {
    newClient,
    peekBodies,
    sender: client.createSender('jobs'),
    receiver: client.createReceiver('jobs'),
    deadLetters: client.createReceiver('jobs', { subQueueType: 'deadLetter' }),
  };
}

/** Subscribes and collects until `count` messages were handled; the rest is up to `handle`. */
function handleMany(
  receiver: ServiceBusReceiver,
  count: number,
  handle: (message: ServiceBusReceivedMessage) => Promise<void>,
  concurrency = 1,
) {
  let handled = 0;
  return new Promise<void>((resolve, reject) => {
    receiver.subscribe(
      {
        processMessage: async (message) => {
          await handle(message);
          handled += 1;
          if (handled === count) resolve();
        },
        processError: async ({ error }) => reject(error),
      },
      { maxConcurrentCalls: concurrency, autoCompleteMessages: false },
    );
  });
}

describe('receiving with locks', () => {
  it('refuses a queue that does not exist', async () => {
    const { newClient } = await open();
    await expect(newClient().createReceiver('nowhere').receiveMessages(1)).rejects.toMatchObject({ code: 'MessagingEntityNotFound' });
  });

  it('has nothing to give when the queue is empty', async () => {
    const { receiver } = await open();
    expect(await receiver.receiveMessages(5, { maxWaitTimeInMs: 50 })).toEqual([]);
    expect(await receiver.peekMessages(5)).toEqual([]);
  });

  it('gives a message to a receiver that already waits', async () => {
    const { sender, receiver } = await open();
    await receiver.receiveMessages(1, { maxWaitTimeInMs: 1 });
    const waiting = receiveOne(receiver);
    await sender.sendMessages({ body: 'a' });
    expect((await waiting).body).toBe('a');
  });

  it('does not give a locked message to another client', async () => {
    const { sender, receiver, newClient, peekBodies } = await open();
    await sender.sendMessages({ body: 'a' });
    await receiveOne(receiver);
    expect(await newClient().createReceiver('jobs').receiveMessages(1, { maxWaitTimeInMs: 50 })).toEqual([]);
    expect(await peekBodies()).toEqual(['a']);
  });

  it('removes a completed message', async () => {
    const { sender, receiver, peekBodies } = await open();
    await sender.sendMessages({ body: 'a' });
    await receiver.completeMessage(await receiveOne(receiver));
    expect(await peekBodies()).toEqual([]);
  });

  it('gives an abandoned message again with changed properties and one more delivery', async () => {
    const { sender, receiver } = await open();
    await sender.sendMessages({ body: 'a', applicationProperties: { kept: 1, changed: 1 } });
    const first = await receiveOne(receiver);
    expect(first.deliveryCount).toBe(0);
    await receiver.abandonMessage(first, { changed: 2, added: 'x' });
    const second = await receiveOne(receiver);
    expect(second).toMatchObject({ body: 'a', deliveryCount: 1, applicationProperties: { kept: 1, changed: 2, added: 'x' } });
    expect(second.lockToken).not.toBe(first.lockToken);
  });

  it('goes on serving a receiver after many waits that ended empty', async () => {
    const { sender, receiver } = await open();
    for (let wait = 0; wait < 20; wait += 1) await receiver.receiveMessages(3, { maxWaitTimeInMs: 1 });
    await sender.sendMessages([{ body: 'a' }, { body: 'b' }]);
    expect((await receiveMany(receiver, 2)).map(({ body }) => body)).toEqual(['a', 'b']);
  });

  it('refuses a session of a queue that has none', async () => {
    const { newClient } = await open();
    await expect(newClient().acceptSession('jobs', 'session-1')).rejects.toMatchObject({ code: 'SessionCannotBeLocked' });
  });
});

describe('locks', () => {
  it('refuses a settlement after the lock has ended, and gives the message again', async () => {
    const { sender, receiver, newClient, peekBodies } = await open({ lockDurationMs: 200 });
    await sender.sendMessages({ body: 'a' });
    const client = newClient();
    const careless = client.createReceiver('jobs', { maxAutoLockRenewalDurationInMs: 0 });
    const late = await receiveOne(careless);
    const again = await receiveOne(receiver);
    expect(again).toMatchObject({ body: 'a', deliveryCount: 1 });
    await expect(careless.completeMessage(late)).rejects.toMatchObject({ code: 'MessageLockLost' });
    await receiver.completeMessage(again);
    expect(await peekBodies()).toEqual([]);
  });

  it('refuses to renew a lock that has ended', async () => {
    const { sender, newClient } = await open({ lockDurationMs: 100 });
    const receiver = newClient().createReceiver('jobs', { maxAutoLockRenewalDurationInMs: 0 });
    await sender.sendMessages({ body: 'a' });
    const late = await receiveOne(receiver);
    await receiveOne(newClient().createReceiver('jobs'));
    await expect(receiver.renewMessageLock(late)).rejects.toMatchObject({ code: 'MessageLockLost' });
  });

  it('moves the end of a lock that is renewed', async () => {
    const { sender, receiver } = await open({ lockDurationMs: 60_000 });
    await sender.sendMessages({ body: 'a' });
    const message = await receiveOne(receiver);
    const before = message.lockedUntilUtc?.getTime() ?? 0;
    const until = await receiver.renewMessageLock(message);
    expect(until.getTime()).toBeGreaterThan(before);
    expect(message.lockedUntilUtc).toEqual(until);
  });

  it('are renewed by the client for as long as its handler runs', async () => {
    const { sender, receiver, newClient, peekBodies } = await open({ lockDurationMs: 1_200 });
    await sender.sendMessages({ body: 'a' });
    const other = newClient().createReceiver('jobs');
    const seen: unknown[] = [];
    await handleMany(receiver, 1, async (message) => {
      // Two lock durations; the other receiver waits all the while.
      seen.push(...(await other.receiveMessages(1, { maxWaitTimeInMs: 2_400 })));
      await receiver.completeMessage(message);
    });
    expect(seen).toEqual([]);
    expect(await peekBodies()).toEqual([]);
  });

  it('outlive the link: a message is settled after its receiver was closed', async () => {
    const { sender, receiver, newClient } = await open();
    const client = newClient();
    const closing = client.createReceiver('jobs');
    await sender.sendMessages([{ body: 'completed' }, { body: 'abandoned' }, { body: 'dead' }]);
    const [first, second, third] = await receiveMany(closing, 3);
    await closing.close();
    if (first === undefined || second === undefined || third === undefined) throw new Error('not received');
    const settling = client.createReceiver('jobs');
    await settling.completeMessage(first);
    await settling.abandonMessage(second, { note: 'x' });
    await settling.deadLetterMessage(third, { deadLetterReason: 'r', deadLetterErrorDescription: 'd' });
    await expect(settling.completeMessage(first)).rejects.toMatchObject({ code: 'MessageLockLost' });
    expect(await receiveOne(receiver)).toMatchObject({ body: 'abandoned', applicationProperties: { note: 'x' } });
    const dead = client.createReceiver('jobs', { subQueueType: 'deadLetter' });
    expect(await receiveOne(dead)).toMatchObject({ body: 'dead', deadLetterReason: 'r', deadLetterErrorDescription: 'd' });
  });
});

describe('dead letters', () => {
  it('say why they are there and carry changed properties', async () => {
    const { sender, receiver, deadLetters, peekBodies } = await open();
    await sender.sendMessages({ body: 'a', messageId: 'id-1', applicationProperties: { kept: 1 } });
    const message = await receiveOne(receiver);
    await receiver.deadLetterMessage(message, { deadLetterReason: 'refused', deadLetterErrorDescription: 'not ours', added: 2 });
    expect(await peekBodies()).toEqual([]);
    expect(await peekBodies('deadLetter')).toEqual(['a']);
    const dead = await receiveOne(deadLetters);
    expect(dead).toMatchObject({
      messageId: 'id-1',
      deadLetterReason: 'refused',
      deadLetterErrorDescription: 'not ours',
      deliveryCount: 0,
    });
    expect(dead.applicationProperties).toEqual({
      kept: 1,
      added: 2,
      DeadLetterReason: 'refused',
      DeadLetterErrorDescription: 'not ours',
    });
    expect(dead.sequenceNumber).toEqual(message.sequenceNumber);
    await deadLetters.completeMessage(dead);
    expect(await peekBodies('deadLetter')).toEqual([]);
  });

  it('need no reason', async () => {
    const { sender, receiver, deadLetters } = await open();
    await sender.sendMessages({ body: 'a' });
    await receiver.deadLetterMessage(await receiveOne(receiver));
    const dead = await receiveOne(deadLetters);
    expect(dead.deadLetterReason).toBeUndefined();
    expect(dead.applicationProperties).toBeUndefined();
  });

  it('cannot be dead-lettered again', async () => {
    const { sender, receiver, deadLetters } = await open();
    await sender.sendMessages({ body: 'a' });
    await receiver.deadLetterMessage(await receiveOne(receiver));
    await expect(deadLetters.deadLetterMessage(await receiveOne(deadLetters))).rejects.toThrow('A dead letter cannot be dead-lettered.');
  });

  it('reach a receiver that already waits for them, after too many deliveries', async () => {
    const { sender, receiver, deadLetters } = await open({ maxDeliveryCount: 2 });
    await sender.sendMessages({ body: 'a' });
    const waiting = receiveOne(deadLetters);
    await receiver.abandonMessage(await receiveOne(receiver));
    await receiver.abandonMessage(await receiveOne(receiver));
    expect(await waiting).toMatchObject({
      body: 'a',
      deliveryCount: 2,
      deadLetterReason: 'MaxDeliveryCountExceeded',
      deadLetterErrorDescription: 'Message could not be consumed after 2 delivery attempts.',
    });
  });

  it('collect messages whose handler always throws', async () => {
    const { sender, receiver, deadLetters } = await open({ maxDeliveryCount: 3 });
    await sender.sendMessages({ body: 'poison' });
    const deliveries: (number | undefined)[] = [];
    receiver.subscribe({
      processMessage: async ({ deliveryCount }) => {
        deliveries.push(deliveryCount);
        throw new Error('handler failed');
      },
      processError: async () => {},
    });
    expect(await receiveOne(deadLetters)).toMatchObject({ body: 'poison', deadLetterReason: 'MaxDeliveryCountExceeded' });
    expect(deliveries).toEqual([0, 1, 2]);
  });

  it('collect expired messages where the queue says so', async () => {
    const { sender, deadLetters } = await open({ deadLetterOnExpiration: true });
    const waiting = receiveOne(deadLetters);
    await sender.sendMessages({ body: 'a', timeToLive: 100 });
    expect(await waiting).toMatchObject({ body: 'a', deadLetterReason: 'TTLExpiredException' });
  });
});

describe('time to live', () => {
  it('says when a message expires, and drops it then', async () => {
    const { sender, receiver, peekBodies } = await open({ defaultTtlMs: 300 });
    await sender.sendMessages({ body: 'a', timeToLive: 60_000 });
    const [peeked] = await receiver.peekMessages(1);
    expect(peeked?.timeToLive).toBe(300);
    expect(peeked?.expiresAtUtc?.getTime()).toBe((peeked?.enqueuedTimeUtc?.getTime() ?? 0) + 300);
    await expect.poll(() => peekBodies(), { timeout: 45_000 }).toEqual([]);
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 50 })).toEqual([]);
  });
});

describe('receive and delete', () => {
  it('gives each message once and keeps nothing', async () => {
    const { sender, newClient, peekBodies } = await open();
    const receiver = newClient().createReceiver('jobs', { receiveMode: 'receiveAndDelete' });
    await sender.sendMessages([{ body: 'a' }, { body: 'b' }, { body: 'c' }]);
    expect((await receiveMany(receiver, 3)).map(({ body, lockToken }) => [body, lockToken])).toEqual([
      ['a', undefined],
      ['b', undefined],
      ['c', undefined],
    ]);
    expect(await peekBodies()).toEqual([]);
  });

  it('leaves what was not asked for', async () => {
    const { sender, newClient, peekBodies } = await open();
    const receiver = newClient().createReceiver('jobs', { receiveMode: 'receiveAndDelete' });
    await sender.sendMessages([{ body: 'a' }, { body: 'b' }]);
    expect((await receiveOne(receiver)).body).toBe('a');
    expect(await peekBodies()).toEqual(['b']);
  });

  it('empties the dead letters', async () => {
    const { sender, receiver, newClient, peekBodies } = await open();
    await sender.sendMessages({ body: 'a' });
    await receiver.deadLetterMessage(await receiveOne(receiver), { deadLetterReason: 'r', deadLetterErrorDescription: 'd' });
    const dead = newClient().createReceiver('jobs', { subQueueType: 'deadLetter', receiveMode: 'receiveAndDelete' });
    expect(await receiveOne(dead)).toMatchObject({ body: 'a', deadLetterReason: 'r' });
    expect(await peekBodies('deadLetter')).toEqual([]);
  });
});

describe('subscribing', () => {
  it('completes what the handler has handled', async () => {
    const { sender, receiver, peekBodies } = await open();
    const bodies: unknown[] = [];
    receiver.subscribe({
      processMessage: async ({ body }) => {
        bodies.push(body);
      },
      processError: async () => {},
    });
    await sender.sendMessages([{ body: 'a' }, { body: 'b' }]);
    await expect.poll(() => peekBodies(), { timeout: 45_000 }).toEqual([]);
    expect(bodies).toEqual(['a', 'b']);
  });

  it('runs as many handlers at once as asked, no more', async () => {
    const { sender, receiver } = await open();
    await sender.sendMessages(Array.from({ length: 12 }, (_, body) => ({ body })));
    let running = 0;
    let most = 0;
    let meet: () => void = () => {};
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    await handleMany(
      receiver,
      12,
      async (message) => {
        running += 1;
        most = Math.max(most, running);
        if (running === 3) meet();
        await met;
        await receiver.completeMessage(message);
        running -= 1;
      },
      3,
    );
    expect(most).toBe(3);
  });

  it('shares a queue among clients, each message to one of them', async () => {
    const { sender, newClient, peekBodies } = await open();
    const bodies = Array.from({ length: 200 }, (_, index) => index);
    const received: unknown[] = [];
    const receivers = Array.from({ length: 4 }, () => newClient().createReceiver('jobs'));
    for (const each of receivers) {
      each.subscribe(
        {
          processMessage: async ({ body }) => {
            received.push(body);
          },
          processError: async () => {},
        },
        { maxConcurrentCalls: 5 },
      );
    }
    const senders = Array.from({ length: 2 }, () => newClient().createSender('jobs'));
    await Promise.all(bodies.map((body) => (senders[body % 2] ?? sender).sendMessages({ body })));
    await expect.poll(() => peekBodies(), { timeout: 45_000 }).toEqual([]);
    expect(received.toSorted((a, b) => Number(a) - Number(b))).toEqual(bodies);
  });

  it('goes on past the number of deliveries that one link can remember', async () => {
    const { sender, receiver, peekBodies } = await open();
    for (let batch = 0; batch < 5; batch += 1)
      await sender.sendMessages(Array.from({ length: 500 }, (_, index) => ({ body: batch * 500 + index })));
    const bodies = new Set<unknown>();
    await handleMany(
      receiver,
      2_500,
      async (message) => {
        bodies.add(message.body);
        await receiver.completeMessage(message);
      },
      50,
    );
    expect(bodies.size).toBe(2_500);
    expect(await peekBodies()).toEqual([]);
  });
});
