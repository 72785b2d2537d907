import { InvocationContext } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { encodeQueueMessage, maxQueueBodyBytes } from '../../shared/contracts/queue-message.ts';
import { queueOf } from '../../shared/contracts/queues.ts';
import type { Announcement } from '../../shared/ports/announcer.ts';
import { agentCaller, deployAgent } from '../support/cast.ts';
import { consumersOf } from '../support/functions-of.ts';
import { deleteAccount, lastMessage, operationOf, readAccount, storedOf } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

const secret = 'hunter2-hunter2';
const ours = { version: 1, operationId: `op_${'a'.repeat(26)}`, sequence: 1, commit: `sha256:${'0'.repeat(64)}`, attempt: 0 };
const json = { messageId: 'm-1', contentType: 'application/json' };

const strange: readonly [string, unknown, Record<string, string>, string][] = [
  ['nothing', undefined, json, 'body: not bytes'],
  ['what the host has parsed', { password: secret }, json, 'body: not bytes'],
  ['an empty body', bytesOf(''), json, 'body: notJson'],
  ['text', bytesOf(secret), json, 'body: notJson'],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]), json, 'body: notUtf8'],
  ['a list', bytesOf(JSON.stringify([secret])), json, 'body: invalid_type'],
  ['no content type', bytesOf(JSON.stringify(ours)), { messageId: 'm-1' }, 'contentType: not application/json'],
  ['another content type', bytesOf(JSON.stringify(ours)), { ...json, contentType: 'text/plain' }, 'contentType: not application/json'],
  [
    'far too much',
    bytesOf(JSON.stringify({ ...ours, password: secret.repeat(20_000) })),
    json,
    `body: more than ${maxQueueBodyBytes} bytes`,
  ],
  ['too many values', bytesOf(`[${'0,'.repeat(100)}0]`), json, 'body: tooMany'],
  ['a name twice', bytesOf('{"version":1,"version":1}'), json, 'body: duplicateName'],
  ['an older version', bytesOf(JSON.stringify({ ...ours, version: 0, password: secret })), json, 'version: invalid_value'],
  ['a newer version', bytesOf(JSON.stringify({ version: 2, password: secret })), json, 'version: invalid_value'],
  ['a field more', bytesOf(JSON.stringify({ ...ours, purpose: 'execute', password: secret })), json, 'body: unrecognized_keys'],
  ['no operation id', bytesOf(JSON.stringify({ ...ours, operationId: secret })), json, 'operationId: custom'],
];

describe.each(['approval-requests', 'executions', 'checks', 'changes', 'notices'] as const)('the queue %s', (queue) => {
  it.each(strange)('sets aside %s, settles it, and keeps nothing of its body', async (_what, body, metadata, problem) => {
    const world = makeWorld();
    await consumersOf(world)[queue].consume(body, contextOf(metadata));
    expect(world.strays.recorded).toMatchObject([{ queue, messageId: 'm-1', seenAt: '2026-11-21T20:12:00.000Z' }]);
    expect(world.strays.recorded[0]?.reason).toContain(problem);
    expect(world.strays.recorded[0]?.bodyDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(JSON.stringify([world.strays.recorded, world.log.lines])).not.toContain(secret);
    expect(world.setAside.kept).toHaveLength(body instanceof Uint8Array ? 1 : 0);
    expect(world.effects).toEqual([]);
  });

  it('settles a message that cannot be kept whole, and says so', async () => {
    const world = makeWorld();
    world.setAside.keep = async () => {
      throw new TypeError('the queue is full');
    };
    await consumersOf(world)[queue].consume(bytesOf(secret), contextOf(json));
    expect(world.strays.recorded).toHaveLength(1);
    expect(world.log.lines.at(-1)).toMatch(/^error: a message could not be set aside .*"error":"TypeError"/);
  });

  it('sets aside what belongs on another queue', async () => {
    const world = makeWorld();
    const purpose = queue === 'executions' ? 'poll' : 'execute';
    await consumersOf(world)[queue].consume(bytesOf(JSON.stringify({ ...ours, purpose })), contextOf(json));
    expect(world.strays.recorded).toMatchObject([{ queue, reason: 'purpose: of another queue' }]);
    expect(world.effects).toEqual([]);
  });

  it('keeps a message that it cannot set aside', async () => {
    const world = makeWorld();
    world.strays.record = async () => {
      throw new Error('the table is away');
    };
    await expect(consumersOf(world)[queue].consume({}, contextOf({ messageId: 'm-1' }))).rejects.toThrow('the table is away');
  });

  it('makes a dead letter that is none of ours visible with its reason', async () => {
    const world = makeWorld();
    const context = contextOf({ messageId: 'm-1', applicationProperties: { deadLetterReason: 'MaxDeliveryCountExceeded' } });
    await consumersOf(world)[queue].consumeDeadLetter(bytesOf(JSON.stringify({ password: secret, deadLetterReason: 'mine' })), context);
    expect(world.strays.recorded).toMatchObject([{ queue, messageId: 'm-1', reason: 'MaxDeliveryCountExceeded' }]);
    expect(world.log.lines).toEqual([`error: a message died {"queue":"${queue}","operationId":"","reason":"MaxDeliveryCountExceeded"}`]);
    expect(JSON.stringify(world.strays.recorded)).not.toContain(secret);
  });
});

describe('a message of ours', () => {
  it('is handled', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    await consumersOf(world).executions.consume(bodyOf(lastMessage(world, 'execute')), contextOf(json));
    expect((await operationOf(world, id)).status).toBe('succeeded');
  });

  it('about an operation that is damaged is set aside at once, and somebody is told', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    world.store.rewriteEvent(id, 1, (text) => text.replace('stshop', 'stsafe'));
    for (const purpose of ['execute', 'project', 'checkDeadline'] as const) {
      await consumersOf(world)[queueOf(purpose)].consume(bodyOf(lastMessage(world, purpose)), contextOf(json));
    }
    expect(world.strays.recorded.map(({ queue, reason }) => [queue, reason])).toEqual([
      ['executions', 'what is stored of the operation is damaged'],
      ['changes', 'what is stored of the operation is damaged'],
      ['checks', 'what is stored of the operation is damaged'],
    ]);
    expect(world.log.lines).toContain(
      `error: what is stored of an operation is damaged; nothing is done about it any more {"operationId":"${id}","purpose":"execute"}`,
    );
    expect(world.azure.calls).toEqual([]);
  });

  it('about an operation that never came to be is settled with the reason, once it has waited for it', async () => {
    const world = makeWorld();
    await world.submit(agentCaller(deployAgent), readAccount());
    const never = { ...lastMessage(world, 'execute'), operationId: `op_${'q'.repeat(26)}`, attempt: 5 } as const;
    await consumersOf(world).executions.consume(bodyOf(never), contextOf(json));
    expect(world.strays.recorded.map(({ queue, reason }) => [queue, reason])).toEqual([['executions', 'there is no such operation']]);
    expect(world.azure.calls).toEqual([]);
  });

  it('is delivered again where its step fails', async () => {
    const world = makeWorld();
    await world.submit(agentCaller(deployAgent), readAccount());
    world.store.failNext('before');
    const consume = consumersOf(world).executions.consume(bodyOf(lastMessage(world, 'execute')), contextOf(json));
    await expect(consume).rejects.toMatchObject({ code: 'unreachable' });
    expect(world.strays.recorded).toEqual([]);
  });

  it('that died is an event of its operation, with a reason of bounded length', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), deleteAccount());
    const properties = { deadLetterReason: 'Late', deadLetterErrorDescription: 'y'.repeat(1_000) };
    const context = contextOf({ ...json, messageId: 'x'.repeat(1_000), applicationProperties: properties });
    await consumersOf(world)['approval-requests'].consumeDeadLetter(bodyOf(lastMessage(world, 'requestApproval')), context);
    expect((await storedOf(world, id)).events.at(-1)?.detail).toMatchObject({
      kind: 'messageDeadLettered',
      reason: `Late: ${'y'.repeat(494)}`,
    });
  });

  it('whose death has no reason that we know is recorded as such', async () => {
    const world = makeWorld();
    await consumersOf(world).checks.consumeDeadLetter(bytesOf('{}'), contextOf({}));
    expect(world.strays.recorded).toMatchObject([{ messageId: 'unknown', reason: 'unknown' }]);
  });
});

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

function bodyOf(announcement: Announcement): Buffer {
  return bytesOf(JSON.stringify(encodeQueueMessage(announcement).body));
}

function contextOf(triggerMetadata: Readonly<Record<string, unknown>>): InvocationContext {
  return new InvocationContext({ invocationId: 'invocation-1', functionName: 'under-test', triggerMetadata, logHandler: () => undefined });
}
