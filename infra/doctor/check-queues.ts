import { z } from 'zod';
import { durationMs, type QueueSettings, queues, setAsideQueue } from '../../shared/contracts/queues.ts';
import { listAzure } from './azure-reading.ts';
import { type Finding, saying } from './finding.ts';
import type { Site } from './site.ts';

const { good, wrong, unknown } = saying('queues');

const duration = z.string().transform((text, context) => {
  try {
    return durationMs(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is no duration' });
    return z.NEVER;
  }
});
const queueShape = z.object({
  name: z.string(),
  properties: z.object({
    status: z.string().default('Active'),
    lockDuration: duration,
    maxDeliveryCount: z.number(),
    requiresDuplicateDetection: z.boolean().default(false),
    duplicateDetectionHistoryTimeWindow: duration.optional(),
    defaultMessageTimeToLive: duration.optional(),
    deadLetteringOnMessageExpiration: z.boolean().default(false),
    requiresSession: z.boolean().default(false),
    maxSizeInMegabytes: z.number().optional(),
  }),
});
type FoundQueue = z.output<typeof queueShape>;

const deployAgain = 'Deploy again: infra/azure sets the queues as shared/contracts/queues.ts has them.';
/** What Service Bus sets once and for all. */
const madeAnew =
  'Service Bus does not change this of a queue: let it run empty, delete it, and deploy again (infra/azure makes it as shared/contracts/queues.ts has it).';

/** Whether every queue is there, takes messages, and has the settings that the code counts on. */
export async function checkQueues(site: Site): Promise<readonly Finding[]> {
  const listed = await listAzure(site, `${site.deployment.serviceBusNamespace}/queues`, '2024-01-01', queueShape);
  if (listed.kind === 'unread') return [unknown('all', listed.detail, listed.remedy)];
  return [...queues, setAsideQueue].map((wanted) => {
    const found = listed.items.find(({ name }) => name.toLowerCase() === wanted.name);
    return found === undefined ? wrong(wanted.name, 'is missing', deployAgain) : compare(wanted, found);
  });
}

function compare(wanted: QueueSettings, { properties: found }: FoundQueue): Finding {
  const { name } = wanted;
  const minutes = (ms: number | undefined) => (ms === undefined ? 'none' : `${ms / 60_000} min`);
  const differences = [
    differs('lock time', minutes(durationMs(wanted.lockDuration)), minutes(found.lockDuration)),
    differs('deliveries', String(wanted.maxDeliveryCount), String(found.maxDeliveryCount)),
    differs(
      'window of duplicates',
      minutes(durationMs(wanted.duplicateDetectionHistoryTimeWindow)),
      minutes(found.duplicateDetectionHistoryTimeWindow),
    ),
    differs('life of messages', minutes(durationMs(wanted.defaultMessageTimeToLive)), minutes(found.defaultMessageTimeToLive)),
    differs('size', `${wanted.maxSizeInMegabytes} MB`, `${found.maxSizeInMegabytes ?? 0} MB`),
    differs('dead letters on expiration', 'yes', found.deadLetteringOnMessageExpiration ? 'yes' : 'no'),
    differs('status', 'Active', found.status),
  ].filter((difference) => difference !== undefined);
  const fixed = [
    differs('detection of duplicates', 'yes', found.requiresDuplicateDetection ? 'yes' : 'no'),
    differs('sessions', 'no', found.requiresSession ? 'yes' : 'no'),
  ].filter((difference) => difference !== undefined);
  const all = [...fixed, ...differences];
  if (all.length === 0) return good(name, 'is as it should be');
  return wrong(name, all.join('; '), fixed.length > 0 ? madeAnew : deployAgain);
}

function differs(what: string, wanted: string, found: string): string | undefined {
  return wanted === found ? undefined : `${what} is ${found}, not ${wanted}`;
}
