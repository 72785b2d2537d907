import { InvocationContext } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { encodeQueueMessage } from '../../shared/contracts/queue-message.ts';
import { agentCaller, deployAgent } from '../support/cast.ts';
import { consumersOf } from '../support/functions-of.ts';
import { deleteAccount, lastMessage, operationOf, readAccount, storedOf } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

const secret = 'hunter2-hunter2';
const strange: readonly [string, unknown][] = [
  ['nothing', undefined],
  ['text', secret],
  ['a list', [secret]],
  ['a message of another version', { version: 2, password: secret }],
  [
    'a message with a field more',
    { version: 1, operationId: `op_${'a'.repeat(26)}`, purpose: 'execute', sequence: 1, attempt: 0, password: secret },
  ],
];

describe.each(['approval-requests', 'executions', 'checks', 'changes'] as const)('the queue %s', (queue) => {
  it.each(strange)('sets aside %s, settles it, and keeps nothing of its body', async (_what, body) => {
    const world = makeWorld();
    await consumersOf(world)[queue].consume(body, contextOf({ messageId: 'm-1' }));
    expect(world.strays.recorded).toMatchObject([{ queue, messageId: 'm-1', seenAt: '2026-11-21T20:12:00.000Z' }]);
    expect(world.strays.recorded[0]?.bodyDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(JSON.stringify([world.strays.recorded, world.log.lines])).not.toContain(secret);
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
    const context = contextOf({ messageId: 'm-1', deadLetterReason: 'MaxDeliveryCountExceeded' });
    await consumersOf(world)[queue].consumeDeadLetter({ password: secret }, context);
    expect(world.strays.recorded).toMatchObject([{ queue, messageId: 'm-1', reason: 'MaxDeliveryCountExceeded' }]);
    expect(world.log.lines).toEqual([`error: a message died {"queue":"${queue}","operationId":"","reason":"MaxDeliveryCountExceeded"}`]);
    expect(JSON.stringify(world.strays.recorded)).not.toContain(secret);
  });
});

describe('a message of ours', () => {
  it('is handled', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    await consumersOf(world).executions.consume(encodeQueueMessage(lastMessage(world, 'execute')).body, contextOf({}));
    expect((await operationOf(world, id)).status).toBe('succeeded');
  });

  it('is delivered again where its step fails', async () => {
    const world = makeWorld();
    await world.submit(agentCaller(deployAgent), readAccount());
    world.store.failNext('before');
    const consume = consumersOf(world).executions.consume(encodeQueueMessage(lastMessage(world, 'execute')).body, contextOf({}));
    await expect(consume).rejects.toMatchObject({ code: 'unreachable' });
    expect(world.strays.recorded).toEqual([]);
  });

  it('that died is an event of its operation, with a reason of bounded length', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), deleteAccount());
    const body = encodeQueueMessage(lastMessage(world, 'requestApproval')).body;
    const context = contextOf({ messageId: 'x'.repeat(1_000), deadLetterReason: 'y'.repeat(1_000) });
    await consumersOf(world)['approval-requests'].consumeDeadLetter(body, context);
    expect((await storedOf(world, id)).events.at(-1)?.detail).toMatchObject({ kind: 'messageDeadLettered', reason: 'y'.repeat(500) });
  });

  it('whose death has no reason that we know is recorded as such', async () => {
    const world = makeWorld();
    await consumersOf(world).checks.consumeDeadLetter({}, contextOf({}));
    expect(world.strays.recorded).toMatchObject([{ messageId: 'unknown', reason: 'unknown' }]);
  });
});

function contextOf(triggerMetadata: Record<string, string>): InvocationContext {
  return new InvocationContext({ invocationId: 'invocation-1', functionName: 'under-test', triggerMetadata, logHandler: () => undefined });
}
