import { ResourceManagementClient } from '@azure/arm-resources';
import type { TokenCredential } from '@azure/core-auth';
import { createDefaultHttpClient, createHttpHeaders, createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { property } from '../../domain/json.ts';
import type { AzureReader, ReadOutcome } from '../../ports/azure.ts';
import { repeatReadsPolicy } from '../https/repeat-reads.ts';
import { jsonIn, readBody } from './answer-body.ts';
import { armAddress, armOrigin } from './arm-address.ts';

export type AzureReaderOptions = {
  /** Origin of Azure Resource Manager: `https://management.azure.com`. */
  readonly endpoint: string;
  /** The reader identity's. */
  readonly credential: TokenCredential;
  /** `https://management.azure.com/.default` unless this is a national cloud. */
  readonly scope?: string;
};

const deadlineMs = 20_000;
const publicScope = 'https://management.azure.com/.default';

/** A 404 of these kinds does not say that the target is absent: somebody without rights, or with a wrong type or version, gets one too. */
const notAboutTarget: readonly string[] = [
  'invalidresourcenamespace',
  'invalidresourcetype',
  'invalidsubscriptionid',
  'missingsubscriptionregistration',
  'noregisteredproviderfound',
  'subscriptionnotfound',
];

/** Reads what is there, with the reader identity. Throws RangeError for an endpoint that is not an https origin; reading never throws. */
export function makeAzureReader({ endpoint, credential, scope = publicScope }: AzureReaderOptions): AzureReader {
  const origin = armOrigin(endpoint);
  const { pipeline } = new ResourceManagementClient(credential, { endpoint: origin, credentials: { scopes: [scope] } });
  for (const name of ['defaultRetryPolicy', 'redirectPolicy', 'proxyPolicy', 'decompressResponsePolicy']) pipeline.removePolicy({ name });
  pipeline.addPolicy(repeatReadsPolicy(), { phase: 'Retry' });
  const httpClient = createDefaultHttpClient();
  return {
    read: async (path, apiVersion, query = {}) => {
      const request = createPipelineRequest({
        url: armAddress(origin, { path, apiVersion, query }),
        abortSignal: AbortSignal.timeout(deadlineMs),
        streamResponseStatusCodes: new Set([200]),
        headers: createHttpHeaders({ accept: 'application/json', 'accept-encoding': 'identity' }),
      });
      try {
        return await outcomeOf(await pipeline.sendRequest(httpClient, request));
      } catch {
        return { state: 'unreadable', reason: 'Azure could not be reached with the reader identity.', passing: true };
      }
    },
  };
}

async function outcomeOf(response: PipelineResponse): Promise<ReadOutcome> {
  const { status } = response;
  const read = await readBody(response);
  const body = jsonIn(read);
  switch (status) {
    case 200:
      if (body !== undefined) return { state: 'present', body };
      // A connection that broke, or a page of some gateway; what is too large will be so again.
      return {
        state: 'unreadable',
        reason: 'Azure did not give one whole JSON answer.',
        ...(read.kind === 'tooLarge' ? {} : { passing: true as const }),
      };
    case 401:
      return { state: 'unreadable', reason: 'Azure does not accept the reader identity.' };
    case 403:
      return { state: 'unreadable', reason: 'The reader identity may not read this.' };
    default: {
      const code = property(property(body, 'error'), 'code');
      const named = typeof code === 'string' && /^[A-Za-z]{1,80}$/.test(code) ? code : undefined;
      if (status === 404 && !notAboutTarget.includes(named?.toLowerCase() ?? '')) return { state: 'absent' };
      const reason = `Azure answered ${status}${named === undefined ? '' : ` (${named})`}.`;
      return { state: 'unreadable', reason, ...(status === 408 || status === 429 || status >= 500 ? { passing: true as const } : {}) };
    }
  }
}
