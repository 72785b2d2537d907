import type { TokenCredential } from '@azure/core-auth';
import {
  createDefaultHttpClient,
  type HttpClient,
  type HttpHeaders,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { SecretClient } from '@azure/keyvault-secrets';
import { failureCodeOf } from '../https/failure-code.ts';
import { repeatReadsPolicy } from '../https/repeat-reads.ts';
import { type ConnectionState, SingleConnection } from '../https/single-connection.ts';
import { readAnswer } from './vault-answer.ts';
import type { VaultSite } from './vault-site.ts';

export type Answered = { readonly status: number; readonly headers: HttpHeaders; readonly bytes: Uint8Array; readonly isWhole: boolean };

/** A request that left, or was about to. */
export type Sent = {
  /** Without a token, a request only asks what token is wanted: it has no body and no effect. */
  readonly isAuthenticated: boolean;
  readonly connection: ConnectionState;
  readonly outcome: { readonly kind: 'answered'; readonly answer: Answered } | { readonly kind: 'failed'; readonly code: string };
};

export type Conversation = {
  /** Canonical address of a vault. */
  readonly vault: string;
  /** The only method and path, without a slash at its end, that may leave. */
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly getToken: TokenCredential['getToken'];
  readonly clientRequestId: string;
  /** For all of it together. */
  readonly timeoutMs: number;
};

/** What left, in order; `stopped` says why the client was kept from sending something. */
export type Told = { readonly sent: readonly Sent[]; readonly stopped: string | undefined };

const httpClient = createDefaultHttpClient();

/**
 * Lets Azure's client talk to one vault about one thing, and tells what came over the wire. Each conversation has a client of its own: a shared one keeps the body of
 * its first request while it waits for the challenge, and would lose it to another one's. Nothing leaves for another host, method or path than the one that is said, so
 * the questions that the client's pollers put before and after a call are not sent (one of them fetches the value); and what is no GET is sent with a token once. Never throws.
 */
export async function converse(
  site: VaultSite,
  conversation: Conversation,
  talk: (client: SecretClient) => Promise<unknown>,
): Promise<Told> {
  const sent: Sent[] = [];
  let stopped: string | undefined;
  const stop = (reason: string): never => {
    stopped = reason;
    throw new Error(reason);
  };
  const deadline = AbortSignal.timeout(conversation.timeoutMs);
  const sendRequest = async (request: PipelineRequest): Promise<PipelineResponse> => {
    if (!isExpected(request, conversation)) return stop('The client was about to send something else.');
    const isAuthenticated = request.headers.has('authorization');
    if (conversation.method !== 'GET' && sent.some((earlier) => earlier.isAuthenticated)) return stop('It was sent already.');
    const { connection, outcome } = await exchange(request, conversation.clientRequestId, deadline);
    sent.push({ isAuthenticated, connection, outcome });
    if (outcome.kind === 'failed') throw outcome.error;
    const { status, headers, bytes } = outcome.answer;
    if (status === 401 && !isAuthenticated && !site.isOwnChallenge(headers))
      return stop('The vault asks for a token of another authority or resource.');
    return { request, status, headers, bodyAsText: new TextDecoder().decode(bytes) };
  };
  const { vault, getToken } = conversation;
  const client = new SecretClient(vault, ownResourceOnly(site.resource, getToken, stop), {
    httpClient: { sendRequest } satisfies HttpClient,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    additionalPolicies: conversation.method === 'GET' ? [{ policy: repeatReadsPolicy(), position: 'perRetry' }] : [],
  });
  try {
    await talk(client);
  } catch {
    // What came over the wire says more than what the client makes of it, and has no value in it.
  }
  return { sent, stopped };
}

function isExpected({ method, url }: PipelineRequest, { vault, ...expected }: Conversation): boolean {
  const { origin, pathname, username, password } = new URL(url);
  const isThere = origin === new URL(vault).origin && pathname.replace(/\/$/, '') === expected.path;
  return isThere && method === expected.method && username === '' && password === '';
}

type Exchange = {
  readonly connection: ConnectionState;
  readonly outcome:
    | { readonly kind: 'answered'; readonly answer: Answered }
    | { readonly kind: 'failed'; readonly code: string; readonly error: unknown };
};

/** One request over a connection of its own. */
async function exchange(request: PipelineRequest, clientRequestId: string, deadline: AbortSignal): Promise<Exchange> {
  const connection = new SingleConnection();
  request.agent = connection;
  // The client does not pass a signal on to the later pages of a list.
  request.abortSignal = deadline;
  request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
  request.headers.set('accept-encoding', 'identity');
  request.headers.set('x-ms-client-request-id', clientRequestId);
  try {
    const response = await httpClient.sendRequest(request);
    const answer = { status: response.status, headers: response.headers, ...(await readAnswer(response)) };
    return { connection: connection.state, outcome: { kind: 'answered', answer } };
  } catch (error) {
    return { connection: connection.state, outcome: { kind: 'failed', code: failureCodeOf(error), error } };
  } finally {
    connection.destroy();
  }
}

/** A token of the one resource; not for other claims, which a vault has no reason to ask of a managed identity. */
function ownResourceOnly(resource: string, getToken: TokenCredential['getToken'], stop: (reason: string) => never): TokenCredential {
  return {
    getToken: async (scopes, options) => {
      const asked = [scopes].flat();
      if (asked.length !== 1 || asked[0] !== `${resource}/.default` || options?.claims !== undefined) {
        return stop('The vault asks for a token of another authority or resource.');
      }
      try {
        return await getToken(`${resource}/.default`, { abortSignal: AbortSignal.timeout(20_000) });
      } catch {
        return stop('There is no credential for the vault.');
      }
    },
  };
}
