import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { describe, expect, it, onTestFinished } from 'vitest';
import { portToKeep } from '../../../infra/local/choose-ports.ts';
import { startServiceBus } from '../../../infra/local/service-bus/service-bus.ts';
import { type FixtureHost, fixtureEntry, startFixture } from './functions-host/fixture-host.ts';
import { until } from './functions-host/until.ts';

describe('Service Bus', () => {
  const queue = { lockDurationMs: 2_000, maxDeliveryCount: 5, duplicateDetectionWindowMs: undefined };
  const queues = [
    { ...queue, name: 'executions' },
    { ...queue, name: 'checks' },
  ];
  const settings = (connectionString: string) => ({
    SERVICEBUS: connectionString,
    CHECKS_QUEUE: 'checks',
    MEASURE_SCHEDULE: '0 0 0 1 1 *',
  });

  async function send(connectionString: string, messageId: string, body: unknown): Promise<void> {
    const client = new ServiceBusClient(connectionString);
    await client.createSender('executions').sendMessages({ messageId, body });
    await client.close();
  }

  async function peek(connectionString: string): Promise<readonly unknown[]> {
    const client = new ServiceBusClient(connectionString);
    const messages = await client.createReceiver('executions').peekMessages(10);
    await client.close();
    return messages.map(({ messageId }) => messageId);
  }

  it('may come after the host: HTTP is served meanwhile, and the host listens when the receivers are open', async () => {
    const [port, httpPort] = [await portToKeep(), await portToKeep()];
    const connectionString = `Endpoint=sb://localhost:${port};SharedAccessKeyName=k;SharedAccessKey=v;UseDevelopmentEmulator=true;`;
    let listening = false;
    const tried = Promise.withResolvers<void>();
    const onLine = (line: string) => {
      if (line.includes('Service Bus failed (receive)')) tried.resolve();
    };
    const starting = startFixture(settings(connectionString), fixtureEntry, { port: httpPort, onLine }).then((host) => {
      listening = true;
      return host;
    });
    const answers = () =>
      fetch(`http://127.0.0.1:${httpPort}/answers/hooked`).then(
        ({ status }) => status === 200,
        () => false,
      );
    await until(answers);
    await tried.promise;
    expect(listening).toBe(false);
    const serviceBus = await startServiceBus({ port, directory: undefined, queues, keyName: 'k', key: 'v' });
    const host = await starting;
    await send(serviceBus.connectionString, 'first', {});
    await host.line('"saw":"execute-operation"', '"first"');
    await host.stop();
    await serviceBus.stop();
  });

  it('that takes a connection and never answers is asked by another client', async () => {
    const silent = createServer();
    const connected = once(silent, 'connection');
    const port = await portToKeep();
    silent.listen(port, '127.0.0.1');
    await once(silent, 'listening');
    const connectionString = `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=k;SharedAccessKey=v;UseDevelopmentEmulator=true;`;
    const starting = startFixture(settings(connectionString));
    await connected;
    silent.close();
    const serviceBus = await startServiceBus({ port, directory: undefined, queues, keyName: 'k', key: 'v' });
    const host = await starting;
    onTestFinished(() => host.kill());
    await send(serviceBus.connectionString, 'heard', {});
    await host.line('"saw":"execute-operation"', '"heard"');
    expect(host.lines.filter((line) => line.includes('another client takes over'))).toHaveLength(1);
    await host.stop();
    await serviceBus.stop();
  });

  it('may go and come back', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'functions-host-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const before = await startServiceBus({ port: 0, directory, queues, keyName: 'k', key: 'v' });
    const port = Number(before.address.split(':')[1]);
    const host = await startFixture(settings(before.connectionString));
    onTestFinished(() => host.kill());
    await before.stop();
    await host.line('Service Bus failed (receive)');
    expect((await fetch(`${host.address}/answers/hooked`)).status).toBe(200);
    const after = await startServiceBus({ port, directory, queues, keyName: 'k', key: 'v' });
    await send(after.connectionString, 'second', {});
    await host.line('"saw":"execute-operation"', '"second"');
    await host.stop();
    await after.stop();
  });

  it('keeps a message locked while its function runs, and the host completes it before it stops', async () => {
    const serviceBus = await startServiceBus({ port: 0, directory: undefined, queues, keyName: 'k', key: 'v' });
    const host: FixtureHost = await startFixture(settings(serviceBus.connectionString));
    onTestFinished(() => host.kill());
    await send(serviceBus.connectionString, 'long', { hold: 'until-stop' });
    await host.line('"saw":"execute-operation"', '"long"');
    const firstLockEndsAt = Date.now() + queue.lockDurationMs;
    await until(async () => Date.now() > firstLockEndsAt + 500);
    await host.stop();
    expect(host.lines).toContain('{"finished":"until-stop"}');
    expect(host.lines.filter((line) => line.includes('"saw":"execute-operation"'))).toHaveLength(1);
    expect(await peek(serviceBus.connectionString)).toEqual([]);
    await serviceBus.stop();
  });

  it('gives a message again that a killed host had', async () => {
    const serviceBus = await startServiceBus({ port: 0, directory: undefined, queues, keyName: 'k', key: 'v' });
    const killed = await startFixture(settings(serviceBus.connectionString));
    await send(serviceBus.connectionString, 'again', { hold: 'for-ever' });
    await killed.line('"saw":"execute-operation"', '"again"');
    await killed.kill();
    const host = await startFixture(settings(serviceBus.connectionString));
    await host.line('"saw":"execute-operation"', '"again"', '"deliveryCount":2');
    await host.kill();
    await serviceBus.stop();
  });
});
