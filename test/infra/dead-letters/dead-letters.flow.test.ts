import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBusClient, type ServiceBusMessage } from '@azure/service-bus';
import Long from 'long';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { places } from '../../../infra/dead-letters/letter.ts';
import { listLetters, redriveLetters } from '../../../infra/dead-letters/letters.ts';
import { runCommand } from '../../../infra/dead-letters/run-command.ts';
import { makeServiceBusSetAside } from '../../../shared/adapters/service-bus/set-aside.ts';
import { encodeQueueMessage } from '../../../shared/contracts/queue-message.ts';
import { digestOf } from '../../../shared/domain/digest.ts';
import { startNamespace } from '../../adapters/service-bus/namespace.ts';
import { operationIdOf } from '../../contracts/sample-operation.ts';

let namespace: Awaited<ReturnType<typeof startNamespace>>;
let client: ServiceBusClient;
beforeEach(async () => {
  namespace = await startNamespace();
  client = new ServiceBusClient(namespace.connectionString);
});
afterEach(async () => {
  await client.close();
  await namespace.stop();
});

const operationId = operationIdOf('dead');
const where = { kind: 'local', directory: '/nowhere' } as const;

function ours(sequence: number): ServiceBusMessage {
  const encoded = encodeQueueMessage({ operationId, purpose: 'execute', sequence, commit: digestOf('commit'), attempt: 0 });
  return { ...encoded, applicationProperties: { ...encoded.applicationProperties } };
}

/** Sends messages to `executions` and buries them. */
async function bury(...messages: readonly ServiceBusMessage[]): Promise<void> {
  await client.createSender('executions').sendMessages([...messages]);
  const receiver = client.createReceiver('executions');
  for (let buried = 0; buried < messages.length; ) {
    for (const message of await receiver.receiveMessages(messages.length - buried, { maxWaitTimeInMs: 10_000 })) {
      await receiver.deadLetterMessage(message, {
        deadLetterReason: 'Poison',
        deadLetterErrorDescription: 'nobody could\u001b[2J read it',
      });
      buried += 1;
    }
  }
  await receiver.close();
}

async function messageIdsIn(queue: string): Promise<unknown[]> {
  const receiver = client.createReceiver(queue);
  const messages = await receiver.peekMessages(100, { fromSequenceNumber: Long.ONE });
  await receiver.close();
  return messages.map(({ messageId }) => messageId);
}

async function idsOfLetters(): Promise<string[]> {
  return (await listLetters(client, places, Date.now())).map(({ id }) => id);
}

describe('where there is nothing', () => {
  it('says so, and nothing can be sent again', async () => {
    const common = { where, json: false };
    expect(await runCommand(client, { kind: 'list', places, ...common }, 0)).toEqual({
      text: 'There are no dead letters.',
      done: true,
    });
    const show = await runCommand(client, { kind: 'show', place: 'checks', id: 'checks/1', ...common }, 0);
    expect(show).toEqual({ text: 'There is no dead letter checks/1.', done: false });
    const redrive = await runCommand(client, { kind: 'redrive', place: 'checks', id: 'checks/1', ...common }, 0);
    expect(redrive).toEqual({ text: 'There is no dead letter checks/1, or somebody else has it now.', done: false });
  });
});

describe('a dead letter', () => {
  it('is listed with reason, deliveries, operation and age, and looking does not take it', async () => {
    await bury(ours(4));
    const [letter] = await listLetters(client, places, Date.now() + 7_260_000);
    expect(letter).toMatchObject({
      id: 'executions/1',
      reason: 'Poison',
      description: 'nobody could\u001b[2J read it',
      redriveCount: 0,
      content: { kind: 'ours', operationId, purpose: 'execute', sequence: 4, attempt: 0 },
    });
    expect(letter?.ageSeconds).toBeGreaterThanOrEqual(7_260);
    const { text } = await runCommand(client, { kind: 'list', places: ['executions'], where, json: false }, Date.now() + 7_260_000);
    expect(text).toMatch(/^executions\/1 +2 h +\d +execute +op_\w+ +Poison: nobody could\?\[2J read it$/m);
  });

  it('that is not ours is told without its body', async () => {
    await bury({ body: 'hunter2', contentType: 'text/plain' });
    const { text } = await runCommand(client, { kind: 'show', place: 'executions', id: 'executions/1', where, json: false }, Date.now());
    expect(text).toContain('not ours    contentType: not application/json');
    expect(text).toMatch(/body +9 bytes, sha256:[0-9a-f]{64}/);
    expect(text).not.toContain('hunter2');
  });

  it('is sent again as it was, with an id of its own, and is gone', async () => {
    await bury({ ...ours(4), applicationProperties: { traceparent: 'x' } });
    const outcomes = await redriveLetters(client, 'executions', ['executions/1']);
    const messageId = `${ours(4).messageId}.redrive-1`;
    expect(outcomes).toEqual([{ id: 'executions/1', outcome: 'redriven', messageId }]);
    expect(await idsOfLetters()).toEqual([]);
    const [copy] = await client.createReceiver('executions').receiveMessages(1, { maxWaitTimeInMs: 10_000 });
    expect(copy).toMatchObject({
      body: ours(4).body,
      messageId,
      contentType: 'application/json',
      applicationProperties: { traceparent: 'x' },
    });
    expect(copy?.applicationProperties).not.toHaveProperty('DeadLetterReason');
  });

  it('that dies again gets the next id', async () => {
    await bury(ours(4));
    await redriveLetters(client, 'executions', ['executions/1']);
    const receiver = client.createReceiver('executions');
    const [copy] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 10_000 });
    if (copy === undefined) throw new Error('nothing came');
    await receiver.deadLetterMessage(copy);
    const [id = ''] = await idsOfLetters();
    expect(await redriveLetters(client, 'executions', [id])).toMatchObject([{ messageId: `${ours(4).messageId}.redrive-2` }]);
  });

  it('is sent once where the settlement of the first time was lost', async () => {
    await bury(ours(4));
    const hasty = new ServiceBusClient(namespace.connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 1_000 } });
    namespace.faults.inject({ name: 'loseSettlement', queue: 'executions/$deadletterqueue' });
    await expect(redriveLetters(hasty, 'executions', ['executions/1'])).rejects.toThrow();
    await hasty.close();
    // The lock of the first time ends with its minute; a message sent under the same id is what a second time sends.
    await client.createSender('executions').sendMessages({ ...ours(4), messageId: `${ours(4).messageId}.redrive-1` });
    expect(await idsOfLetters()).toEqual(['executions/1']);
    expect(await messageIdsIn('executions')).toEqual([`${ours(4).messageId}.redrive-1`]);
  });

  it('with an id of full length gets one of the length that Service Bus takes', async () => {
    await bury({ ...ours(4), messageId: 'x'.repeat(128) });
    const [outcome] = await redriveLetters(client, 'executions', ['executions/1']);
    expect(outcome?.messageId).toMatch(/^[0-9a-f]{64}\.redrive-1$/);
  });

  it('whose body is no bytes stays', async () => {
    await client.createSender('executions').sendMessages({ bodyType: 'value', body: { a: 1 }, messageId: 'v' });
    const receiver = client.createReceiver('executions');
    const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 10_000 });
    if (message === undefined) throw new Error('nothing came');
    await receiver.deadLetterMessage(message);
    expect(await redriveLetters(client, 'executions', ['executions/1'])).toEqual([{ id: 'executions/1', outcome: 'notOurs' }]);
    expect(await idsOfLetters()).toEqual(['executions/1']);
  });
});

describe('what the functions have set aside', () => {
  const stray = {
    queue: 'executions',
    messageId: 'm.redrive-1',
    reason: 'version: invalid_value',
    bodyDigest: digestOf('x'),
    seenAt: 'now',
  };

  it('is kept once, listed with its reason, and sent to the queue that it came from', async () => {
    const setAside = makeServiceBusSetAside(client);
    for (let time = 0; time < 2; time += 1)
      await setAside.keep(stray, { body: Buffer.from('{"version":2}'), contentType: 'application/json' });
    expect(await listLetters(client, places, Date.now())).toMatchObject([
      { id: 'set-aside/1', queue: 'executions', messageId: 'm.redrive-1', reason: 'version: invalid_value', redriveCount: 1 },
    ]);
    expect(await redriveLetters(client, 'set-aside', ['set-aside/1'])).toEqual([
      { id: 'set-aside/1', outcome: 'redriven', messageId: 'm.redrive-2' },
    ]);
    const [copy] = await client.createReceiver('executions').receiveMessages(1, { maxWaitTimeInMs: 10_000 });
    expect(copy).toMatchObject({ body: { version: 2 }, contentType: 'application/json', messageId: 'm.redrive-2' });
    expect(await idsOfLetters()).toEqual([]);
  });

  it('stays where its queue is none of ours', async () => {
    await makeServiceBusSetAside(client).keep({ ...stray, queue: 'elsewhere' }, { body: Buffer.from('x'), contentType: undefined });
    expect(await redriveLetters(client, 'set-aside', ['set-aside/1'])).toEqual([{ id: 'set-aside/1', outcome: 'notOurs' }]);
    expect(await idsOfLetters()).toEqual(['set-aside/1']);
  });
});

describe('several dead letters', () => {
  it('one is taken from among them, the others stay', async () => {
    await bury(ours(4), ours(5), ours(6));
    expect(await redriveLetters(client, 'executions', ['executions/2'])).toMatchObject([{ outcome: 'redriven' }]);
    expect(await idsOfLetters()).toEqual(['executions/1', 'executions/3']);
    expect(await messageIdsIn('executions')).toEqual([`${ours(5).messageId}.redrive-1`]);
  });

  it('are all sent again, and a second time there is nothing left to do', async () => {
    await bury(...Array.from({ length: 120 }, (_, index) => ours(index + 1)));
    const command = { kind: 'redriveAll', places, where, json: true } as const;
    const { text, done } = await runCommand(client, command, Date.now());
    expect([JSON.parse(text).length, done]).toEqual([120, true]);
    expect(new Set(await messageIdsIn('executions')).size).toBe(100);
    expect(await runCommand(client, command, Date.now())).toEqual({ text: '[]', done: true });
  });
});

describe('the command', () => {
  it.each([
    [['purge'], 2, '"purge" is not list, show or redrive'],
    [['list', '--directory', 'EMPTY'], 1, 'The local environment does not run.'],
  ])('%j ends with %d', async (args, code, text) => {
    const directory = await mkdtemp(join(tmpdir(), 'dead-letters-'));
    const program = join(import.meta.dirname, '../../../infra/dead-letters/dead-letters.ts');
    const given = args.map((each) => (each === 'EMPTY' ? directory : each));
    const ended = await new Promise<{ code: unknown; text: string }>((resolve) => {
      execFile(process.execPath, [program, ...given], (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, text: stdout + stderr }),
      );
    });
    await rm(directory, { recursive: true });
    expect(ended.code).toBe(code);
    expect(ended.text).toContain(text);
  });
});
