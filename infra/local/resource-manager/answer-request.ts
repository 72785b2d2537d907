import type { LocalAnswer, LocalRequest } from '../loopback-server.ts';
import { type AdminKey, administer, isAdministration } from './administration.ts';
import { type ArmAnswer, armError, methodNotAllowed, ok } from './arm-answer.ts';
import { parseArmPath } from './arm-path.ts';
import { type ArmQuery, type ArmService, parseQuery } from './call.ts';
import type { Faults, RequestFaults } from './faults.ts';
import { faultOfAnswer, meetOnAnswer, meetOnArrival } from './faulty-answers.ts';
import { idHeaders, requestIds, toLocal } from './local-answer.ts';
import { settleOperations } from './long-running.ts';
import { answerOwn, type OwnResources } from './own-resources.ts';
import { bodyDigest, type RequestLog } from './request-log.ts';
import { dispatch } from './router.ts';
import type { Caller, TokenCheck } from './token-check.ts';

/** What the stand-in needs to answer a request. */
export type Site = {
  readonly service: ArmService;
  readonly own: OwnResources | undefined;
  readonly tokenCheck: TokenCheck;
  readonly loginAddress: string;
  readonly log: RequestLog;
  readonly faults: Faults;
  readonly adminKey: AdminKey;
  readonly now: () => number;
};

/** What became of a request; without an answer where the connection breaks before anything is done. */
type Judged = { readonly caller: Caller | undefined; readonly answer: ArmAnswer | undefined; readonly operationId?: string | undefined };

/** Authenticates, routes, authorises and performs; then records the request, and only then answers. */
export async function answerRequest(request: LocalRequest, site: Site): Promise<LocalAnswer> {
  if (isAdministration(request.rawUrl)) {
    return administer(request, site.adminKey, site.faults);
  }
  const receivedAt = site.now();
  const { method, rawUrl, headers } = request;
  const faults = site.faults.of({ method, path: splitUrl(rawUrl).path, clientRequestId: requestIds(headers).client });
  const judged = await judge(request, faults, site).catch((error: unknown): Judged => {
    console.error('The Resource Manager stand-in failed.', error);
    return { caller: undefined, answer: armError(500, 'InternalServerError', 'The stand-in failed; see its output.') };
  });
  return recordAndAnswer(request, receivedAt, judged, faults, site);
}

export function refuseTooLarge(head: Omit<LocalRequest, 'body'>, site: Site): LocalAnswer {
  const answer = armError(413, 'RequestEntityTooLarge', 'The request content size exceeds the maximum size of 4 MiB.');
  return record({ ...head, body: Buffer.alloc(0) }, site.now(), { caller: undefined, answer }, { met: () => [] }, site);
}

/** The fault of the answer is in the log with the request, and happens only then. */
async function recordAndAnswer(
  request: LocalRequest,
  receivedAt: number,
  judged: Judged,
  faults: RequestFaults,
  site: Site,
): Promise<LocalAnswer> {
  const isFaulty = judged.caller !== undefined && judged.answer !== undefined && splitUrl(request.rawUrl).path !== logPath;
  const happening = isFaulty ? faultOfAnswer(toLocalOf(request, judged), faults) : undefined;
  return meetOnAnswer(record(request, receivedAt, judged, faults, site), happening);
}

function toLocalOf({ method }: LocalRequest, { answer }: Judged, ids: Readonly<Record<string, string>> = {}): LocalAnswer {
  if (answer === undefined) {
    return { status: 500, headers: {}, body: undefined, breaks: 'beforeAnswer' };
  }
  return toLocal(method === 'HEAD' ? { ...answer, body: undefined } : answer, ids);
}

function record(request: LocalRequest, receivedAt: number, judged: Judged, faults: Pick<RequestFaults, 'met'>, { log }: Site): LocalAnswer {
  const { caller, answer, operationId } = judged;
  const ids = requestIds(request.headers);
  log.append({
    receivedAt: new Date(receivedAt).toISOString(),
    method: request.method,
    url: request.rawUrl,
    principalId: caller?.objectId ?? null,
    status: answer?.status ?? null,
    effect: answer?.effect ?? null,
    clientRequestId: ids.client,
    correlationId: ids.correlation,
    requestId: ids.request,
    bodySha256: bodyDigest(request.body),
    bodySizeBytes: request.body.length,
    operationId: operationId ?? null,
    faults: [...faults.met()],
  });
  return toLocalOf(request, judged, idHeaders(ids, request.headers));
}

async function judge(request: LocalRequest, faults: RequestFaults, site: Site): Promise<Judged> {
  const verdict = await site.tokenCheck(request.headers.authorization, site.now());
  switch (verdict.kind) {
    case 'refused':
      return { caller: undefined, answer: unauthenticated(verdict.code, verdict.message, site.loginAddress) };
    case 'unavailable':
      return { caller: undefined, answer: armError(503, 'ServiceUnavailable', 'The keys of the token issuer cannot be fetched.') };
    case 'verified':
      return splitUrl(request.rawUrl).path === logPath
        ? { caller: verdict.caller, answer: answerLog(request, site.log) }
        : perform(request, verdict.caller, faults, site);
  }
}

function unauthenticated(code: string, message: string, loginAddress: string): ArmAnswer {
  const challenge = `Bearer authorization_uri="${loginAddress}", error="invalid_token", error_description="${message}"`;
  return armError(401, code, message, { 'www-authenticate': challenge });
}

async function perform(request: LocalRequest, caller: Caller, faults: RequestFaults, site: Site): Promise<Judged> {
  const arrival = await meetOnArrival(faults, site.now);
  switch (arrival.kind) {
    case 'broken':
      return { caller, answer: undefined };
    case 'answered':
      return { caller, answer: arrival.answer };
    case 'goesOn': {
      const ofOwn = await answerOwn({ method: request.method, path: splitUrl(request.rawUrl).path, caller, now: site.now() }, site);
      return ofOwn === undefined ? act(request, caller, faults, site) : { caller, answer: ofOwn };
    }
  }
}

/** Synchronous: a request sees what those before it left, and nothing in between. */
function act(request: LocalRequest, caller: Caller, faults: RequestFaults, { service, now }: Site): Judged {
  const at = now();
  settleOperations(service.store, at);
  const { path, queryText } = splitUrl(request.rawUrl);
  const query = parseQuery(queryText);
  if (query === undefined) {
    return { caller, answer: twice };
  }
  const apiVersion = query.get('api-version');
  const refusal = checkApiVersion(apiVersion);
  const target = parseArmPath(path);
  if (refusal !== undefined || apiVersion === undefined) {
    return { caller, answer: refusal ?? missingApiVersion() };
  }
  if (target.kind === 'refused') {
    return { caller, answer: target.reason === 'invalid' ? invalidUri : unknownUri };
  }
  const { method, headers, body } = request;
  let operationId: string | undefined;
  const onOperation = (id: string) => {
    operationId ??= id;
    return faults.next('operation');
  };
  const answer = dispatch(target, { service, caller, method, headers, path, query, apiVersion, body, now: at, onOperation });
  return { caller, answer, operationId };
}

const twice = armError(400, 'InvalidQueryParameter', 'A query parameter comes more than once.');
const invalidUri = armError(400, 'InvalidUri', 'The request URI is malformed.');
const unknownUri = armError(
  404,
  'MissingSubscription',
  'The request did not have a subscription or a valid tenant level resource provider.',
);

function splitUrl(rawUrl: string): { readonly path: string; readonly queryText: string } {
  const queryStart = rawUrl.indexOf('?');
  return queryStart === -1
    ? { path: rawUrl, queryText: '' }
    : { path: rawUrl.slice(0, queryStart), queryText: rawUrl.slice(queryStart + 1) };
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

const logPath = '/_requests';

/** `GET /_requests?after=N`, which the cloud does not have: any caller whose token verified may read it. */
function answerLog({ method, rawUrl }: LocalRequest, log: RequestLog): ArmAnswer {
  if (method !== 'GET') {
    return methodNotAllowed(method, ['GET']);
  }
  const query: ArmQuery | undefined = parseQuery(splitUrl(rawUrl).queryText);
  const after = query === undefined ? undefined : (query.get('after') ?? '0');
  return after !== undefined && /^\d{1,15}$/.test(after)
    ? ok({ value: log.after(Number(after)).map((entry) => ({ ...entry })) })
    : armError(400, 'InvalidQueryParameter', 'after must be a whole number.');
}
