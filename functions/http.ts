import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { maxBodyBytes } from '../shared/contracts/operation-request.ts';
import { type RefusalDetail, RequestError, requestErrorStatus } from '../shared/domain/request-error.ts';
import { parseTraceParent } from '../shared/domain/trace-parent.ts';
import { AnnounceError } from '../shared/ports/announcer.ts';
import { StoreError } from '../shared/ports/operation-store.ts';
import type { Log } from '../shared/ports/system.ts';
import { type Caller, TokenError, type TokenVerifier } from '../shared/ports/token-verifier.ts';

/** The API version that is answered with where none is asked for. */
export const apiVersion = '2026-11-01';

export type HttpDeps = { readonly tokens: TokenVerifier; readonly log: Log };

/** A request whose bearer token was checked. */
export type AuthenticatedRequest = { readonly request: HttpRequest; readonly caller: Caller; readonly clientRequestId: string | undefined };

export type Answer = { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown };

/** Wraps a handler in what every route of the API does: token, API version, correlation headers, and errors in the Azure shape. Nothing internal leaves it. */
export function authenticated(deps: HttpDeps, handle: (request: AuthenticatedRequest) => Promise<Answer>): HttpHandler {
  return async (request, context) => {
    const { version, clientRequestId } = echoesOf(request);
    const headers = {
      'x-ms-request-id': context.invocationId,
      'api-version': version ?? apiVersion,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(clientRequestId === undefined ? {} : { 'x-ms-client-request-id': clientRequestId }),
    };
    try {
      const caller = await deps.tokens.verify(request.headers.get('authorization') ?? undefined);
      checkEchoes(request);
      const answer = await handle({ request, caller, clientRequestId });
      return { status: answer.status, headers: { ...headers, ...answer.headers }, jsonBody: answer.body };
    } catch (error) {
      return errorAnswer(deps.log, error, context, headers);
    }
  };
}

type Echoes = { readonly version: string | undefined; readonly clientRequestId: string | undefined };

/** What every answer repeats, an error too, so that the caller can tell which request it belongs to; only what is harmless in a header. */
function echoesOf(request: HttpRequest): Echoes {
  const version = request.query.get('api-version') ?? '';
  const clientRequestId = request.headers.get('x-ms-client-request-id') ?? '';
  return {
    version: /^\d{4}-\d{2}-\d{2}(-preview)?$/.test(version) ? version : undefined,
    clientRequestId: /^[\x21-\x7e]{1,128}$/.test(clientRequestId) ? clientRequestId : undefined,
  };
}

function checkEchoes(request: HttpRequest): void {
  const { version, clientRequestId } = echoesOf(request);
  if (version === undefined && request.query.has('api-version')) {
    throw new RequestError('InvalidRequest', `api-version must be a date such as ${apiVersion}.`, { target: 'api-version' });
  }
  if (clientRequestId === undefined && request.headers.has('x-ms-client-request-id')) {
    throw new RequestError('InvalidRequest', 'x-ms-client-request-id must be 1 to 128 visible ASCII characters.', {
      target: 'x-ms-client-request-id',
    });
  }
}

/** The `traceparent` of a request where it has the form of W3C Trace Context; anything else is left out, as that standard asks. */
export function traceparentOf(request: HttpRequest): string | undefined {
  const value = request.headers.get('traceparent') ?? undefined;
  return parseTraceParent(value) === undefined ? undefined : value;
}

/** The body's bytes; a declared length over the limit is refused before anything is read. Throws {@link RequestError}. */
export async function bodyBytes(request: HttpRequest): Promise<Uint8Array> {
  const declared = Number(request.headers.get('content-length') ?? '0');
  if (declared > maxBodyBytes) throw new RequestError('BodyTooLarge', `The body is larger than ${maxBodyBytes} bytes.`);
  return new Uint8Array(await request.arrayBuffer());
}

function errorAnswer(log: Log, error: unknown, context: InvocationContext, headers: Record<string, string>): HttpResponseInit {
  const refusal = refusalOf(error);
  if (refusal === undefined) {
    log.error('request failed', {
      function: context.functionName,
      invocationId: context.invocationId,
      error: error instanceof Error ? error.name : typeof error,
    });
    return errorResponse(
      500,
      { code: 'InternalError', message: `Something went wrong on our side. Quote x-ms-request-id ${context.invocationId}.` },
      headers,
    );
  }
  const { code, message, target, retryAfterSeconds, details } = refusal;
  const status = requestErrorStatus[code];
  const challenge = status === 401 ? { 'www-authenticate': code === 'MissingToken' ? 'Bearer' : 'Bearer error="invalid_token"' } : {};
  const retry = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return errorResponse(
    status,
    { code, message, ...(target === undefined ? {} : { target }), details },
    { ...headers, ...challenge, ...retry },
  );
}

function errorResponse(
  status: number,
  error: { code: string; message: string; target?: string; details?: readonly RefusalDetail[] },
  headers: Record<string, string>,
): HttpResponseInit {
  return {
    status,
    headers: { ...headers, 'x-ms-error-code': error.code },
    jsonBody: { error: { ...error, details: error.details ?? [] } },
  };
}

/** Errors of the edges that are the caller's business, in the caller's words; undefined for what is a fault of ours. */
export function refusalOf(error: unknown): RequestError | undefined {
  if (error instanceof RequestError) return error;
  if (error instanceof TokenError) return tokenRefusal(error);
  const away = error instanceof AnnounceError || (error instanceof StoreError && error.code === 'unreachable');
  if (away)
    return new RequestError('Unavailable', 'Storage or messaging cannot be reached at the moment. Try again.', {
      retryAfterSeconds: 5,
      cause: error,
    });
  if (error instanceof StoreError && error.code === 'tooLarge')
    return new RequestError('BodyTooLarge', 'The request is larger than can be stored.');
  return undefined;
}

function tokenRefusal(error: TokenError): RequestError {
  switch (error.code) {
    case 'missing':
      return new RequestError('MissingToken', 'Present a bearer token of this tenant for this API.');
    case 'expired':
      return new RequestError('ExpiredToken', 'The token has expired. Get a new one.');
    case 'wrongIssuer':
    case 'wrongTenant':
    case 'wrongAudience':
      return new RequestError('ForeignToken', 'The token was not issued for this API by an issuer that it trusts.');
    case 'malformed':
    case 'invalid':
    case 'wrongKind':
      return new RequestError('InvalidToken', 'The token is not valid.');
    case 'keysUnavailable':
      return new RequestError('Unavailable', 'Tokens cannot be checked at the moment. Try again.', { retryAfterSeconds: 5, cause: error });
  }
}
