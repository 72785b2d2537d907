import { afterEach, describe, expect, it } from 'vitest';
import { openBus, receiveMany, receiveOne } from './service-bus-setup.ts';

let opened: Awaited<ReturnType<typeof openBus>> | undefined;
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

/** The client learns of a broken connection only when its own time for an answer is over. */
const timeoutMs = 1_000;

async function open(settings: Parameters<typeof openBus>[0] = {}) {
  opened = await openBus(settings);
  const { bus, newClient, peekBodies } = opened;
  const client = newClient(bus.connectionString, timeoutMs);
  return { bus, newClient, peekBodies, sender: client.createSender('jobs'), receiver: client.createReceiver('jobs') };
}

describe('a fault that cannot be', () => {
  it('is refused', async () => {
    const { bus } = await open();
    expect(() => bus.faults.inject({ name: 'slowDelivery', at: 'send' })).toThrow('slowDelivery does not happen at send');
    expect(() => bus.faults.inject({ name: 'outage', times: 0 })).toThrow(RangeError);
    expect(() => bus.faults.randomly({ seed: 1, rates: { outage: 1.5 } })).toThrow(RangeError);
  });

  it('does not happen on another queue, nor after it was cleared', async () => {
    const { bus, sender } = await open();
    bus.faults.inject({ name: 'sendRefused', queue: 'others' });
    await sender.sendMessages({ body: 'a' });
    bus.faults.clear();
    bus.faults.randomly({ seed: 1, rates: { sendRefused: 1 } });
    bus.faults.clear();
    await sender.sendMessages({ body: 'b' });
    expect(bus.faults.happened()).toMatchObject({ sendRefused: 0 });
  });
});

describe('a sender', () => {
  it('is told that the namespace is busy, and nothing is kept', async () => {
    const { bus, sender, peekBodies } = await open();
    bus.faults.inject({ name: 'sendRefused', queue: 'Jobs' });
    await expect(sender.sendMessages({ body: 'a' })).rejects.toMatchObject({ code: 'ServiceBusy' });
    expect(await peekBodies()).toEqual([]);
    expect(bus.faults.happened()).toMatchObject({ sendRefused: 1 });
    await sender.sendMessages({ body: 'b' });
    expect(await peekBodies()).toEqual(['b']);
  });

  it('loses its connection, and nothing is kept', async () => {
    const { bus, sender, peekBodies } = await open();
    bus.faults.inject({ name: 'dropConnection', at: 'send' });
    await expect(sender.sendMessages({ body: 'a' })).rejects.toThrow();
    expect(await peekBodies()).toEqual([]);
    await sender.sendMessages({ body: 'b' });
    expect(await peekBodies()).toEqual(['b']);
  });

  it('loses its connection after the message was kept', async () => {
    const { bus, sender, peekBodies } = await open();
    bus.faults.inject({ name: 'sendAcceptedButConnectionLost' });
    await expect(sender.sendMessages({ body: 'a', messageId: 'id-1' })).rejects.toThrow();
    expect(await peekBodies()).toEqual(['a']);
    await sender.sendMessages({ body: 'a', messageId: 'id-1' });
    expect(await peekBodies()).toEqual(['a']);
  });
});

describe('a receiver', () => {
  it('loses its connection with the message on its way, which comes again after its lock', async () => {
    const { bus, sender, newClient } = await open({ lockDurationMs: 300 });
    await sender.sendMessages({ body: 'a' });
    bus.faults.inject({ name: 'dropConnection', at: 'deliver' });
    const unlucky = newClient().createReceiver('jobs').receiveMessages(1, { maxWaitTimeInMs: 2_000 });
    await unlucky.catch(() => undefined);
    expect(await receiveOne(newClient().createReceiver('jobs'))).toMatchObject({ body: 'a', deliveryCount: 1 });
  });

  it('gets a message that was long on its way', async () => {
    const { bus, sender, receiver } = await open();
    await sender.sendMessages([{ body: 'slow' }, { body: 'b' }]);
    bus.faults.inject({ name: 'slowDelivery', durationMs: 300 });
    expect((await receiveMany(receiver, 2)).map(({ body }) => body)).toEqual(['b', 'slow']);
  });

  it('gets what another still works on, whose settlement then fails', async () => {
    const { bus, sender, receiver, newClient, peekBodies } = await open();
    await sender.sendMessages({ body: 'a' });
    bus.faults.inject({ name: 'duplicateDelivery' });
    const first = await receiveOne(receiver);
    const second = newClient().createReceiver('jobs');
    const again = await receiveOne(second);
    expect([first.body, again.body, again.deliveryCount]).toEqual(['a', 'a', 1]);
    await expect(receiver.completeMessage(first)).rejects.toMatchObject({ code: 'MessageLockLost' });
    await second.completeMessage(again);
    expect(await peekBodies()).toEqual([]);
  });

  it('settles without effect, and gets the message again after its lock', async () => {
    const { bus, sender, receiver, newClient, peekBodies } = await open({ lockDurationMs: 300 });
    await sender.sendMessages({ body: 'a' });
    bus.faults.inject({ name: 'loseSettlement' });
    await expect(receiver.completeMessage(await receiveOne(receiver))).rejects.toThrow();
    const other = newClient().createReceiver('jobs');
    const again = await receiveOne(other);
    expect(again).toMatchObject({ body: 'a', deliveryCount: 1 });
    await other.completeMessage(again);
    expect(await peekBodies()).toEqual([]);
  });

  it('settles and does not learn it', async () => {
    const { bus, sender, receiver, peekBodies } = await open();
    await sender.sendMessages({ body: 'a' });
    bus.faults.inject({ name: 'settledButConnectionLost' });
    await expect(receiver.completeMessage(await receiveOne(receiver))).rejects.toThrow();
    expect(await peekBodies()).toEqual([]);
  });

  it('goes on after faults of every kind by chance, and loses nothing', async () => {
    const { bus, sender, newClient, peekBodies } = await open({ lockDurationMs: 300, maxDeliveryCount: 1_000 });
    const sent = Array.from({ length: 60 }, (_, body) => body);
    await sender.sendMessages(sent.map((body) => ({ body })));
    const rates = { dropConnection: 0.05, slowDelivery: 0.1, duplicateDelivery: 0.1, loseSettlement: 0.05, settledButConnectionLost: 0.05 };
    bus.faults.randomly({ seed: 7, rates, durationMs: 20 });
    const seen = new Set<unknown>();
    newClient(bus.connectionString, timeoutMs)
      .createReceiver('jobs')
      .subscribe(
        { processMessage: async ({ body }) => void seen.add(body), processError: async () => undefined },
        { maxConcurrentCalls: 8 },
      );
    await expect.poll(() => seen.size, { timeout: 45_000 }).toBe(60);
    bus.faults.clear();
    await expect.poll(() => peekBodies(), { timeout: 45_000 }).toEqual([]);
    expect(Object.values(bus.faults.happened()).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(5);
  });
});

describe('an outage', () => {
  it('refuses connections until it is over, keeps messages and locks, and clients come back', async () => {
    const { bus, sender, newClient, peekBodies } = await open();
    const bodies: unknown[] = [];
    newClient()
      .createReceiver('jobs')
      .subscribe({ processMessage: async ({ body }) => void bodies.push(body), processError: async () => undefined });
    await sender.sendMessages({ body: 'before' });
    await expect.poll(() => bodies).toEqual(['before']);
    const over = bus.outage(200);
    await expect(newClient().createSender('jobs').sendMessages({ body: 'during' })).rejects.toThrow();
    await over;
    await sender.sendMessages({ body: 'after' });
    await expect.poll(() => bodies, { timeout: 45_000 }).toEqual(['before', 'after']);
    expect(await peekBodies()).toEqual([]);
  });

  it('may come by name, and does not keep the stand-in from stopping', async () => {
    const { bus, sender } = await open();
    bus.faults.inject({ name: 'outage', at: 'send', durationMs: 3_600_000 });
    await expect(sender.sendMessages({ body: 'a' })).rejects.toThrow();
    expect(bus.faults.happened()).toMatchObject({ outage: 1 });
  });
});
