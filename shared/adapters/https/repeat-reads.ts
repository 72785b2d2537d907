import { isRestError, type PipelinePolicy, type RetryStrategy, retryPolicy } from '@azure/core-rest-pipeline';

const maxRetries = 3;
const longestWaitMs = 4_000;
const statuses: readonly number[] = [408, 429, 500, 502, 503, 504];
const networkCodes: readonly string[] = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'REQUEST_SEND_ERROR',
];

/** Repeats a read three times at most, after a wait that doubles; an answer that asks for more patience than a person has is passed on instead. */
export function repeatReadsPolicy(): PipelinePolicy {
  return retryPolicy([strategy], { maxRetries });
}

const strategy: RetryStrategy = {
  name: 'repeatReads',
  retry: ({ retryCount, response, responseError }) => {
    if (response === undefined) {
      const isNetwork = isRestError(responseError) && networkCodes.includes(responseError.code ?? '');
      return isNetwork ? { retryAfterInMs: backOffMs(retryCount) } : { skipStrategy: true };
    }
    if (!statuses.includes(response.status)) return { skipStrategy: true };
    const seconds = Number(response.headers.get('retry-after') ?? '0');
    const askedMs = Number.isFinite(seconds) ? seconds * 1_000 : 0;
    return askedMs > longestWaitMs ? { skipStrategy: true } : { retryAfterInMs: Math.max(askedMs, backOffMs(retryCount)) };
  },
};

function backOffMs(retryCount: number): number {
  return 200 * 2 ** retryCount;
}
