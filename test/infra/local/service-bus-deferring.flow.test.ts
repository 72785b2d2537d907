import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import Long from 'long';
import { afterEach, describe, expect, it } from 'vitest';
import { openBus, receiveOne } from './service-bus-setup.ts';

let opened: Awaited<ReturnType<typeof openBus>> | undefined;
let directory: string | undefined;
afterEach(async () => {
  await opened?.close();
  opened = undefined;
  if (directory !== undefined) await rm(directory, { recursive: true });
  directory = undefined;
});

async function open(settings: Parameters<typeof openBus>[0] = {}) {
  opened = await openBus(settings, directory);
  const { newClient, peekBodies } = opened;
  const client = newClient();
  return {
    newClient,
    peekBodies,
    sender: client.createSender('jobs'),
    receiver: client.createReceiver('jobs', { maxAutoLockRenewalDurationInMs: 0 }),
    deadLetters: client.createReceiver('jobs', { subQueueType: 'deadLetter' }),
  };
}

/** Sends `a` and `b` and defers `a`. */
async function deferOne({ sender, receiver }: Awaited<ReturnType<typeof open>>): Promise<Long> {
  await sender.sendMessages([{ body: 'a', applicationProperties: { kept: 1 } }, { body: 'b' }]);
  const message = await receiveOne(receiver);
  await receiver.deferMessage(message, { note: 'later' });
  return numberOf(message);
}

function numberOf({ sequenceNumber }: ServiceBusReceivedMessage): Long {
  if (sequenceNumber === undefined) throw new Error('no sequence number');
  return sequenceNumber;
}

describe('a deferred message', () => {
  it('is not there under a number that is not its own', async () => {
    const bus = await open();
    const sequenceNumber = await deferOne(bus);
    await expect(bus.receiver.receiveDeferredMessages(Long.fromNumber(99))).rejects.toMatchObject({ code: 'MessageNotFound' });
    await expect(bus.receiver.receiveDeferredMessages([sequenceNumber, Long.fromNumber(2)])).rejects.toMatchObject({
      code: 'MessageNotFound',
    });
    expect(await bus.receiver.receiveDeferredMessages(sequenceNumber)).toHaveLength(1);
  });

  it('is given to nobody who does not ask for it, and is seen as deferred', async () => {
    const bus = await open();
    await deferOne(bus);
    expect(await receiveOne(bus.receiver)).toMatchObject({ body: 'b' });
    expect(await bus.receiver.receiveMessages(1, { maxWaitTimeInMs: 50 })).toEqual([]);
    const peeked = await bus.newClient().createReceiver('jobs').peekMessages(10);
    expect(peeked.map(({ body, state }) => [body, state])).toEqual([
      ['a', 'deferred'],
      ['b', 'active'],
    ]);
  });

  it('is received by its number with its changed properties, and completed', async () => {
    const bus = await open();
    const sequenceNumber = await deferOne(bus);
    const [message] = await bus.receiver.receiveDeferredMessages(sequenceNumber);
    if (message === undefined) throw new Error('not received');
    expect(message).toMatchObject({ body: 'a', applicationProperties: { kept: 1, note: 'later' } });
    await expect(bus.receiver.receiveDeferredMessages(sequenceNumber)).rejects.toMatchObject({ code: 'MessageNotFound' });
    await bus.receiver.completeMessage(message);
    expect(await bus.peekBodies()).toEqual(['b']);
  });

  it('is deferred again when it is abandoned or its lock ends, and the deliveries count', async () => {
    const bus = await open({ lockDurationMs: 200, maxDeliveryCount: 3 });
    const sequenceNumber = await deferOne(bus);
    const [first] = await bus.receiver.receiveDeferredMessages(sequenceNumber);
    if (first === undefined) throw new Error('not received');
    await bus.receiver.abandonMessage(first);
    const [second] = await bus.receiver.receiveDeferredMessages(sequenceNumber);
    expect(second?.deliveryCount).toBe(1);
    await expect
      .poll(async () =>
        (await bus.receiver.receiveDeferredMessages(sequenceNumber).catch(() => [])).map(({ deliveryCount }) => deliveryCount),
      )
      .toEqual([2]);
    expect(await receiveOne(bus.deadLetters)).toMatchObject({ body: 'a', deadLetterReason: 'MaxDeliveryCountExceeded' });
  });

  it('is received and deleted', async () => {
    const bus = await open();
    const sequenceNumber = await deferOne(bus);
    const deleting = bus.newClient().createReceiver('jobs', { receiveMode: 'receiveAndDelete' });
    expect((await deleting.receiveDeferredMessages(sequenceNumber)).map(({ body }) => body)).toEqual(['a']);
    expect(await bus.peekBodies()).toEqual(['b']);
  });

  it('may be deferred again and dead-lettered', async () => {
    const bus = await open();
    const sequenceNumber = await deferOne(bus);
    const [first] = await bus.receiver.receiveDeferredMessages(sequenceNumber);
    if (first === undefined) throw new Error('not received');
    await bus.receiver.deferMessage(first);
    const [second] = await bus.receiver.receiveDeferredMessages(sequenceNumber);
    if (second === undefined) throw new Error('not received');
    await bus.receiver.deadLetterMessage(second, { deadLetterReason: 'r', deadLetterErrorDescription: 'd' });
    expect(await receiveOne(bus.deadLetters)).toMatchObject({ body: 'a', deadLetterReason: 'r' });
  });

  it('is deferred still after a restart', async () => {
    directory = await mkdtemp(join(tmpdir(), 'service-bus-'));
    const sequenceNumber = await deferOne(await open());
    await opened?.close();
    const after = await open();
    expect(await receiveOne(after.receiver)).toMatchObject({ body: 'b' });
    expect((await after.receiver.receiveDeferredMessages(sequenceNumber)).map(({ body }) => body)).toEqual(['a']);
  });
});
