import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import rhea, { type Connection, type EventContext, type Receiver, type Sender } from 'rhea';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { access, openBus } from './service-bus-setup.ts';

let opened: Awaited<ReturnType<typeof openBus>>;
let connections: Connection[];

beforeEach(async () => {
  opened = await openBus();
  connections = [];
});
afterEach(async () => {
  for (const connection of connections) connection.close();
  await opened.close();
});

/** A client that does only what it is told, unlike the SDK. */
async function connectRaw(): Promise<Connection> {
  const container = rhea.create_container();
  for (const event of ['sender_error', 'receiver_error', 'connection_error', 'disconnected']) container.on(event, () => {});
  const connection = container.connect({
    host: '127.0.0.1',
    port: Number(opened.bus.address.split(':')[1]),
    username: 'raw',
    reconnect: false,
  });
  connections.push(connection);
  await once(connection, 'connection_open');
  return connection;
}

function sasToken(expiresInSeconds: number, key = access.key): string {
  const resource = encodeURIComponent(`sb://${opened.bus.address}/jobs`);
  const expiry = Math.floor(Date.now() / 1000) + expiresInSeconds;
  const signature = createHmac('sha256', key).update(`${resource}\n${expiry}`).digest('base64');
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${access.keyName}`;
}

/** Answers the status of a put-token request for the queue `jobs`. */
async function putToken(connection: Connection, token: string, type = 'servicebus.windows.net:sastoken'): Promise<unknown> {
  const replies = connection.open_receiver({ source: { address: '$cbs' }, name: 'cbs-replies' });
  const requests = connection.open_sender({ target: { address: '$cbs' } });
  await Promise.all([once(replies, 'receiver_open'), once(requests, 'sendable')]);
  const answered = once(replies, 'message');
  requests.send({
    message_id: 'request-1',
    reply_to: 'cbs-replies',
    body: token,
    application_properties: { operation: 'put-token', type, name: `sb://${opened.bus.address}/jobs` },
  });
  const [context]: EventContext[] = await answered;
  expect(context?.message?.correlation_id).toBe('request-1');
  return context?.message?.application_properties?.['status-code'];
}

/** The condition with which the stand-in closes a link. */
async function closedWith(link: Sender | Receiver): Promise<unknown> {
  const [context]: EventContext[] = await once(link, link.is_sender() ? 'sender_error' : 'receiver_error');
  const error = link.is_sender() ? context?.sender?.error : context?.receiver?.error;
  return error !== undefined && 'condition' in error ? error.condition : undefined;
}

describe('access', () => {
  it('is refused to a client with a wrong key', async () => {
    const client = opened.newClient(opened.bus.connectionString.replace(access.key, 'd3Jvbmc='));
    await expect(client.createSender('jobs').sendMessages({ body: 1 })).rejects.toMatchObject({ code: 'UnauthorizedAccess' });
    await expect(client.createReceiver('jobs').peekMessages(1)).rejects.toMatchObject({ code: 'UnauthorizedAccess' });
    expect(await opened.peekBodies()).toEqual([]);
  });

  it('is refused to a client with the name of another rule', async () => {
    const client = opened.newClient(opened.bus.connectionString.replace(`Name=${access.keyName}`, 'Name=root'));
    await expect(client.createSender('jobs').sendMessages({ body: 1 })).rejects.toMatchObject({ code: 'UnauthorizedAccess' });
  });

  it.each(['jobs', 'jobs/$management', 'nowhere', '$management'])(
    'to %s is refused without a token, whether it exists or not',
    async (address) => {
      const connection = await connectRaw();
      expect(await closedWith(connection.open_receiver({ source: { address } }))).toBe('amqp:unauthorized-access');
      expect(await closedWith(connection.open_sender({ target: { address } }))).toBe('amqp:unauthorized-access');
    },
  );

  it('is refused for a token of another kind', async () => {
    expect(await putToken(await connectRaw(), sasToken(60), 'jwt')).toBe(400);
  });

  it('is refused after a token that was refused', async () => {
    const connection = await connectRaw();
    expect(await putToken(connection, sasToken(60, 'another-key'))).toBe(401);
    expect(await closedWith(connection.open_receiver({ source: { address: 'jobs' } }))).toBe('amqp:unauthorized-access');
  });

  it('is refused to a second connection of a client whose first has a token', async () => {
    expect(await putToken(await connectRaw(), sasToken(60))).toBe(202);
    const second = await connectRaw();
    expect(await closedWith(second.open_receiver({ source: { address: 'jobs' } }))).toBe('amqp:unauthorized-access');
  });

  it('ends with the token: its links are closed', async () => {
    const connection = await connectRaw();
    expect(await putToken(connection, sasToken(2))).toBe(202);
    const receiver = connection.open_receiver({ source: { address: 'jobs' } });
    const sender = connection.open_sender({ target: { address: 'jobs' } });
    await Promise.all([once(receiver, 'receiver_open'), once(sender, 'sender_open')]);
    expect(await Promise.all([closedWith(receiver), closedWith(sender)])).toEqual(['amqp:unauthorized-access', 'amqp:unauthorized-access']);
  });

  it('never puts the key into an error', async () => {
    const client = opened.newClient(opened.bus.connectionString.replace(`Name=${access.keyName}`, 'Name=root'));
    const error: unknown = await client
      .createSender('jobs')
      .sendMessages({ body: 1 })
      .catch((reason: unknown) => reason);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(access.key);
  });
});

describe('the protocol', () => {
  async function openLinks() {
    const connection = await connectRaw();
    expect(await putToken(connection, sasToken(60))).toBe(202);
    const sender = connection.open_sender({ target: { address: 'jobs' } });
    await once(sender, 'sendable');
    return { connection, sender };
  }

  it('survives bytes that are not AMQP', async () => {
    const socket = connect(Number(opened.bus.address.split(':')[1]), '127.0.0.1');
    socket.on('error', () => {});
    socket.end('GET / HTTP/1.1\r\n\r\n');
    await once(socket, 'close');
    await opened.newClient().createSender('jobs').sendMessages({ body: 1 });
  });

  it('rejects a transfer that is not a message', async () => {
    const { sender } = await openLinks();
    const rejected = once(sender, 'rejected');
    sender.send(Buffer.from('not a message'), undefined, 0x80013700);
    const [context]: EventContext[] = await rejected;
    expect(context?.delivery?.remote_state?.['error'].condition).toBe('amqp:decode-error');
  });

  it.each([1, 2])('answers a drain of %i credits after the messages that it has', async (credits) => {
    const { connection, sender } = await openLinks();
    sender.send({ message_id: 'a', body: 'a' });
    await once(sender, 'accepted');
    const receiver = connection.open_receiver({ source: { address: 'jobs' }, credit_window: 0, autoaccept: false });
    await once(receiver, 'receiver_open');
    const order: string[] = [];
    receiver.on('message', () => order.push('message'));
    const drained = once(receiver, 'receiver_drained');
    receiver.add_credit(credits);
    receiver.drain_credit();
    await drained;
    order.push('drained');
    expect(order).toEqual(['message', 'drained']);
  });

  it('does not count a released delivery', async () => {
    const { connection, sender } = await openLinks();
    sender.send({ message_id: 'a', body: 'a' });
    await once(sender, 'accepted');
    const receiver = connection.open_receiver({ source: { address: 'JOBS' }, credit_window: 0, autoaccept: false, rcv_settle_mode: 1 });
    const first = once(receiver, 'message');
    receiver.add_credit(1);
    const [released]: EventContext[] = await first;
    const second = once(receiver, 'message');
    released?.delivery?.release();
    receiver.add_credit(1);
    const [again]: EventContext[] = await second;
    expect([released?.message?.delivery_count, again?.message?.delivery_count]).toEqual([0, 0]);
  });
});
