import { type ServiceBusClient as Client, ServiceBusClient, type ServiceBusMessage } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServiceBus, startServiceBus } from '../../../infra/local/service-bus/service-bus.ts';
import { type FixtureHost, startFixture } from './functions-host/fixture-host.ts';
import { until } from './functions-host/until.ts';

let serviceBus: ServiceBus;
let client: Client;
let host: FixtureHost;

const queue = { lockDurationMs: 30_000, maxDeliveryCount: 2, duplicateDetectionWindowMs: undefined };

beforeAll(async () => {
  serviceBus = await startServiceBus({
    port: 0,
    directory: undefined,
    queues: [
      { ...queue, name: 'executions' },
      { ...queue, name: 'checks', lockDurationMs: 5_000, maxDeliveryCount: 10 },
    ],
    keyName: 'k',
    key: 'v',
  });
  client = new ServiceBusClient(serviceBus.connectionString);
  host = await startFixture({ SERVICEBUS: serviceBus.connectionString, CHECKS_QUEUE: 'checks', MEASURE_SCHEDULE: '*/1 * * * * *' });
});

afterAll(async () => {
  await host.stop();
  await client.close();
  await serviceBus.stop();
});

async function send(queueName: string, message: ServiceBusMessage): Promise<void> {
  await client.createSender(queueName).sendMessages(message);
}

/** What the fixture printed when it was given the message. */
async function seen(functionName: string, ...pieces: readonly string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await host.line(`{"saw":"${functionName}"`, ...pieces));
}

async function peekAll(queueName: string): Promise<readonly unknown[]> {
  const receiver = client.createReceiver(queueName);
  const messages = await receiver.peekMessages(50);
  await receiver.close();
  return messages.map(({ messageId }) => messageId);
}

describe('a message that a function fails on', () => {
  it('comes again with a higher count and is dead-lettered at last, and its text is in no log of the host', async () => {
    await send('executions', { messageId: 'poison-1', body: { throws: true, note: 'poison-secret' } });
    const first = await seen('execute-operation', 'poison-1', '"deliveryCount":1');
    const second = await seen('execute-operation', 'poison-1', '"deliveryCount":2');
    const dead = await seen('bury-operation', 'poison-1');
    expect(second['invocationId']).not.toBe(first['invocationId']);
    expect(dead['metadata']).toMatchObject({
      messageId: 'poison-1',
      applicationProperties: { deadLetterReason: 'MaxDeliveryCountExceeded' },
    });
    const failures = host.lines.filter((line) => line.includes('The function failed.'));
    expect(failures.map((line) => JSON.parse(line).function)).toContain('execute-operation');
    expect(failures.filter((line) => line.includes('poison-secret'))).toEqual([]);
  });

  it('is abandoned when its body is no text', async () => {
    await send('executions', { messageId: 'bytes-1', body: Buffer.from([0xff, 0xfe]) });
    await host.line('The function failed.', 'UnreadableBody');
    await until(async () => (await peekAll('executions')).length === 0);
  });
});

describe('what a function is given', () => {
  it('an object for a JSON body', async () => {
    await send('executions', { messageId: 'json-1', body: { operationId: 'op_1', count: 2 } });
    expect(await seen('execute-operation', 'json-1')).toMatchObject({ message: { operationId: 'op_1', count: 2 } });
  });

  it('a string for any other', async () => {
    await send('executions', { messageId: 'text-1', body: Buffer.from('not json: é') });
    expect(await seen('execute-operation', 'text-1')).toMatchObject({ message: 'not json: é' });
  });

  it('metadata by the names of the cloud', async () => {
    await send('executions', {
      messageId: 'meta-1',
      correlationId: 'corr-1',
      contentType: 'application/json',
      subject: 'execute',
      applicationProperties: { Purpose: 'test', count: 3 },
      body: { a: 1 },
    });
    const { metadata } = await seen('execute-operation', 'meta-1');
    expect(metadata).toMatchObject({
      messageId: 'meta-1',
      correlationId: 'corr-1',
      contentType: 'application/json',
      subject: 'execute',
      label: 'execute',
      deliveryCount: 1,
      sequenceNumber: expect.any(Number),
      lockToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
      enqueuedTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+00:00$/),
      enqueuedTimeUtc: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?$/),
      applicationProperties: { purpose: 'test', count: 3 },
      userProperties: { purpose: 'test', count: 3 },
      a: 1,
    });
  });

  it('metadata that the body has overwritten, as in the cloud', async () => {
    await send('executions', { messageId: 'true-id', body: { messageId: 'forged-id', deliveryCount: 9, list: [1] } });
    const { metadata } = await seen('execute-operation', 'forged-id');
    expect(metadata).toMatchObject({ messageId: 'forged-id', deliveryCount: 9 });
    expect(metadata).not.toHaveProperty('list');
  });

  it("the sender's trace with a span of its own", async () => {
    await send('executions', {
      messageId: 'trace-1',
      applicationProperties: { 'Diagnostic-Id': '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
      body: {},
    });
    expect(await seen('execute-operation', 'trace-1')).toMatchObject({
      traceParent: expect.stringMatching(/^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/),
    });
  });
});

describe('settling', () => {
  it('completes a message when its function returns', async () => {
    await send('executions', { messageId: 'done-1', body: {} });
    await seen('execute-operation', 'done-1');
    await until(async () => (await peekAll('executions')).length === 0);
  });

  it('leaves a message alone where the function does not complete by itself', async () => {
    await send('checks', { messageId: 'kept-1', body: {} });
    await seen('check-operation', 'kept-1');
    await send('checks', { messageId: 'kept-2', body: {} });
    await seen('check-operation', 'kept-2');
    expect(await peekAll('checks')).toEqual(['kept-1', 'kept-2']);
  });
});

describe('concurrency', () => {
  it('is as host.json says: a third message waits for one of two', async () => {
    await send('executions', { messageId: 'hold-a', body: { hold: 'a' } });
    await send('executions', { messageId: 'hold-b', body: { hold: 'b' } });
    await Promise.all([seen('execute-operation', 'hold-a'), seen('execute-operation', 'hold-b')]);
    await send('executions', { messageId: 'third', body: {} });
    await until(async () => (await peekAll('executions')).length === 3);
    expect(host.lines.some((line) => line.includes('"third"'))).toBe(false);
    await fetch(`${host.address}/release/a`, { method: 'POST' });
    await seen('execute-operation', '"third"');
    await fetch(`${host.address}/release/b`, { method: 'POST' });
    await until(async () => (await peekAll('executions')).length === 0);
  });
});

describe('timers', () => {
  it('run on start and then on schedule; one that comes more than once a minute has no status', async () => {
    await until(async () => host.lines.filter((line) => line.startsWith('{"saw":"measure"')).length >= 2);
    expect(await seen('measure')).toEqual({
      saw: 'measure',
      timer: { schedule: { adjustForDST: true }, scheduleStatus: null, isPastDue: false },
    });
  });
});
