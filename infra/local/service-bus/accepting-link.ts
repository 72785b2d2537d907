import rhea, { type Delivery, type EventContext, type Message } from 'rhea';
import type { QueueFaults } from './faults.ts';
import type { QueueHost } from './queue-host.ts';
import type { AcceptOutcome, IncomingMessage } from './queue-types.ts';
import { type AmqpCondition, breakConnection, isConnected } from './rhea-links.ts';
import { maxMessageBytes } from './settings.ts';
import { batchMessageFormat, readIncoming, readIncomingBatch } from './wire-message.ts';

/** Takes one transfer of a client's sender: accepted when durable, else rejected with the condition that Service Bus uses. */
export async function acceptTransfer(host: QueueHost, faults: QueueFaults, context: EventContext): Promise<void> {
  const { delivery, message } = context;
  if (delivery === undefined || message === undefined) return;
  const fault = faults.next('send');
  if (fault?.name === 'outage') faults.beginOutage(fault.durationMs);
  if (fault?.name === 'dropConnection') breakConnection(context.connection);
  if (!isConnected(context.connection)) return;
  const refusal = fault?.name === 'sendRefused' ? busy : await judge(host, delivery, message).catch(() => notKept);
  if (fault?.name === 'sendAcceptedButConnectionLost') breakConnection(context.connection);
  if (!context.connection.is_open() || !isConnected(context.connection)) return;
  if (refusal === undefined) delivery.accept();
  else delivery.reject({ ...refusal });
}

async function judge(host: QueueHost, delivery: Delivery, message: Message): Promise<AmqpCondition | undefined> {
  const payload = Buffer.isBuffer(message) ? message : rhea.message.encode(message);
  if (payload.length > maxMessageBytes) return sizeExceeded(delivery, payload.length);
  const messages = read(delivery, payload);
  if (messages === undefined) return { condition: 'amqp:decode-error', description: 'The transfer does not hold an AMQP message.' };
  const outcome = await host.accept(messages);
  return acceptFailures[outcome.kind];
}

function read(delivery: Delivery, payload: Buffer): IncomingMessage[] | undefined {
  try {
    return delivery.format === batchMessageFormat ? readIncomingBatch(payload) : [readIncoming(payload)];
  } catch {
    return undefined;
  }
}

function sizeExceeded(delivery: Delivery, bytes: number): AmqpCondition {
  return {
    condition: 'amqp:link:message-size-exceeded',
    description: `The received message (delivery-id:${delivery.id}, size:${bytes} bytes) exceeds the limit (${maxMessageBytes} bytes) currently allowed on the link.`,
  };
}

const busy: AmqpCondition = {
  condition: 'com.microsoft:server-busy',
  description: 'The request was terminated because the entity is busy.',
};
const acceptFailures: Record<AcceptOutcome['kind'], AmqpCondition | undefined> = {
  accepted: undefined,
  quotaExceeded: { condition: 'amqp:resource-limit-exceeded', description: 'The maximum entity size has been reached or exceeded.' },
  sessionMissing: {
    condition: 'amqp:not-allowed',
    description:
      'The SessionId was not set on a message, and it cannot be sent to the entity. Entities that require sessions accept no others.',
  },
};
const notKept: AmqpCondition = { condition: 'amqp:internal-error', description: 'The message could not be kept.' };
