import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBus, receiveMany, receiveOne } from './service-bus-setup.ts';

type Bus = Awaited<ReturnType<typeof openBus>>;
let opened: Bus;

beforeEach(async () => {
  opened = await openBus({ maxSizeBytes: 1024 * 1024 });
});
afterEach(() => opened.close());

function open() {
  const client = opened.newClient();
  return { sender: client.createSender('jobs'), receiver: client.createReceiver('jobs') };
}

describe('sending', () => {
  it('refuses a queue that does not exist', async () => {
    await expect(opened.newClient().createSender('nowhere').sendMessages({ body: 1 })).rejects.toMatchObject({
      code: 'MessagingEntityNotFound',
    });
  });

  it('refuses to send into the dead letters', async () => {
    await expect(opened.newClient().createSender('jobs/$DeadLetterQueue').sendMessages({ body: 1 })).rejects.toThrow();
  });

  it('refuses a message over 256 KiB and keeps the link', async () => {
    const { sender } = open();
    await expect(sender.sendMessages({ body: Buffer.alloc(262_145) })).rejects.toMatchObject({
      code: 'MessageSizeExceeded',
      retryable: false,
    });
    await sender.sendMessages({ body: 'small' });
    expect(await opened.peekBodies()).toEqual(['small']);
  });

  it('refuses a batch over 256 KiB as a whole', async () => {
    const { sender } = open();
    const messages = [{ body: 'small' }, { body: Buffer.alloc(262_144) }];
    await expect(sender.sendMessages(messages)).rejects.toMatchObject({ code: 'MessageSizeExceeded' });
    expect(await opened.peekBodies()).toEqual([]);
  });

  it('refuses a batch for which the queue has no room as a whole', async () => {
    const { sender, receiver } = open();
    for (let sent = 0; sent < 5; sent += 1) await sender.sendMessages({ body: Buffer.alloc(200_000) });
    await expect(sender.sendMessages([{ body: 'small' }, { body: Buffer.alloc(100_000) }])).rejects.toMatchObject({
      code: 'QuotaExceeded',
    });
    expect(await receiver.peekMessages(10)).toHaveLength(5);
  });

  it('tells the limit to a batch, which then refuses what does not fit', async () => {
    const { sender } = open();
    const batch = await sender.createMessageBatch();
    expect(batch.maxSizeInBytes).toBe(262_144);
    expect(batch.tryAddMessage({ body: Buffer.alloc(300_000) })).toBe(false);
    expect(batch.tryAddMessage({ body: 'a' })).toBe(true);
    expect(batch.tryAddMessage({ body: 'b' })).toBe(true);
    await sender.sendMessages(batch);
    expect(await opened.peekBodies()).toEqual(['a', 'b']);
  });

  it('carries a message to the receiver unchanged', async () => {
    const { sender, receiver } = open();
    const when = new Date('2026-01-05T09:00:00.000Z');
    const message = {
      body: { text: 'é\u2028', list: [1, 2.5, null, true] },
      messageId: 'id-1',
      correlationId: 'correlation-1',
      subject: 'subject-1',
      contentType: 'application/json',
      to: 'to-1',
      replyTo: 'reply-1',
      replyToSessionId: 'session-1',
      timeToLive: 3_600_000,
      applicationProperties: { text: 'x', count: 3, large: 9_007_199_254_740_991, negative: -5, fraction: 0.5, yes: true, no: false, when },
    };
    await sender.sendMessages(message);
    expect(await receiveOne(receiver)).toMatchObject({
      ...message,
      applicationProperties: { ...message.applicationProperties, when: when.getTime() },
    });
  });

  it.each([
    ['text', 'plain text'],
    ['bytes', Buffer.from([0, 1, 254, 255])],
    ['nothing', null],
  ])('carries %s as a body', async (_, body) => {
    const { sender, receiver } = open();
    await sender.sendMessages({ body });
    expect((await receiveOne(receiver)).body).toEqual(body);
  });

  it('gives a message without an id one of its own', async () => {
    const { sender, receiver } = open();
    await sender.sendMessages([{ body: 'a' }, { body: 'b' }]);
    const [first, second] = await receiveMany(receiver, 2);
    expect(first?.messageId).toMatch(/^[0-9a-f]{32}$/);
    expect(second?.messageId).not.toBe(first?.messageId);
  });

  it('numbers messages in order and says when they came', async () => {
    const { sender, receiver } = open();
    const before = Date.now();
    await sender.sendMessages([{ body: 'a' }, { body: 'b' }]);
    await sender.sendMessages({ body: 'c' });
    const messages = await receiveMany(receiver, 3);
    expect(messages.map(({ body, sequenceNumber }) => [body, sequenceNumber?.toNumber()])).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ]);
    for (const { enqueuedTimeUtc } of messages) {
      expect(enqueuedTimeUtc?.getTime()).toBeGreaterThanOrEqual(before);
      expect(enqueuedTimeUtc?.getTime()).toBeLessThanOrEqual(Date.now());
    }
  });

  it('drops a repeated message id silently, alone, in a batch and from another client', async () => {
    const { sender } = open();
    await sender.sendMessages({ body: 'first', messageId: 'same' });
    await sender.sendMessages([
      { body: 'second', messageId: 'same' },
      { body: 'other', messageId: 'other' },
      { body: 'third', messageId: 'other' },
    ]);
    await opened.newClient().createSender('jobs').sendMessages({ body: 'fourth', messageId: 'same' });
    expect(await opened.peekBodies()).toEqual(['first', 'other']);
  });
});

describe('scheduling', () => {
  const tomorrow = () => new Date(Date.now() + 86_400_000);

  it('shows a scheduled message as scheduled, whether it was scheduled or sent with a time', async () => {
    const { sender, receiver } = open();
    const when = tomorrow();
    await sender.scheduleMessages({ body: 'a' }, when);
    await sender.sendMessages({ body: 'b', scheduledEnqueueTimeUtc: when });
    const peeked = await receiver.peekMessages(10);
    expect(peeked.map(({ body, state, scheduledEnqueueTimeUtc }) => [body, state, scheduledEnqueueTimeUtc])).toEqual([
      ['a', 'scheduled', when],
      ['b', 'scheduled', when],
    ]);
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 50 })).toEqual([]);
  });

  it('delivers a scheduled message to a receiver that waits, not before its time', async () => {
    const { sender, receiver } = open();
    const when = new Date(Date.now() + 300);
    const [scheduledAs] = await sender.scheduleMessages({ body: 'later' }, when);
    const message = await receiveOne(receiver);
    expect(message.body).toBe('later');
    expect(message.enqueuedTimeUtc?.getTime()).toBeGreaterThanOrEqual(when.getTime());
    expect(message.sequenceNumber?.toNumber()).toBe((scheduledAs?.toNumber() ?? 0) + 1);
  });

  it('delivers a message whose time has passed at once', async () => {
    const { sender, receiver } = open();
    await sender.scheduleMessages({ body: 'late' }, new Date(Date.now() - 1_000));
    expect((await receiveOne(receiver)).body).toBe('late');
  });

  it('drops a repeated message id among scheduled messages', async () => {
    const { sender } = open();
    const sequenceNumbers = await sender.scheduleMessages(
      [
        { body: 'a', messageId: 'same' },
        { body: 'b', messageId: 'same' },
      ],
      tomorrow(),
    );
    expect(sequenceNumbers.map(Number)).toEqual([1, 2]);
    await sender.sendMessages({ body: 'c', messageId: 'same' });
    expect(await opened.peekBodies()).toEqual(['a']);
  });

  it('cancels scheduled messages, and none when one is unknown', async () => {
    const { sender } = open();
    const [first, second, third] = await sender.scheduleMessages([{ body: 'a' }, { body: 'b' }, { body: 'c' }], tomorrow());
    if (first === undefined || second === undefined || third === undefined) throw new Error('not scheduled');
    await sender.cancelScheduledMessages([first, second]);
    await expect(sender.cancelScheduledMessages([third, first])).rejects.toMatchObject({ code: 'MessageNotFound' });
    expect(await opened.peekBodies()).toEqual(['c']);
  });

  it('refuses to schedule over 256 KiB', async () => {
    const { sender } = open();
    await expect(sender.scheduleMessages([{ body: 'a' }, { body: Buffer.alloc(262_144) }], tomorrow())).rejects.toMatchObject({
      code: 'MessageSizeExceeded',
    });
    expect(await opened.peekBodies()).toEqual([]);
  });
});
