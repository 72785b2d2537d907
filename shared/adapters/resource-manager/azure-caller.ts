import { type ArmRequest, armRequestHeaders } from '../../domain/arm-request.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { mayBeRepeated } from '../../domain/execution.ts';
import { epochMsOf } from '../../domain/instant.ts';
import { property } from '../../domain/json.ts';
import type { AzureCaller, CallOutcome, Credential, PollOutcome, PollStyle } from '../../ports/azure.ts';
import type { Clock } from '../../ports/system.ts';
import { retryAfterMs } from '../https/retry-after.ts';
import { bodyAsJson, jsonIn } from './answer-body.ts';
import { armAddress, armOrigin, isSameHost } from './arm-address.ts';
import { type Exchange, makeExchangeOnce, type Sending } from './arm-exchange.ts';
import { pollAddressOf, provisioningStateOf, standingOf } from './long-running.ts';

export type AzureCallerOptions = {
  /** Origin of Azure Resource Manager: `https://management.azure.com`. */
  readonly endpoint: string;
  readonly clock: Clock;
  /** What Azure is told of the trace that a call belongs to. */
  readonly traceparent?: () => string | undefined;
  /** How long one call may take, answer included. */
  readonly timeoutMs?: number;
};

type Answered = Extract<Exchange, { kind: 'answered' }>;

/** Statuses that say nothing about the operation, only that the question should be put again. */
const askAgain: readonly number[] = [408, 429, 500, 502, 503, 504];
/** Statuses that say that this question is not answered, not how the operation went. */
const notAnswered: readonly number[] = [401, 403];
/** Statuses that say that there is nothing at the address, or not any more. */
const nothingThere: readonly number[] = [404, 410];
/** Statuses of whatever stands between us and the resource's provider, or of one that broke down: they do not tell whether the call had its effect. */
const tellsNothing: readonly number[] = [408, 500, 502, 504];

/** So long may Azure ask a call to wait; longer than anything that is approved may wait to run. */
const longestWaitMs = 60 * 60 * 1_000;

/** The executor's hand: performs one stored request with one credential. Throws RangeError for an endpoint that is not an https origin. */
export function makeAzureCaller({ endpoint, clock, traceparent = () => undefined, timeoutMs = 120_000 }: AzureCallerOptions): AzureCaller {
  const origin = armOrigin(endpoint);
  const traceHeaders = (): Readonly<Record<string, string>> => {
    const value = traceparent();
    return value === undefined ? {} : { traceparent: value };
  };
  const exchangeOnce = makeExchangeOnce(origin, timeoutMs);
  return {
    callOnce: async (request, credential, clientRequestId) => {
      const exchange = await exchangeOnce(sendingOf(origin, request, credential, clientRequestId, traceHeaders()));
      return exchange.kind === 'answered' ? outcomeOf(exchange, request, origin, epochMsOf(clock.now())) : exchange;
    },
    poll: async (pollUrl, style, credential) => {
      if (!isSameHost(origin, pollUrl))
        return { kind: 'unreadable', reason: 'The polling address does not lead to Azure Resource Manager.' };
      const { token } = credential;
      const asking = {
        method: 'GET',
        address: pollUrl,
        token,
        clientRequestId: crypto.randomUUID(),
        headers: traceHeaders(),
        body: undefined,
      } as const;
      const exchange = await exchangeOnce(asking);
      if (exchange.kind !== 'answered') return { kind: 'unreadable', reason: 'Azure could not be asked.' };
      return pollOutcomeOf(exchange, style, epochMsOf(clock.now()));
    },
  };
}

/** The stored canonical bytes, the allow-listed headers, nothing else of the agent's. */
function sendingOf(
  origin: string,
  request: ArmRequest,
  { token }: Credential,
  clientRequestId: string,
  traceHeaders: Readonly<Record<string, string>>,
): Sending {
  const allowed = Object.fromEntries(
    armRequestHeaders.flatMap((name) => (request.headers[name] === undefined ? [] : [[name, request.headers[name]]])),
  );
  const body = request.body === undefined ? undefined : canonicalJson(request.body);
  const headers = { ...allowed, ...traceHeaders };
  return { method: request.method, address: armAddress(origin, request), token, clientRequestId, headers, body };
}

function outcomeOf({ status, headers, body }: Answered, request: ArmRequest, origin: string, nowMs: number): CallOutcome {
  const retryAfter = headers.get('retry-after');
  if (status === 429 || (status === 503 && (retryAfter !== undefined || mayBeRepeated(request)))) {
    return { kind: 'busy', status, retryAfterMs: retryAfterMs(retryAfter, nowMs, longestWaitMs) };
  }
  if (status === 503 || tellsNothing.includes(status)) {
    return { kind: 'doubtful', reason: `Azure answered ${status}, which does not tell whether the call happened.` };
  }
  const json = bodyAsJson(body);
  const targetAddress = armAddress(origin, { ...request, query: {} });
  const seen = jsonIn(body) ?? (json === undefined ? null : undefined);
  const poll = pollAddressOf({ method: request.method, targetAddress }, status, headers, seen);
  if (poll === 'final') return { kind: 'answered', answer: { status, body: json } };
  if (poll === 'lost')
    return { kind: 'doubtful', reason: `Azure took the call (${status}) and gave no address to ask how it goes.`, accepted: true };
  if (!isSameHost(origin, poll.address)) {
    const reason = `Azure took the call (${status}) and gave a polling address that does not lead to itself.`;
    return { kind: 'doubtful', reason, accepted: true };
  }
  return { kind: 'accepted', status, pollUrl: poll.address, pollStyle: poll.style, retryAfterMs: retryAfterMs(retryAfter, nowMs) };
}

function pollOutcomeOf(answered: Answered, style: PollStyle, nowMs: number): PollOutcome {
  const { status, headers } = answered;
  const pending: PollOutcome = { kind: 'pending', retryAfterMs: retryAfterMs(headers.get('retry-after'), nowMs) };
  if (askAgain.includes(status)) return pending;
  if (nothingThere.includes(status)) return { kind: 'gone', reason: `Azure answered ${status} when it was asked how the call went.` };
  if (notAnswered.includes(status) || (status >= 300 && status < 400)) {
    return { kind: 'unreadable', reason: `Azure answered ${status} when it was asked how the call went.` };
  }
  const body = bodyAsJson(answered.body);
  switch (style) {
    case 'location':
      return status === 202 ? pending : { kind: 'answered', answer: { status, body }, succeeded: status >= 200 && status < 300 };
    case 'target': {
      const standing = standingOf(provisioningStateOf(body) ?? 'Succeeded');
      if (status >= 400) return { kind: 'unreadable', reason: `Azure answered ${status} when it was asked for the target.` };
      return standing === 'goingOn' ? pending : { kind: 'answered', answer: { status, body }, succeeded: standing === 'succeeded' };
    }
    case 'asyncOperation': {
      const state = property(body, 'status');
      if (status >= 400 || typeof state !== 'string') {
        return { kind: 'unreadable', reason: `Azure answered ${status} without the status of the operation.` };
      }
      const standing = standingOf(state);
      return standing === 'goingOn' ? pending : { kind: 'answered', answer: { status, body }, succeeded: standing === 'succeeded' };
    }
  }
}
