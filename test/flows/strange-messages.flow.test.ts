import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TableClient } from '@azure/data-tables';
import { ServiceBusClient, type ServiceBusMessage, type ServiceBusReceivedMessage } from '@azure/service-bus';
import Long from 'long';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Letter } from '../../infra/dead-letters/letter.ts';
import { tableNames } from '../../shared/adapters/table-storage/ensure-storage.ts';
import { encodeQueueMessage } from '../../shared/contracts/queue-message.ts';
import { digestOf } from '../../shared/domain/digest.ts';
import { isOperationId, type OperationId } from '../../shared/domain/operation.ts';
import type { Purpose } from '../../shared/ports/announcer.ts';
import { production, storageAccount, storageVersion, useRunningEnvironment } from '../support/running-environment.ts';

/** Nobody listens to `changes`, so that its messages are the test's to bury. */
const running = useRunningEnvironment({ settings: { 'AzureWebJobs.project-operation.Disabled': 'true' } });
const reading = { method: 'GET', path: `${production}/providers/Microsoft.Storage/storageAccounts`, apiVersion: storageVersion };
const removal = { method: 'DELETE', path: storageAccount(production, 'stproddata'), apiVersion: storageVersion };
const contentType = 'application/json';

let client: ServiceBusClient;
beforeAll(() => {
  client = new ServiceBusClient(running().messagesConnectionString);
});
afterAll(() => client.close());

async function send(queue: string, messages: readonly ServiceBusMessage[]): Promise<void> {
  const sender = client.createSender(queue);
  for (const message of messages) await sender.sendMessages(message);
  await sender.close();
}

async function held(queue: string, subQueueType?: 'deadLetter'): Promise<readonly ServiceBusReceivedMessage[]> {
  const receiver = client.createReceiver(queue, subQueueType === undefined ? {} : { subQueueType });
  const messages = await receiver.peekMessages(250, { fromSequenceNumber: Long.ONE });
  await receiver.close();
  return messages;
}

/** What waits at once; scheduled messages are for later. */
async function waiting(queue: string): Promise<number> {
  return (await held(queue)).filter(({ state }) => state !== 'scheduled').length;
}

async function reasonOfStray(queue: string, messageId: string): Promise<unknown> {
  const table = TableClient.fromConnectionString(running().storageConnectionString, tableNames.strayMessages, {
    allowInsecureConnection: true,
  });
  for await (const row of table.listEntities({ queryOptions: { filter: `PartitionKey eq '${queue}'` } }))
    if (row['messageId'] === messageId) return row['reason'];
  return undefined;
}

async function lastMessageOf(id: string, purpose: Purpose, attempt: number): Promise<{ readonly body: unknown }> {
  const last = (await running().api.events(id)).at(-1);
  if (last === undefined) throw new Error('no event');
  const announcement = { operationId: operationId(id), purpose, sequence: last.sequence, commit: digestOf('x'), attempt };
  const { body } = encodeQueueMessage(announcement);
  return { body: { ...body, commit: last.hash } };
}

function operationId(id: string): OperationId {
  if (!isOperationId(id)) throw new RangeError(`${id} is no operation id`);
  return id;
}

async function deadLetters(...args: readonly string[]): Promise<unknown> {
  const program = fileURLToPath(new URL('../../infra/dead-letters/dead-letters.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args, '--json', '--directory', running().directory]);
  return JSON.parse(stdout);
}

async function list(): Promise<readonly Letter[]> {
  const letters = await deadLetters('list', '--queue', 'set-aside');
  return Array.isArray(letters) ? letters : [];
}

const good = { version: 1, operationId: `op_${'a'.repeat(26)}`, purpose: 'execute', sequence: 3, commit: digestOf('commit'), attempt: 0 };

describe('a message that is not ours', () => {
  it.each<[string, ServiceBusMessage, string]>([
    ['no JSON', { contentType, body: Buffer.from('{"version":') }, 'body: notJson'],
    ['no text', { contentType, body: Buffer.from([0xff, 0xfe, 0x00, 0x80]) }, 'body: notUtf8'],
    ['an older version', { contentType, body: { ...good, version: 0 } }, 'version: invalid_value'],
    ['fields that nobody knows', { contentType, body: { ...good, approved: true } }, 'body: unrecognized_keys'],
    ['another content type', { contentType: 'text/plain', body: good }, 'contentType: not application/json'],
    ['no content type', { body: good }, 'contentType: not application/json'],
    ['200 KiB', { contentType, body: Buffer.alloc(200 * 1024, 0x20) }, 'body: more than 4096 bytes'],
    ['a purpose of another queue', { contentType, body: { ...good, purpose: 'poll' } }, 'purpose: of another queue'],
  ])('is set aside with the reason and settled: %s', async (what, message, reason) => {
    const messageId = `strange: ${what}`;
    await send('executions', [{ ...message, messageId }]);
    await expect.poll(() => reasonOfStray('executions', messageId), { timeout: 45_000 }).toBe(reason);
    await expect.poll(() => waiting('executions'), { timeout: 45_000 }).toBe(0);
    expect(await held('executions', 'deadLetter')).toEqual([]);
    const kept = (await held('set-aside')).filter(({ applicationProperties }) => applicationProperties?.['messageId'] === messageId);
    expect(kept.map(({ applicationProperties }) => applicationProperties)).toEqual([{ queue: 'executions', messageId, reason }]);
  });

  it('is put off a few times where its operation is unknown, and then settled with the reason', async () => {
    await send('checks', [
      { contentType, messageId: 'first', body: { ...good, purpose: 'checkLease' } },
      { contentType, messageId: 'last', body: { ...good, purpose: 'checkLease', attempt: 5 } },
    ]);
    await expect.poll(() => waiting('checks'), { timeout: 45_000 }).toBe(0);
    expect(await reasonOfStray('checks', 'last')).toBe('there is no such operation');
    expect(await held('checks', 'deadLetter')).toEqual([]);
  });
});

describe('npm run dead-letters', () => {
  it('shows what was set aside in the running environment, and sends it again', async () => {
    await send('changes', [{ contentType, messageId: 'newer', body: { ...good, version: 2 } }]);
    const receiver = client.createReceiver('changes');
    const message = (await receiver.receiveMessages(100, { maxWaitTimeInMs: 10_000 })).find(({ messageId }) => messageId === 'newer');
    if (message === undefined) throw new Error('it did not come');
    await receiver.deadLetterMessage(message, { deadLetterReason: 'Unreadable', deadLetterErrorDescription: 'version 2' });
    await receiver.close();
    const setAside = async () => (await held('set-aside')).map(({ applicationProperties }) => applicationProperties?.['messageId']);
    await expect.poll(setAside, { timeout: 45_000 }).toContain('newer');
    const letter = (await list()).find(({ messageId }) => messageId === 'newer');
    expect(letter).toMatchObject({
      queue: 'changes',
      reason: 'Unreadable: version 2',
      content: { kind: 'other', problem: 'version: invalid_value' },
    });
    expect(await deadLetters('redrive', letter?.id ?? '')).toMatchObject([{ outcome: 'redriven', messageId: 'newer.redrive-1' }]);
    expect((await held('changes')).map(({ messageId }) => messageId)).toContain('newer.redrive-1');
  });
});

describe('a message of ours, a hundred times', () => {
  it('changes nothing after the end', async () => {
    const { api, resourceManager } = running();
    const { id } = (await api.submit('deploy-agent', reading, { prefer: 'wait=40' })).operation();
    await api.awaitStatus(id, 'succeeded');
    const [events, calls] = [await api.events(id), resourceManager.requests().length];
    const { body } = await lastMessageOf(id, 'execute', 0);
    await send(
      'executions',
      Array.from({ length: 100 }, (_, copy) => ({ contentType, messageId: `copy-${copy}`, body })),
    );
    await expect.poll(() => waiting('executions'), { timeout: 45_000 }).toBe(0);
    expect(await api.events(id)).toEqual(events);
    expect(resourceManager.requests().length).toBe(calls);
    expect(await held('executions', 'deadLetter')).toEqual([]);
  });

  it('waits for its time once', async () => {
    const { api } = running();
    const { id } = (await api.submit('deploy-agent', removal)).operation();
    await api.awaitApprovalDigest(id);
    const { body } = await lastMessageOf(id, 'checkDeadline', 7);
    await send(
      'checks',
      Array.from({ length: 100 }, (_, copy) => ({ contentType, messageId: `early-${copy}`, body })),
    );
    await expect.poll(() => waiting('checks'), { timeout: 45_000 }).toBe(0);
    const later = (await held('checks')).filter((message) => String(message.messageId).startsWith(`${id}.checkDeadline`));
    expect(later.filter(({ messageId }) => String(messageId).endsWith('.8'))).toHaveLength(1);
    expect((await api.read('deploy-agent', id)).operation().status).toBe('awaitingApproval');
  });
});

describe('a message of ours that died', () => {
  it('is an event with the reason, and its operation is looked at again', async () => {
    const { api } = running();
    const { id } = (await api.submit('deploy-agent', removal)).operation();
    await api.awaitApprovalDigest(id);
    const receiver = client.createReceiver('changes');
    for (let buried = false; !buried; ) {
      for (const message of await receiver.receiveMessages(10, { maxWaitTimeInMs: 5_000 })) {
        const isIts = String(message.messageId).startsWith(id) && !buried;
        if (!isIts) {
          await receiver.completeMessage(message);
          continue;
        }
        buried = true;
        await receiver.deadLetterMessage(message, { deadLetterReason: 'Broken', deadLetterErrorDescription: 'buried by hand' });
      }
    }
    await receiver.close();
    const died = { kind: 'messageDeadLettered', queue: 'changes', purpose: 'project', reason: 'Broken: buried by hand' };
    await expect.poll(async () => (await api.events(id)).map(({ detail }) => detail), { timeout: 45_000 }).toContainEqual(died);
    await expect.poll(() => held('changes', 'deadLetter'), { timeout: 45_000 }).toEqual([]);
    const again = (await held('changes')).filter(({ state }) => state === 'scheduled');
    expect(again.some(({ messageId }) => String(messageId).startsWith(`${id}.project`))).toBe(true);
  });
});
