import { type HttpHandler, HttpRequest, type HttpResponseInit, InvocationContext } from '@azure/functions';
import { makeReadHealthHandler } from '../../functions/read-health.http.ts';
import { makeTeamsMessagesHandler } from '../../functions/teams-messages.http.ts';
import { makePublishedKeys } from '../../shared/adapters/entra/published-keys.ts';
import { makeOperationCard } from '../../shared/adapters/teams/operation-card.ts';
import { makeTeamsBot } from '../../shared/adapters/teams/teams-bot.ts';
import { makeTeamsEndpoint } from '../../shared/adapters/teams/teams-endpoint.ts';
import { makeActivityVerifier } from '../../shared/adapters/teams/verify-activity.ts';
import { epochMsOf, instant } from '../../shared/domain/instant.ts';
import { botAppId, connectorIssuer, makeStage, now, personId, type StageOptions, serviceUrl, tenant } from '../adapters/entra/tokens.ts';
import { type Routes, routesOf } from '../support/functions-of.ts';
import { makeLiteralClock } from '../support/literal-clock.ts';
import { makeRecordedLog } from '../support/recorded-log.ts';
import { account, operationOf, waitForVotes } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

export type Route = keyof Routes | 'health' | 'teams';
export const allRoutes: readonly Route[] = ['submit', 'assess', 'read', 'list', 'events', 'decide', 'finding', 'cancel', 'health', 'teams'];

const target = { kind: 'arm', method: 'GET', path: account, apiVersion: '2024-01-01' };
const submission = { target, justification: 'To see what is there.' };
const conversation = '19:countersign-approvals@thread.tacv2';

/** Every route of the API and of the bot in a world where an operation waits for votes, in front of verifiers that fetch their keys: the same for both, as in the worst case. */
export async function tokenStage(options: StageOptions = {}) {
  const world = makeWorld();
  const id = await waitForVotes(world);
  const { tokens, state, jwksUri } = await makeStage(options);
  const deps = { ...world.deps, tokens };
  const delivered: unknown[] = [];
  const routes: Readonly<Record<Route, HttpHandler>> = {
    ...routesOf({ ...world, deps }),
    health: makeReadHealthHandler({
      ...deps,
      readHealth: async () => ({ status: 'up', checkedAt: instant(now), dependencies: [] }),
      running: { role: 'edge', version: '1.0.0', policyVersion: 'sha256:ab', sealingKeyIds: [] },
    }),
    teams: teamsHandler(jwksUri, delivered),
  };
  const before = world.effects.length;
  const digest = (await operationOf(world, id)).shown?.approvalDigest ?? '';
  const data = { operationId: id, digest };
  const bodies: Partial<Record<Route, unknown>> = {
    submit: submission,
    assess: submission,
    decide: { decision: 'approve', digest },
    finding: { found: 'noEffect', note: 'Looked in the portal.' },
    teams: {
      type: 'invoke',
      name: 'adaptiveCard/action',
      channelId: 'msteams',
      serviceUrl,
      from: { name: 'Ada', aadObjectId: personId },
      conversation: { id: conversation, tenantId: tenant },
      value: { action: { type: 'Action.Execute', verb: 'approve', data }, trigger: 'manual' },
    },
  };
  return {
    world,
    id,
    state,
    /** What was stored or sent since, by any route. */
    effects: () => [...world.effects.slice(before), ...delivered],
    send: (route: Route, authorization: string) => exchange(routes[route], id, authorization, bodies[route]),
  };
}

function teamsHandler(jwksUri: string, delivered: unknown[]): HttpHandler {
  const clock = makeLiteralClock(now);
  const log = makeRecordedLog();
  const bot = makeTeamsBot({
    botAppId,
    tenantId: tenant,
    serviceUrl,
    issuer: connectorIssuer,
    openIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
    token: () => Promise.resolve('a.b.c'),
  });
  const verify = makeActivityVerifier({
    issuer: connectorIssuer,
    botAppId,
    tenantId: tenant,
    serviceUrls: [serviceUrl],
    conversationIds: [conversation],
    keys: makePublishedKeys({ jwksUri, clock, log }),
    nowMs: () => epochMsOf(clock.now()),
  });
  const endpoint = makeTeamsEndpoint({
    bot: {
      ...bot,
      deliver: (body) => {
        delivered.push(body);
        return Promise.resolve({ status: 200, body: {} });
      },
    },
    verify,
    cardOf: makeOperationCard((operationId) => `https://countersign.example/${operationId}`),
    onAction: () => Promise.resolve({ message: 'Noted.' }),
    helpText: 'Help.',
    log,
  });
  return makeTeamsMessagesHandler({ endpoint });
}

async function exchange(handler: HttpHandler, id: string, authorization: string, body: unknown) {
  const request = new HttpRequest({
    method: body === undefined ? 'GET' : 'POST',
    url: 'https://countersign.example/api/operations',
    headers: { authorization, 'content-type': 'application/json' },
    params: { id },
    ...(body === undefined ? {} : { body: { string: JSON.stringify(body) } }),
  });
  const context = new InvocationContext({ invocationId: 'i', functionName: 'f', logHandler: () => undefined });
  const answer: HttpResponseInit = { ...(await handler(request, context)) };
  const headers = new Headers(Object.entries(answer.headers ?? {}).map(([name, value]) => [name, String(value)]));
  return { status: answer.status, code: headers.get('x-ms-error-code'), challenge: headers.get('www-authenticate'), body: answer.jsonBody };
}
