import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { portToKeep } from '../../../infra/local/choose-ports.ts';
import { startServiceBus } from '../../../infra/local/service-bus/service-bus.ts';
import { access, jobs, makeClients, openBus, receiveMany, receiveOne } from './service-bus-setup.ts';

/** A directory for the data, and what is to be ended before it goes. */
type Place = { readonly directory: string; readonly cleanUp: (() => Promise<unknown>)[] };

async function makePlace(): Promise<Place> {
  return { directory: await mkdtemp(join(tmpdir(), 'service-bus-')), cleanUp: [] };
}

async function clear({ directory, cleanUp }: Place): Promise<void> {
  for (const each of cleanUp.reverse()) await each();
  await rm(directory, { recursive: true, force: true });
}

/** A stand-in in another process, and a client of it. */
async function spawnBus({ directory, cleanUp }: Place, port = 0, queues: readonly string[] = ['jobs']) {
  const program = join(import.meta.dirname, 'service-bus-process.ts');
  const child = spawn(process.execPath, [program, directory, String(port), ...queues], { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = (): Promise<unknown> => killAndWait(child);
  cleanUp.push(kill);
  const [connectionString]: string[] = await once(createInterface(child.stdout), 'line');
  if (connectionString === undefined) throw new Error('the stand-in did not start');
  const clients = makeClients({ connectionString, stop: async () => {} });
  cleanUp.push(clients.close);
  const client = clients.newClient();
  const queue = (name: string) => ({
    sender: client.createSender(name),
    receiver: client.createReceiver(name),
    deleting: client.createReceiver(name, { receiveMode: 'receiveAndDelete' }),
    deadLetters: client.createReceiver(name, { subQueueType: 'deadLetter' }),
    peekBodies: () => clients.peekBodies(undefined, name),
  });
  return { kill, port: Number(/:(\d+);/.exec(connectionString)?.[1]), client, queue };
}

type Bus = Awaited<ReturnType<typeof spawnBus>>;
type Queue = ReturnType<Bus['queue']>;

async function killAndWait(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** What is to be seen of a queue after the kill. */
type Look = (after: Queue) => Promise<void>;

/** What is done with a queue of its own before the kill. */
const survivals: readonly { readonly what: string; readonly queue: string; readonly prepare: (before: Queue) => Promise<Look> }[] = [
  {
    what: 'an acknowledged message is there, with its properties',
    queue: 'acknowledged',
    prepare: async ({ sender }) => {
      await sender.sendMessages({ body: { n: 1 }, messageId: 'id-1', applicationProperties: { p: 'x' }, timeToLive: 3_600_000 });
      return async (after) => {
        expect(await receiveOne(after.receiver)).toMatchObject({
          body: { n: 1 },
          messageId: 'id-1',
          applicationProperties: { p: 'x' },
          timeToLive: 3_600_000,
          deliveryCount: 0,
        });
      };
    },
  },
  {
    what: 'a batch is there as a whole',
    queue: 'batch',
    prepare: async ({ sender }) => {
      await sender.sendMessages(Array.from({ length: 100 }, (_, body) => ({ body })));
      return async (after) => {
        const bodies = (await receiveMany(after.receiver, 100)).map(({ body }) => body);
        expect(bodies).toEqual(Array.from({ length: 100 }, (_, body) => body));
      };
    },
  },
  {
    what: 'settlements hold',
    queue: 'settled',
    prepare: async ({ sender, receiver }) => {
      await sender.sendMessages([{ body: 'completed' }, { body: 'dead' }, { body: 'abandoned' }]);
      const [completed, dead, abandoned] = await receiveMany(receiver, 3);
      if (completed === undefined || dead === undefined || abandoned === undefined) throw new Error('not received');
      await receiver.completeMessage(completed);
      await receiver.deadLetterMessage(dead, { deadLetterReason: 'r', deadLetterErrorDescription: 'd' });
      await receiver.abandonMessage(abandoned, { note: 'x' });
      return async (after) => {
        expect(await after.peekBodies()).toEqual(['abandoned']);
        expect(await receiveOne(after.receiver)).toMatchObject({
          body: 'abandoned',
          deliveryCount: 1,
          applicationProperties: { note: 'x' },
        });
        expect(await receiveOne(after.deadLetters)).toMatchObject({
          body: 'dead',
          deadLetterReason: 'r',
          deadLetterErrorDescription: 'd',
        });
      };
    },
  },
  {
    what: 'a locked message is available again, and its lock is lost',
    queue: 'locked',
    prepare: async ({ sender, receiver }) => {
      await sender.sendMessages({ body: 'a' });
      const lost = await receiveOne(receiver);
      return async (after) => {
        expect(await receiveOne(after.receiver)).toMatchObject({ body: 'a' });
        await expect(receiver.completeMessage(lost)).rejects.toThrow();
        expect(await after.peekBodies()).toEqual(['a']);
      };
    },
  },
  {
    what: 'what was received and deleted does not come back',
    queue: 'deleted',
    prepare: async ({ sender, deleting }) => {
      await sender.sendMessages([{ body: 'a' }, { body: 'b' }]);
      await receiveOne(deleting);
      return async (after) => {
        expect(await after.peekBodies()).toEqual(['b']);
      };
    },
  },
  {
    what: 'schedules, cancellations, message ids and sequence numbers are known',
    queue: 'scheduled',
    prepare: async ({ sender }) => {
      const tomorrow = new Date(Date.now() + 86_400_000);
      const messages = [
        { body: 'kept', messageId: 'id-1' },
        { body: 'cancelled', messageId: 'id-2' },
      ];
      const [kept, cancelled] = await sender.scheduleMessages(messages, tomorrow);
      if (kept === undefined || cancelled === undefined) throw new Error('not scheduled');
      await sender.cancelScheduledMessages(cancelled);
      return async (after) => {
        await after.sender.sendMessages([{ body: 'repeated', messageId: 'id-2' }, { body: 'new' }]);
        const peeked = await after.receiver.peekMessages(10);
        expect(peeked.map(({ body, state, sequenceNumber }) => [body, state, sequenceNumber?.toNumber()])).toEqual([
          ['kept', 'scheduled', 1],
          ['new', 'active', 4],
        ]);
        await after.sender.cancelScheduledMessages(kept);
      };
    },
  },
];

describe('after a kill', () => {
  let place: Place;
  let after: Bus;
  const looks = new Map<string, Promise<Look>>();

  beforeAll(async () => {
    place = await makePlace();
    const queues = survivals.map(({ queue }) => queue);
    const before = await spawnBus(place, 0, queues);
    for (const { queue, prepare } of survivals) looks.set(queue, prepare(before.queue(queue)));
    await Promise.allSettled(looks.values());
    await before.kill();
    after = await spawnBus(place, 0, queues);
  });
  afterAll(() => clear(place));

  it.each(survivals)('$what', async ({ queue }) => {
    const look = await looks.get(queue);
    if (look === undefined) throw new Error('nothing was prepared');
    await look(after.queue(queue));
  });
});

describe('after a kill under way', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => clear(place));

  it('whatever was acknowledged is there once, however much was under way', async () => {
    const before = await spawnBus(place);
    const { sender } = before.queue('jobs');
    const acknowledged: number[] = [];
    const sendings = Array.from({ length: 300 }, (_, body) =>
      sender.sendMessages({ body }).then(
        () => acknowledged.push(body),
        () => undefined,
      ),
    );
    await expect.poll(() => acknowledged.length, { interval: 1 }).toBeGreaterThan(50);
    await before.kill();
    await before.client.close();
    await Promise.all(sendings);
    const after = await spawnBus(place);
    const messages = await after.queue('jobs').receiver.peekMessages(1_000);
    const bodies = messages.map(({ body }): unknown => body);
    expect(new Set(bodies).size).toBe(bodies.length);
    expect(bodies).toEqual(expect.arrayContaining(acknowledged));
  });

  it('a subscriber finds the stand-in again on the same port', async () => {
    const before = await spawnBus(place, await portToKeep());
    const { sender, receiver } = before.queue('jobs');
    const bodies: unknown[] = [];
    receiver.subscribe({
      processMessage: async ({ body }) => {
        bodies.push(body);
      },
      processError: async () => {},
    });
    await sender.sendMessages({ body: 'before' });
    await expect.poll(() => bodies).toEqual(['before']);
    await before.kill();
    const after = await spawnBus(place, before.port);
    await after.queue('jobs').sender.sendMessages({ body: 'after' });
    // What was handled just before the kill may come once more: its completion may not have been acknowledged.
    await expect.poll(() => new Set(bodies), { timeout: 45_000 }).toEqual(new Set(['before', 'after']));
  });
});

describe('stopping and starting', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => clear(place));
  const path = () => join(place.directory, 'service-bus.journal');

  async function open(settings: Parameters<typeof openBus>[0] = {}) {
    const opened = await openBus(settings, place.directory);
    const client = opened.newClient();
    return { ...opened, sender: client.createSender('jobs'), receiver: client.createReceiver('jobs') };
  }

  it('refuses to start on a damaged journal', async () => {
    const before = await open();
    await before.sender.sendMessages({ body: 'a' });
    await before.close();
    await writeFile(path(), (await readFile(path(), 'utf8')).replace('"sequenceNumber":1', '"sequenceNumber":2'));
    await expect(open()).rejects.toMatchObject({ name: 'JournalError', code: 'damaged' });
  });

  it('refuses to start on a port that is taken, and leaves the data of whoever has it alone', async () => {
    const running = await open();
    const port = Number(running.bus.address.split(':')[1]);
    await expect(startServiceBus({ port, directory: place.directory, queues: [jobs], ...access })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await running.sender.sendMessages({ body: 'a' });
    await running.close();
    const after = await open();
    place.cleanUp.push(after.close);
    expect(await after.peekBodies()).toEqual(['a']);
  });

  it('refuses to start with settings that cannot be', async () => {
    const queues = [jobs, { ...jobs, name: 'Jobs' }, { ...jobs, name: 'a/b', lockDurationMs: 0 }];
    await expect(startServiceBus({ port: 0, directory: undefined, queues, ...access })).rejects.toThrow(
      'queue name Jobs is used twice; queue name "a/b" is not valid; a/b: lockDurationMs must be a positive integer',
    );
    await expect(startServiceBus({ port: 0, directory: undefined, queues: [jobs], keyName: 'k', key: '' })).rejects.toThrow(RangeError);
  });

  it('stops once, however often it is told to', async () => {
    const { bus, close } = await open();
    place.cleanUp.push(close);
    await Promise.all([bus.stop(), bus.stop()]);
    await bus.stop();
  });

  it('ignores what a crash left half written', async () => {
    const before = await open();
    await before.sender.sendMessages({ body: 'a' });
    await before.close();
    await appendFile(path(), '0badc0de [{"queue":"jo');
    const after = await open();
    place.cleanUp.push(after.close);
    expect(await after.peekBodies()).toEqual(['a']);
  });

  it('does not grow by what is gone', async () => {
    const before = await open({ duplicateDetectionWindowMs: undefined });
    const empty = (await readFile(path())).length;
    await before.sender.sendMessages({ body: Buffer.alloc(100_000) });
    await before.receiver.completeMessage(await receiveOne(before.receiver));
    await before.close();
    expect((await readFile(path())).length).toBeGreaterThan(100_000);
    const after = await open({ duplicateDetectionWindowMs: undefined });
    await after.close();
    expect((await readFile(path())).length).toBe(empty);
  });

  it('keeps the messages of a queue that is not configured for a while', async () => {
    const before = await open();
    await before.sender.sendMessages({ body: 'a' });
    await before.close();
    const without = await startServiceBus({ port: 0, directory: place.directory, queues: [{ ...jobs, name: 'other' }], ...access });
    await without.stop();
    const after = await open();
    place.cleanUp.push(after.close);
    expect(await after.peekBodies()).toEqual(['a']);
  });

  it('keeps nothing without a directory', async () => {
    const before = await openBus();
    await before.newClient().createSender('jobs').sendMessages({ body: 'a' });
    await before.close();
    const after = await openBus();
    place.cleanUp.push(after.close);
    expect(await after.peekBodies()).toEqual([]);
  });
});
