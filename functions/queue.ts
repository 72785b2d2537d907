import type { InvocationContext, ServiceBusQueueHandler } from '@azure/functions';
import { readQueueMessage } from '../shared/contracts/queue-message.ts';
import type { QueueName } from '../shared/contracts/queues.ts';
import { digestOfBytes } from '../shared/domain/digest.ts';
import type { Announcement } from '../shared/ports/announcer.ts';
import type { SetAside, StrayMessage, StrayMessages } from '../shared/ports/dead-letters.ts';
import type { Clock, Log } from '../shared/ports/system.ts';
import { OperationDamagedError, OperationUnknownError } from '../shared/use-cases/find-announced.ts';

export type QueueDeps = { readonly strays: StrayMessages; readonly setAside: SetAside; readonly clock: Clock; readonly log: Log };

/**
 * How every queue is listened to. Bodies come as bytes: as text the host would parse them, lose digits, and let members of the body take the place of what
 * the queue says of the message; and what is no text it could not hand over at all, not even as a dead letter, which would then come again for ever.
 */
export function fromQueue(queueName: string) {
  return { connection: 'SERVICE_BUS', queueName, dataType: 'binary' } as const;
}

/**
 * Wraps a step in what every queue handler does. A message that is not ours is recorded where people look and settled, since reading it again
 * would not mend it, and so is one about an operation that is damaged or never came to be; a step that throws anything else leaves the message to be delivered again, and in the end to the dead letters.
 */
export function queueHandler(deps: QueueDeps, queue: QueueName, step: (message: Announcement) => Promise<void>): ServiceBusQueueHandler {
  return async (body, context) => {
    const parsed = readQueueMessage(queue, context.triggerMetadata?.['contentType'], body);
    if (!parsed.ok) {
      deps.log.warn('a message that is not ours was set aside', { queue, problem: parsed.problem });
      const stray = strayOf(deps, queue, body, context, parsed.problem);
      await keepWhole(deps, stray, body, context);
      await deps.strays.record(stray);
      return;
    }
    try {
      await step(parsed.message);
    } catch (error) {
      const problem = problemOf(error);
      if (problem === undefined) throw error;
      await deps.strays.record(strayOf(deps, queue, body, context, problem));
    }
  };
}

/** What is wrong with what the message speaks of, where no repetition would mend it. */
function problemOf(error: unknown): string | undefined {
  if (error instanceof OperationDamagedError) return 'what is stored of the operation is damaged';
  return error instanceof OperationUnknownError ? 'there is no such operation' : undefined;
}

/** Where a message cannot be kept, its record has to do: what throws here would be delivered again, and for a dead letter without end. */
export async function keepWhole(
  deps: Pick<QueueDeps, 'setAside' | 'log'>,
  stray: StrayMessage,
  body: unknown,
  context: InvocationContext,
): Promise<void> {
  if (!(body instanceof Uint8Array)) return;
  const contentType = context.triggerMetadata?.['contentType'];
  try {
    await deps.setAside.keep(stray, { body, contentType: typeof contentType === 'string' ? contentType : undefined });
  } catch (error) {
    const reason = error instanceof Error ? error.name : typeof error;
    deps.log.error('a message could not be set aside', { queue: stray.queue, bodyDigest: stray.bodyDigest, error: reason });
  }
}

/** What is kept of a message without its body. */
export function strayOf(
  deps: Pick<QueueDeps, 'clock'>,
  queue: QueueName,
  body: unknown,
  context: InvocationContext,
  reason: string,
): StrayMessage {
  const messageId = context.triggerMetadata?.['messageId'];
  return {
    queue,
    messageId: typeof messageId === 'string' ? messageId.slice(0, 128) : 'unknown',
    reason: reason.slice(0, 500),
    bodyDigest: digestOfBytes(body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body) ?? 'undefined', 'utf8')),
    seenAt: deps.clock.now(),
  };
}
