import type { TokenCredential } from '@azure/core-auth';
import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpClient,
  type PipelinePolicy,
} from '@azure/core-rest-pipeline';
import { type JsonValue, parseJsonText } from '../../domain/json.ts';
import { secureAddress } from '../../domain/secure-address.ts';
import { DirectoryError } from '../../ports/directory.ts';

export type GraphClientOptions = {
  /** `https://graph.microsoft.com/v1.0`, or that of a national cloud. */
  readonly endpoint: string;
  readonly credential: TokenCredential;
  /** `https://graph.microsoft.com/.default` unless this is a national cloud. */
  readonly scope?: string;
  readonly httpClient?: HttpClient;
};

export type GraphAnswer = { readonly status: number; readonly body: JsonValue | undefined };

/** Asks Microsoft Graph; a question is repeated twice at most, within the deadline. Throws {@link DirectoryError} unless the answer is 200 or 404. */
export type GraphClient = {
  get(path: string): Promise<GraphAnswer>;
  post(path: string, body: JsonValue): Promise<GraphAnswer>;
};

const publicScope = 'https://graph.microsoft.com/.default';
const deadlineMs = 10_000;

export function makeGraphClient({
  endpoint,
  credential,
  scope = publicScope,
  httpClient = createDefaultHttpClient(),
}: GraphClientOptions): GraphClient {
  const base = secureAddress(endpoint).href.replace(/\/$/, '');
  const pipeline = createPipelineFromOptions({ retryOptions: { maxRetries: 2, maxRetryDelayInMs: 2_000 } });
  pipeline.removePolicy({ name: 'redirectPolicy' });
  pipeline.addPolicy(bearerPolicy(credential, scope), { phase: 'Sign' });

  const ask = async (method: 'GET' | 'POST', path: string, body?: JsonValue): Promise<GraphAnswer> => {
    const request = createPipelineRequest({
      method,
      url: `${base}${path}`,
      allowInsecureConnection: base.startsWith('http:'),
      headers: createHttpHeaders({ accept: 'application/json' }),
      abortSignal: AbortSignal.timeout(deadlineMs),
    });
    if (body !== undefined) {
      request.headers.set('content-type', 'application/json');
      request.body = JSON.stringify(body);
    }
    try {
      const { status, bodyAsText } = await pipeline.sendRequest(httpClient, request);
      if (status === 404) return { status, body: undefined };
      if (status === 200) return { status, body: parseJsonText(bodyAsText ?? '') };
      throw new DirectoryError(`Microsoft Graph answered ${status}.`);
    } catch (error) {
      throw error instanceof DirectoryError ? error : new DirectoryError('Microsoft Graph cannot be asked.', { cause: error });
    }
  };
  return { get: (path) => ask('GET', path), post: (path, body) => ask('POST', path, body) };
}

/** The pipeline's own bearer policy insists on https, also on loopback; the address has been checked here. */
function bearerPolicy(credential: TokenCredential, scope: string): PipelinePolicy {
  return {
    name: 'graphBearerPolicy',
    sendRequest: async (request, next) => {
      const { abortSignal } = request;
      const token = await credential.getToken(scope, abortSignal === undefined ? {} : { abortSignal });
      if (token === null) throw new DirectoryError('There is no credential for Microsoft Graph.');
      request.headers.set('authorization', `Bearer ${token.token}`);
      return next(request);
    },
  };
}
