import { ResourceManagementClient } from '@azure/arm-resources';
import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  type HttpHeaders,
  type Pipeline,
} from '@azure/core-rest-pipeline';
import type { ArmMethod } from '../../domain/arm-method.ts';
import { failureCodeOf } from '../https/failure-code.ts';
import { type ConnectionState, SingleConnection } from '../https/single-connection.ts';
import { type AnswerBody, readBody } from './answer-body.ts';

/** What is sent, whole. */
export type Sending = {
  readonly method: ArmMethod;
  readonly address: string;
  readonly token: string;
  readonly clientRequestId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

export type Exchange =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: HttpHeaders; readonly body: AnswerBody }
  | { readonly kind: 'notSent'; readonly reason: string }
  | { readonly kind: 'doubtful'; readonly reason: string };

export type ExchangeOnce = (sending: Sending) => Promise<Exchange>;

/** Policies of the client that would send a request twice, elsewhere, or with another token; and the unpacking of answers, which can be endless. */
const removedPolicies = [
  'defaultRetryPolicy',
  'redirectPolicy',
  'bearerTokenAuthenticationPolicy',
  'proxyPolicy',
  'decompressResponsePolicy',
] as const;

/** The client's pipeline without anything that could repeat or redirect a request. */
export function oncePipeline(origin: string): Pipeline {
  const client = new ResourceManagementClient({ getToken: async () => null }, { endpoint: origin, retryOptions: { maxRetries: 0 } });
  for (const name of removedPolicies) client.pipeline.removePolicy({ name });
  return client.pipeline;
}

/** Sends exactly once, over a connection of its own, and waits at most `timeoutMs` for the whole answer. Never throws. */
export function makeExchangeOnce(origin: string, timeoutMs: number): ExchangeOnce {
  const pipeline = oncePipeline(origin);
  const httpClient = createDefaultHttpClient();
  return async ({ method, address, token, clientRequestId, headers, body }) => {
    if (!address.startsWith(`${origin}/`)) return { kind: 'notSent', reason: 'The address is not one of Azure Resource Manager.' };
    if (!/^[\x21-\x7e]+$/.test(token)) return { kind: 'notSent', reason: 'The credential is not a token; nothing was sent.' };
    const connection = new SingleConnection();
    try {
      const request = createPipelineRequest({
        method,
        url: address,
        abortSignal: AbortSignal.timeout(timeoutMs),
        requestId: clientRequestId,
        streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
        headers: createHttpHeaders({
          ...headers,
          ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
          accept: 'application/json',
          'accept-encoding': 'identity',
          authorization: `Bearer ${token}`,
          'x-ms-client-request-id': clientRequestId,
        }),
        ...(body === undefined ? {} : { body }),
      });
      // Given to the constructor, it would be dropped.
      request.agent = connection;
      const response = await pipeline.sendRequest(httpClient, request);
      return { kind: 'answered', status: response.status, headers: response.headers, body: await readBody(response) };
    } catch (error) {
      return failureOf(error, connection.state);
    } finally {
      connection.destroy();
    }
  };
}

function failureOf(error: unknown, state: ConnectionState): Exchange {
  const what = failureCodeOf(error);
  switch (state) {
    case 'connecting':
      return { kind: 'notSent', reason: `No connection to Azure could be made (${what}); nothing was sent.` };
    // Had another connection been taken than ours, nothing would be known of it.
    case 'unused':
    case 'secured':
      return { kind: 'doubtful', reason: `The connection to Azure ended before an answer came (${what}); the call may have happened.` };
  }
}
