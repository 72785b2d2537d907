import { ResourceManagementClient } from '@azure/arm-resources';
import type { TokenCredential } from '@azure/core-auth';
import { createDefaultHttpClient, createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import type { Instant } from '../../domain/instant.ts';
import { type JsonValue, property } from '../../domain/json.ts';
import type { ActivityLog, LoggedOutcome } from '../../ports/azure.ts';
import { repeatReadsPolicy } from '../https/repeat-reads.ts';
import { jsonIn, readBody } from './answer-body.ts';
import { armAddress, armOrigin, isSameHost } from './arm-address.ts';

export type ActivityLogOptions = {
  /** Origin of Azure Resource Manager: `https://management.azure.com`. */
  readonly endpoint: string;
  /** The reader identity's. */
  readonly credential: TokenCredential;
  /** `https://management.azure.com/.default` unless this is a national cloud. */
  readonly scope?: string;
};

const deadlineMs = 20_000;
const publicScope = 'https://management.azure.com/.default';
const maxPages = 10;

/**
 * Reads the activity log of a resource. Its entries come minutes after what they tell of, so that no entry says nothing.
 * Source: learn.microsoft.com/rest/api/monitor/activity-logs/list. Throws RangeError for an endpoint that is not an https origin.
 */
export function makeActivityLog({ endpoint, credential, scope = publicScope }: ActivityLogOptions): ActivityLog {
  const origin = armOrigin(endpoint);
  const { pipeline } = new ResourceManagementClient(credential, { endpoint: origin, credentials: { scopes: [scope] } });
  for (const name of ['defaultRetryPolicy', 'redirectPolicy', 'proxyPolicy', 'decompressResponsePolicy']) pipeline.removePolicy({ name });
  pipeline.addPolicy(repeatReadsPolicy(), { phase: 'Retry' });
  const httpClient = createDefaultHttpClient();
  const readPage = async (address: string): Promise<JsonValue | undefined> => {
    const request = createPipelineRequest({
      url: address,
      abortSignal: AbortSignal.timeout(deadlineMs),
      streamResponseStatusCodes: new Set([200]),
      headers: createHttpHeaders({ accept: 'application/json', 'accept-encoding': 'identity' }),
    });
    const response = await pipeline.sendRequest(httpClient, request);
    return response.status === 200 ? jsonIn(await readBody(response)) : undefined;
  };
  return {
    find: async ({ resourceId, clientRequestId, from, to }) => {
      const subscription = /^\/subscriptions\/[^/]+/.exec(resourceId)?.[0];
      if (subscription === undefined) return unreadable('What is in no subscription has no activity log that can be read here.');
      let address: string | undefined = armAddress(origin, {
        path: `${subscription}/providers/Microsoft.Insights/eventtypes/management/values`,
        apiVersion: '2015-04-01',
        query: { $filter: filterOf(resourceId, from, to) },
      });
      const entries: JsonValue[] = [];
      try {
        for (let page = 0; address !== undefined; page += 1) {
          if (page === maxPages || !isSameHost(origin, address)) return unreadable('It has too much to say, or leads elsewhere.');
          const body = await readPage(address);
          const value = property(body, 'value');
          if (!Array.isArray(value)) return unreadable('Azure did not give it.');
          entries.push(...value);
          const next = property(body, 'nextLink');
          address = typeof next === 'string' && next !== '' ? next : undefined;
        }
      } catch {
        return unreadable('Azure could not be reached with the reader identity.');
      }
      return { outcome: outcomeOf(entries, resourceId, clientRequestId) };
    },
  };
}

function unreadable(reason: string): LoggedOutcome {
  return { outcome: 'unreadable', reason };
}

/** The only pattern that the service takes for a resource. An apostrophe is doubled, as OData has it. */
function filterOf(resourceId: string, from: Instant, to: Instant): string {
  return `eventTimestamp ge '${from}' and eventTimestamp le '${to}' and resourceUri eq '${resourceId.replaceAll("'", "''")}'`;
}

/**
 * Entries of one call have one correlation id; the last of a long-running one is its provider's, who does not know the client's request id. A success and a failure
 * together decide nothing.
 */
function outcomeOf(
  entries: readonly JsonValue[],
  resourceId: string,
  clientRequestId: string,
): Exclude<LoggedOutcome['outcome'], 'unreadable'> {
  const ofResource = entries.filter((entry) => textAt(entry, 'resourceId').toLowerCase() === resourceId);
  const ofCall = ofResource.filter((entry) => property(property(entry, 'httpRequest'), 'clientRequestId') === clientRequestId);
  const correlations = new Set(ofCall.map((entry) => textAt(entry, 'correlationId')).filter((id) => id !== ''));
  const related = ofResource.filter((entry) => ofCall.includes(entry) || correlations.has(textAt(entry, 'correlationId')));
  const statuses = new Set(related.map((entry) => textAt(property(entry, 'status'), 'value').toLowerCase()));
  if (statuses.size === 0) return 'nothing';
  if (statuses.has('succeeded') === statuses.has('failed')) return 'goingOn';
  return statuses.has('succeeded') ? 'succeeded' : 'failed';
}

function textAt(value: JsonValue | undefined, name: string): string {
  const text = property(value, name);
  return typeof text === 'string' ? text : '';
}
