import { randomUUID } from 'node:crypto';
import { jsonAnswer, type LocalAnswer, type LocalRequest } from '../loopback-server.ts';
import { agents, apiAudience, consoleClientId } from '../seed.ts';
import {
  azureResource,
  commandLineClientId,
  graphResource,
  hourSeconds,
  type IssuedToken,
  memberClaims,
  operatorClaims,
  personClaims,
  type TokenIssuer,
  workloadClaims,
  workloadOfAgent,
} from './access-tokens.ts';
import { type Credentials, secretsEqual } from './credentials.ts';
import type { Directory } from './directory.ts';

export type TokenEndpointParts = { readonly issuer: TokenIssuer; readonly credentials: Credentials; readonly directory: Directory };

/** A refusal in Entra's words: `error` is OAuth's (RFC 6749, 5.2), `number` is the AADSTS number. */
type Refusal = { readonly status: 400 | 401; readonly error: string; readonly number: number; readonly text: string };
type Outcome = { readonly kind: 'issued'; readonly issued: IssuedToken } | { readonly kind: 'refused'; readonly refusal: Refusal };

const apiScope = `${apiAudience}/.default`;

/** Through which client people get tokens for what: the console's for the API, Azure CLI for Azure and Microsoft Graph. */
const publicClients = [
  { clientId: consoleClientId, scope: apiScope, claimsOf: personClaims },
  { clientId: commandLineClientId, scope: `${azureResource}/.default`, claimsOf: operatorClaims },
  { clientId: commandLineClientId, scope: `${graphResource}/.default`, claimsOf: memberClaims },
] as const;

/**
 * `POST /{tenant}/oauth2/v2.0/token`: grants `client_credentials` (agents) and `password` (people).
 * Parameters are read from the form body only, each at most once.
 */
export async function answerTokenRequest(request: LocalRequest, parts: TokenEndpointParts, now: number): Promise<LocalAnswer> {
  const outcome = await grant(request, parts);
  if (outcome.kind === 'refused') {
    return refusalAnswer(outcome.refusal, now);
  }
  const { token, lifetimeSeconds } = outcome.issued;
  const body = { token_type: 'Bearer', expires_in: lifetimeSeconds, ext_expires_in: lifetimeSeconds, access_token: token };
  return jsonAnswer(200, body, { 'cache-control': 'no-store', pragma: 'no-cache' });
}

async function grant(request: LocalRequest, parts: TokenEndpointParts): Promise<Outcome> {
  const form = readForm(request);
  if (form === undefined) {
    return refused(400, 'invalid_request', 900144, 'The request body must be a form that holds each parameter once.');
  }
  switch (form.get('grant_type')) {
    case undefined:
      return refused(400, 'invalid_request', 900144, "The request body must contain the following parameter: 'grant_type'.");
    case 'client_credentials':
      return grantToAgent(form, parts);
    case 'password':
      return grantToPerson(form, parts);
    default:
      return refused(400, 'unsupported_grant_type', 70003, 'The app requested an unsupported grant type.');
  }
}

async function grantToAgent(form: ReadonlyMap<string, string>, { issuer, credentials }: TokenEndpointParts): Promise<Outcome> {
  const agent = agents.find(({ clientId }) => clientId === form.get('client_id'));
  if (agent === undefined) {
    return unknownApplication();
  }
  if (!secretsEqual(form.get('client_secret') ?? '', credentials.agent(agent.name).clientSecret)) {
    return refused(401, 'invalid_client', 7000215, 'Invalid client secret provided.');
  }
  if (form.get('scope') !== apiScope) {
    return refused(400, 'invalid_scope', 70011, `The provided value for the input parameter 'scope' is not valid; ask for ${apiScope}.`);
  }
  return { kind: 'issued', issued: await issuer.issue(workloadClaims(workloadOfAgent(agent), apiAudience), hourSeconds) };
}

async function grantToPerson(form: ReadonlyMap<string, string>, parts: TokenEndpointParts): Promise<Outcome> {
  const ofClient = publicClients.filter(({ clientId }) => clientId === form.get('client_id'));
  if (ofClient.length === 0) {
    return unknownApplication();
  }
  const scopes = (form.get('scope') ?? '').split(' ');
  const client = ofClient.find(({ scope }) => scopes.includes(scope));
  if (client === undefined || scopes.some((scope) => scope !== client.scope && scope !== 'openid' && scope !== 'profile')) {
    const taken = ofClient.map(({ scope }) => scope).join(' or ');
    return refused(400, 'invalid_scope', 70011, `The provided value for the input parameter 'scope' is not valid; ask for ${taken}.`);
  }
  const person = parts.directory.find(form.get('username') ?? '');
  if (person === undefined) {
    return refused(400, 'invalid_grant', 50034, 'The user account does not exist in the directory.');
  }
  if (!secretsEqual(form.get('password') ?? '', parts.credentials.person(person.name).password)) {
    return refused(400, 'invalid_grant', 50126, 'Error validating credentials due to invalid username or password.');
  }
  if (!person.accountEnabled) {
    return refused(400, 'invalid_grant', 50057, 'The user account is disabled.');
  }
  return { kind: 'issued', issued: await parts.issuer.issue(client.claimsOf(person), hourSeconds) };
}

function readForm({ headers, body }: LocalRequest): ReadonlyMap<string, string> | undefined {
  const contentType = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (contentType !== 'application/x-www-form-urlencoded') {
    return undefined;
  }
  const entries = [...new URLSearchParams(body.toString('utf8'))];
  const form = new Map(entries);
  return form.size === entries.length ? form : undefined;
}

function unknownApplication(): Outcome {
  return refused(400, 'unauthorized_client', 700016, 'The application was not found in the directory.');
}

function refused(status: 400 | 401, error: string, number: number, text: string): Outcome {
  return { kind: 'refused', refusal: { status, error, number, text } };
}

/** The answer to a token request for a tenant that does not exist. */
export function unknownTenantAnswer(tenant: string, now: number): LocalAnswer {
  return refusalAnswer({ status: 400, error: 'invalid_request', number: 90002, text: `Tenant '${tenant}' not found.` }, now);
}

/** The answer to a token request by a method other than POST. */
export function postOnlyAnswer(now: number): LocalAnswer {
  const text = 'This endpoint only accepts POST requests.';
  return refusalAnswer({ status: 400, error: 'invalid_request', number: 900561, text }, now);
}

function refusalAnswer({ status, error, number, text }: Refusal, now: number): LocalAnswer {
  const traceId = randomUUID();
  const correlationId = randomUUID();
  const timestamp = new Date(now)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
  const description = `AADSTS${number}: ${text} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;
  const body = {
    error,
    error_description: description,
    error_codes: [number],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
  };
  return jsonAnswer(status, body, { 'cache-control': 'no-store' });
}
