import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { type LocalAnswer, type LocalRequest, startLoopbackServer } from '../loopback-server.ts';
import { ensurePrivateDirectory } from '../private-files.ts';
import { tenantId } from '../seed.ts';
import { type ArmAnswer, armError, methodNotAllowed, ok } from './arm-answer.ts';
import { parseArmPath } from './arm-path.ts';
import { seededRights } from './authorization.ts';
import { type ArmQuery, type ArmService, parseQuery } from './call.ts';
import { settleOperations } from './long-running.ts';
import { bodyDigest, type LoggedRequest, openRequestLog, type RequestLog } from './request-log.ts';
import { dispatch } from './router.ts';
import { seedResources } from './seed-resources.ts';
import { openStateStore } from './state-store.ts';
import { type Caller, makeTokenCheck, type TokenCheck } from './token-check.ts';

export type ResourceManagerOptions = {
  /** 0 takes a free port. */
  readonly port: number;
  /** Where state and request log are kept. */
  readonly directory: string;
  readonly certPem: string;
  readonly keyPem: string;
  /** The issuer whose tokens are taken, and where its keys are. */
  readonly identityIssuer: string;
  readonly jwksUri: string;
  /** How long a long-running operation takes; one second by default. */
  readonly longRunningDelayMs?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
};

export type ResourceManager = {
  /** `https://localhost:PORT` */
  readonly address: string;
  /** Every request received so far with a sequence above `after` (0 by default), oldest first. */
  readonly requests: (after?: number) => readonly LoggedRequest[];
  readonly stop: () => Promise<void>;
};

/** ARM takes bodies of at most 4 MiB. */
const bodyLimitBytes = 4 * 1024 * 1024;

/** Starts the stand-in for Azure Resource Manager on https, on loopback only. */
export async function startResourceManager(options: ResourceManagerOptions): Promise<ResourceManager> {
  const { port, directory, certPem, keyPem, now = Date.now } = options;
  ensurePrivateDirectory(directory);
  const log = openRequestLog(join(directory, 'requests.ndjson'));
  const store = openStateStore(join(directory, 'state.json'), () => seedResources(now()));
  const tokenCheck = makeTokenCheck(options.identityIssuer, options.jwksUri, tenantId);
  const loginAddress = options.identityIssuer.replace(/\/v2\.0$/, '');
  const server = await startLoopbackServer({
    port,
    tls: { certPem, keyPem },
    bodyLimitBytes,
    makeHandlers: (openPort) => {
      const service: ArmService = {
        address: addressAt(openPort),
        store,
        authorizer: seededRights,
        longRunningDelayMs: options.longRunningDelayMs ?? 1000,
      };
      const site: Site = { service, tokenCheck, loginAddress, log, now };
      return { handle: (request) => answerRequest(request, site), refuseTooLarge: (head) => refuseTooLarge(head, site) };
    },
  });
  return { address: addressAt(server.port), requests: (after = 0) => log.after(after), stop: server.stop };
}

function addressAt(port: number): string {
  return `https://localhost:${port}`;
}

type Site = {
  readonly service: ArmService;
  readonly tokenCheck: TokenCheck;
  readonly loginAddress: string;
  readonly log: RequestLog;
  readonly now: () => number;
};

type Judged = { readonly caller: Caller | undefined; readonly answer: ArmAnswer };

/** Authenticates, routes, authorises and performs; then records the request, and only then answers. */
async function answerRequest(request: LocalRequest, site: Site): Promise<LocalAnswer> {
  const receivedAt = site.now();
  const judged = await judge(request, site).catch((error: unknown): Judged => {
    console.error('The Resource Manager stand-in failed.', error);
    return { caller: undefined, answer: armError(500, 'InternalServerError', 'The stand-in failed; see its output.') };
  });
  return recordAndAnswer(request, receivedAt, judged, site);
}

function refuseTooLarge(head: Omit<LocalRequest, 'body'>, site: Site): LocalAnswer {
  const answer = armError(413, 'RequestEntityTooLarge', 'The request content size exceeds the maximum size of 4 MiB.');
  return recordAndAnswer({ ...head, body: Buffer.alloc(0) }, site.now(), { caller: undefined, answer }, site);
}

function recordAndAnswer(request: LocalRequest, receivedAt: number, { caller, answer }: Judged, { log }: Site): LocalAnswer {
  const ids = requestIds(request.headers);
  log.append({
    receivedAt: new Date(receivedAt).toISOString(),
    method: request.method,
    url: request.rawUrl,
    principalId: caller?.objectId ?? null,
    status: answer.status,
    effect: answer.effect ?? null,
    clientRequestId: ids.client,
    correlationId: ids.correlation,
    requestId: ids.request,
    bodySha256: bodyDigest(request.body),
    bodySizeBytes: request.body.length,
  });
  return toLocal(request.method === 'HEAD' ? { ...answer, body: undefined } : answer, idHeaders(ids, request.headers));
}

async function judge(request: LocalRequest, site: Site): Promise<Judged> {
  const verdict = await site.tokenCheck(request.headers.authorization, site.now());
  switch (verdict.kind) {
    case 'refused':
      return { caller: undefined, answer: unauthenticated(verdict.code, verdict.message, site.loginAddress) };
    case 'unavailable':
      return { caller: undefined, answer: armError(503, 'ServiceUnavailable', 'The keys of the token issuer cannot be fetched.') };
    case 'verified':
      return { caller: verdict.caller, answer: perform(request, verdict.caller, site) };
  }
}

function unauthenticated(code: string, message: string, loginAddress: string): ArmAnswer {
  const challenge = `Bearer authorization_uri="${loginAddress}", error="invalid_token", error_description="${message}"`;
  return armError(401, code, message, { 'www-authenticate': challenge });
}

/** Synchronous from here on: a request sees what those before it left, and nothing in between. */
function perform(request: LocalRequest, caller: Caller, { service, log, now }: Site): ArmAnswer {
  const at = now();
  settleOperations(service.store, at);
  const queryStart = request.rawUrl.indexOf('?');
  const path = queryStart === -1 ? request.rawUrl : request.rawUrl.slice(0, queryStart);
  const query = parseQuery(queryStart === -1 ? '' : request.rawUrl.slice(queryStart + 1));
  if (query === undefined) {
    return armError(400, 'InvalidQueryParameter', 'A query parameter comes more than once.');
  }
  if (path === '/_requests') {
    return answerLog(request.method, query, log);
  }
  const apiVersion = query.get('api-version');
  const refusal = checkApiVersion(apiVersion);
  const target = parseArmPath(path);
  if (refusal !== undefined || apiVersion === undefined) {
    return refusal ?? missingApiVersion();
  }
  if (target.kind === 'refused') {
    return target.reason === 'invalid'
      ? armError(400, 'InvalidUri', 'The request URI is malformed.')
      : armError(404, 'MissingSubscription', 'The request did not have a subscription or a valid tenant level resource provider.');
  }
  const { method, headers, body } = request;
  return dispatch(target, { service, caller, method, headers, path, query, apiVersion, body, now: at });
}

function checkApiVersion(apiVersion: string | undefined): ArmAnswer | undefined {
  if (apiVersion === undefined || apiVersion === '') {
    return missingApiVersion();
  }
  return /^\d{4}-\d{2}-\d{2}(?:-[a-z]+)?$/i.test(apiVersion)
    ? undefined
    : armError(400, 'InvalidApiVersionParameter', `The api-version '${apiVersion}' is invalid.`);
}

function missingApiVersion(): ArmAnswer {
  return armError(400, 'MissingApiVersionParameter', 'The api-version query parameter (?api-version=) is required for all requests.');
}

/** `GET /_requests?after=N`, which the cloud does not have: any caller whose token verified may read it. */
function answerLog(method: string, query: ArmQuery, log: RequestLog): ArmAnswer {
  if (method !== 'GET') {
    return methodNotAllowed(method, ['GET']);
  }
  const after = query.get('after') ?? '0';
  return /^\d{1,15}$/.test(after)
    ? ok({ value: log.after(Number(after)).map((entry) => ({ ...entry })) })
    : armError(400, 'InvalidQueryParameter', 'after must be a whole number.');
}

type RequestIds = { readonly request: string; readonly correlation: string; readonly client: string | null };

const printable = /^[\x21-\x7e]{1,128}$/;

/** The client's own ids are hostile: they are taken only where they are short and printable. */
function requestIds(headers: IncomingHttpHeaders): RequestIds {
  const { 'x-ms-correlation-request-id': correlation, 'x-ms-client-request-id': client } = headers;
  const request = randomUUID();
  return {
    request,
    correlation: typeof correlation === 'string' && printable.test(correlation) ? correlation : request,
    client: typeof client === 'string' && printable.test(client) ? client : null,
  };
}

function idHeaders({ request, correlation, client }: RequestIds, headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const returnsClientId = headers['x-ms-return-client-request-id'] === 'true' && client !== null;
  return {
    'x-ms-request-id': request,
    'x-ms-correlation-request-id': correlation,
    ...(returnsClientId ? { 'x-ms-client-request-id': client } : {}),
  };
}

function toLocal({ status, headers, body }: ArmAnswer, ids: Readonly<Record<string, string>>): LocalAnswer {
  const contentType: Readonly<Record<string, string>> = body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
  return {
    status,
    headers: { 'cache-control': 'no-cache', ...contentType, ...ids, ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  };
}
