import { ServiceBusClient } from '@azure/service-bus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HostGroup, startHostGroup } from '../../../infra/local/functions-host/host-group.ts';
import { type ServiceBus, startServiceBus } from '../../../infra/local/service-bus/service-bus.ts';
import { fixtureEntry } from './functions-host/fixture-host.ts';
import { until } from './functions-host/until.ts';

const queue = { lockDurationMs: 1_000, maxDeliveryCount: 5, duplicateDetectionWindowMs: undefined };

let serviceBus: ServiceBus;
let client: ServiceBusClient;
let group: HostGroup | undefined;
let lines: { readonly host: number; readonly line: string }[];

beforeEach(async () => {
  lines = [];
  const queues = ['executions', 'checks'].map((name) => ({ ...queue, name }));
  serviceBus = await startServiceBus({ port: 0, directory: undefined, queues, keyName: 'k', key: 'v' });
  client = new ServiceBusClient(serviceBus.connectionString);
});
afterEach(async () => {
  await Promise.all(group?.hosts().map((host) => host.kill()) ?? []);
  group = undefined;
  await client.close();
  await serviceBus.stop();
});

async function start(settings: Readonly<Record<string, string>> = {}): Promise<HostGroup> {
  const env = { SERVICEBUS: serviceBus.connectionString, CHECKS_QUEUE: 'checks', MEASURE_SCHEDULE: '0 0 0 1 1 *', ...settings };
  group = await startHostGroup({ entry: fixtureEntry, ports: [0, 0], env, onLine: (line, _, host) => lines.push({ host, line }) });
  return group;
}

/** The hosts whose function saw a message, one for each delivery. */
function sawIt(messageId: string): number[] {
  return lines.filter(({ line }) => line.includes('"saw":"execute-operation"') && line.includes(`"${messageId}"`)).map(({ host }) => host);
}

function finished(messageId: string): number {
  return lines.filter(({ line }) => line === JSON.stringify({ finished: messageId })).length;
}

async function send(messageId: string, body: unknown): Promise<void> {
  await client.createSender('executions').sendMessages({ messageId, body });
}

describe('a group of hosts', () => {
  it('does not start where one of them does not', async () => {
    const env = { CHECKS_QUEUE: 'checks', MEASURE_SCHEDULE: '0 0 0 1 1 *' };
    await expect(startHostGroup({ entry: fixtureEntry, ports: [0, 0], env })).rejects.toThrow('SERVICEBUS');
  });

  it('shares the messages, runs its timers once, and listens on a port each', async () => {
    const { hosts } = await start({ AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentCalls: '1' });
    await Promise.all(['a', 'b'].map((name) => send(name, { hold: name })));
    await until(async () => sawIt('a').length > 0 && sawIt('b').length > 0);
    expect([...sawIt('a'), ...sawIt('b')].sort()).toEqual([0, 1]);
    expect(new Set(hosts().map(({ address }) => address)).size).toBe(2);
    await until(async () => lines.some(({ line }) => line.includes('"saw":"measure"')));
    expect(lines.filter(({ line }) => line.includes('"saw":"measure"')).map(({ host }) => host)).toEqual([0]);
  });

  it('gives what a killed host had to another, and the host comes back at its address', async () => {
    const running = await start();
    await send('long', { hold: 'for-ever' });
    await until(async () => sawIt('long').length === 1);
    const [first = 0] = sawIt('long');
    const before = running.hosts()[first]?.address;
    await running.kill(first);
    await until(async () => sawIt('long').length === 2);
    expect(sawIt('long')[1]).toBe(1 - first);
    await running.restart(first);
    await running.restart(first);
    const after = running.hosts()[first]?.address ?? '';
    expect(after).toBe(before);
    expect((await fetch(`${after}/answers/hooked`)).status).toBe(200);
  });

  it('no longer keeps a lock than host.json allows: then another gets the message too', async () => {
    await start({ AzureFunctionsJobHost__extensions__serviceBus__maxAutoLockRenewalDuration: '00:00:01' });
    await send('endless', { hold: 'for-ever' });
    await until(async () => sawIt('endless').length >= 2);
    expect(finished('endless')).toBe(0);
  });
});
