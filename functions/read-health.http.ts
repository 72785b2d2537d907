import type { HttpHandler } from '@azure/functions';
import type { Role } from '../shared/config.ts';
import { RequestError } from '../shared/domain/request-error.ts';
import type { Caller } from '../shared/ports/token-verifier.ts';
import { type AuthorizeDeps, appRoles } from '../shared/use-cases/authorize-caller.ts';
import type { Health } from '../shared/use-cases/read-health.ts';
import { authenticated, type HttpDeps } from './http.ts';

/** What runs here, so that whoever looks from outside can tell whether all apps of a deployment are the same. */
export type Running = {
  readonly role: Role;
  readonly version: string;
  /** The digest that decisions record. */
  readonly policyVersion: string;
  /** The names of the keys that bodies are sealed with, the one in use first. */
  readonly sealingKeyIds: readonly string[];
};

export type HealthDeps = HttpDeps &
  Pick<AuthorizeDeps, 'personClients'> & { readonly readHealth: () => Promise<Health>; readonly running: Running };

/** `GET /api/health`: up or down for anybody; with the scope `Audit.Read`, each dependency and what runs. 503 where it is down. */
export function makeReadHealthHandler(deps: HealthDeps): HttpHandler {
  const readDetails = authenticated(deps, async ({ caller }) => {
    checkAuditor(deps, caller);
    const health = await deps.readHealth();
    return { status: statusOf(health), body: { ...health, running: deps.running } };
  });
  return async (request, context) => {
    if (request.headers.has('authorization')) return await readDetails(request, context);
    const health = await deps.readHealth();
    return { status: statusOf(health), headers: { 'cache-control': 'no-store' }, jsonBody: { status: health.status } };
  };
}

/** The directory is not asked whether the account is in a group: it may be what is down. */
function checkAuditor({ personClients }: HealthDeps, caller: Caller): void {
  if (caller.kind !== 'person') throw new RequestError('PersonRequired', 'This is for people: a token of something else was presented.');
  if (personClients.get(caller.issuer)?.has(caller.clientId) !== true) {
    throw new RequestError('ClientNotAllowed', 'Tokens that this client application obtained do not count here.');
  }
  if (!caller.scopes.includes(appRoles.audit)) throw new RequestError('MissingRole', `The token lacks the scope ${appRoles.audit}.`);
}

function statusOf({ status }: Health): number {
  return status === 'up' ? 200 : 503;
}
