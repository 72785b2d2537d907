import type { LocalAnswer, LocalRequest } from '../loopback-server.ts';
import { type AdminKey, administer, isAdministration } from '../resource-manager/administration.ts';
import type { ArmAnswer } from '../resource-manager/arm-answer.ts';
import { parseQuery } from '../resource-manager/call.ts';
import type { Faults, RequestFaults } from '../resource-manager/faults.ts';
import { type Arrival, faultOfAnswer, meetOnAnswer, meetOnArrival } from '../resource-manager/faulty-answers.ts';
import { idHeaders, requestIds, toLocal } from '../resource-manager/local-answer.ts';
import type { RequestLog } from '../resource-manager/request-log.ts';
import type { Caller, TokenCheck, TokenVerdict } from '../resource-manager/token-check.ts';
import type { DataRights } from './data-rights.ts';
import { answerDeletedSecret, answerRecovery } from './deleted-secrets.ts';
import { answerDeletedSecrets, answerSecrets, answerVersions } from './secret-lists.ts';
import type { SecretStore } from './secret-store.ts';
import { answerSecret } from './secrets.ts';
import { badParameter, vaultError } from './vault-answer.ts';
import type { VaultCall } from './vault-call.ts';
import { parseVaultPath } from './vault-path.ts';
import type { Vault } from './vaults.ts';

/** What the stand-in needs to answer a request. */
export type VaultSite = {
  readonly store: SecretStore;
  readonly rights: DataRights;
  /** The vault of a host, `NAME.vault.localhost:PORT` in lower case. */
  readonly vaultAt: (host: string) => Vault | undefined;
  readonly tokenCheck: TokenCheck;
  /** What a request without a good token is told to come back with. */
  readonly challenge: string;
  readonly log: RequestLog;
  readonly faults: Faults;
  readonly adminKey: AdminKey;
  readonly now: () => number;
};

/** What became of a request; without an answer where the connection breaks before anything is done. */
type Judged = { readonly caller: Caller | undefined; readonly answer: ArmAnswer | undefined };

/** Authenticates, authorises and performs; then records the request, and only then answers. */
export async function answerRequest(request: LocalRequest, site: VaultSite): Promise<LocalAnswer> {
  if (isAdministration(request.rawUrl)) return administer(request, site.adminKey, site.faults);
  const receivedAt = site.now();
  const faults = site.faults.of({
    method: request.method,
    path: loggedUrl(request).replace(/\?.*$/, ''),
    clientRequestId: requestIds(request.headers).client,
  });
  const judged = await judge(request, faults, site);
  const isFaulty = judged.caller !== undefined && judged.answer !== undefined;
  const happening = isFaulty ? faultOfAnswer(toLocalOf(judged), faults) : undefined;
  return meetOnAnswer(record(request, receivedAt, judged, faults.met(), site), happening);
}

export function refuseTooLarge(head: Omit<LocalRequest, 'body'>, site: VaultSite): LocalAnswer {
  const answer = vaultError(413, 'RequestEntityTooLarge', 'The request is larger than Key Vault takes.');
  return record({ ...head, body: Buffer.alloc(0) }, site.now(), { caller: undefined, answer }, [], site);
}

async function judge(request: LocalRequest, faults: RequestFaults, site: VaultSite): Promise<Judged> {
  const host = request.headers.host?.toLowerCase() ?? '';
  const vault = site.vaultAt(host);
  // In the cloud, the name of a vault that there is not leads nowhere.
  if (vault === undefined) return { caller: undefined, answer: vaultError(404, 'VaultNotFound', 'There is no vault of this name.') };
  const verdict = await site.tokenCheck(request.headers.authorization, site.now());
  if (verdict.kind !== 'verified') return { caller: undefined, answer: unauthenticated(verdict, site.challenge) };
  const { caller } = verdict;
  const arrival = await meetOnArrival(faults, site.now);
  switch (arrival.kind) {
    case 'broken':
      return { caller, answer: undefined };
    case 'answered':
      return { caller, answer: inVaultsWords(arrival) };
    case 'goesOn':
      return { caller, answer: act(request, caller, { vault, vaultUrl: `https://${host}` }, site) };
  }
}

function unauthenticated(verdict: Exclude<TokenVerdict, { kind: 'verified' }>, challenge: string): ArmAnswer {
  if (verdict.kind === 'unavailable') return vaultError(503, 'ServiceUnavailable', 'The keys of the token issuer cannot be fetched.');
  const isMissing = verdict.code === 'AuthenticationFailed';
  const message = isMissing ? 'AKV10000: Request is missing a Bearer or PoP token.' : `Error validating token: ${verdict.message}`;
  return vaultError(401, 'Unauthorized', message, { headers: { 'www-authenticate': challenge } });
}

/** Faults answer as Azure Resource Manager does; their code is another one here. */
function inVaultsWords({ answer: { status, headers } }: Extract<Arrival, { kind: 'answered' }>): ArmAnswer {
  return status === 429
    ? vaultError(
        429,
        'Throttled',
        'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached',
        { headers },
      )
    : vaultError(status, 'ServiceUnavailable', 'The service is unavailable.', { headers });
}

/** Synchronous: a request sees what those before it left, and nothing in between. */
function act(request: LocalRequest, caller: Caller, at: Pick<VaultCall, 'vault' | 'vaultUrl'>, site: VaultSite): ArmAnswer {
  const now = Math.floor(site.now() / 1000);
  site.store.purgeDue(now);
  const [path = '', queryText = ''] = request.rawUrl.split(/\?(.*)/s);
  const query = parseQuery(queryText);
  const apiVersion = query?.get('api-version');
  if (query === undefined || apiVersion === undefined) return badParameter('api-version must be specified');
  if (!/^(7\.\d|\d{4}-\d{2}-\d{2})(-preview(\.\d)?)?$/.test(apiVersion)) return badParameter('The specified version is not recognized.');
  const { store, rights } = site;
  return dispatch(path, { store, rights, ...at, caller, method: request.method, query, apiVersion, body: request.body, now });
}

/** Gives each kind of target to the file that answers it; every one of them authorises before it looks. */
function dispatch(path: string, call: VaultCall): ArmAnswer {
  const target = parseVaultPath(path);
  switch (target.kind) {
    case 'secrets':
      return answerSecrets(call);
    case 'secret':
      return answerSecret(target, call);
    case 'versions':
      return answerVersions(target.name, call);
    case 'deletedSecrets':
      return answerDeletedSecrets(call);
    case 'deletedSecret':
      return answerDeletedSecret(target.name, call);
    case 'recovery':
      return answerRecovery(target.name, call);
    case 'invalidName':
      return badParameter('The request URI contains an invalid name.');
    case 'unknown':
      return vaultError(404, 'NotFound', 'There is nothing at this path.');
  }
}

/** Of a body only its size is kept: the digest of a password would let it be guessed. */
function record(request: LocalRequest, receivedAt: number, judged: Judged, faults: readonly string[], { log }: VaultSite): LocalAnswer {
  const ids = requestIds(request.headers);
  log.append({
    receivedAt: new Date(receivedAt).toISOString(),
    method: request.method,
    url: loggedUrl(request),
    principalId: judged.caller?.objectId ?? null,
    status: judged.answer?.status ?? null,
    effect: judged.answer?.effect ?? null,
    clientRequestId: ids.client,
    correlationId: ids.correlation,
    requestId: ids.request,
    bodySha256: null,
    bodySizeBytes: request.body.length,
    operationId: null,
    faults: [...faults],
  });
  return toLocalOf(judged, idHeaders(ids, request.headers));
}

function toLocalOf({ answer }: Judged, ids: Readonly<Record<string, string>> = {}): LocalAnswer {
  return answer === undefined ? { status: 500, headers: {}, body: undefined, breaks: 'beforeAnswer' } : toLocal(answer, ids);
}

/** `/NAME` of the vault, then the request target as it came. */
function loggedUrl({ headers, rawUrl }: Pick<LocalRequest, 'headers' | 'rawUrl'>): string {
  return `/${(headers.host ?? '').toLowerCase().split('.')[0] ?? ''}${rawUrl}`;
}
