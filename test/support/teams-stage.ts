import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManagedIdentityCredential } from '@azure/identity';
import { type Identity, startIdentity } from '../../infra/local/identity/start-identity.ts';
import { botAppId, tenantId } from '../../infra/local/seed.ts';
import { startTeams, type Teams } from '../../infra/local/teams/start-teams.ts';
import { makePublishedKeys } from '../../shared/adapters/entra/published-keys.ts';
import { systemClock } from '../../shared/adapters/system/system.ts';
import { makeOperationCard } from '../../shared/adapters/teams/operation-card.ts';
import { makeTeamsBot } from '../../shared/adapters/teams/teams-bot.ts';
import { makeTeamsChannel } from '../../shared/adapters/teams/teams-channel.ts';
import { makeTeamsEndpoint, type OnCardAction, type TeamsEndpointDeps } from '../../shared/adapters/teams/teams-endpoint.ts';
import { makeActivityVerifier } from '../../shared/adapters/teams/verify-activity.ts';
import type { ApproverGroup } from '../../shared/ports/agent-registry.ts';
import type { ApprovalChannel } from '../../shared/ports/approval-channel.ts';

/** The Teams adapter between the real SDK and the local Teams, with nothing behind it but what a test answers to a press. */
export type TeamsStage = {
  readonly teams: Teams;
  readonly identity: Identity;
  readonly directory: string;
  readonly botEndpoint: string;
  readonly channel: ApprovalChannel;
  readonly group: ApproverGroup;
  /** What was logged, as `message code`. */
  readonly logged: string[];
  /** Says what comes of the presses from now on. */
  readonly answerWith: (onAction: OnCardAction) => void;
  readonly stop: () => Promise<void>;
};

type Endpoint = ReturnType<typeof makeTeamsEndpoint>;

export const helpText = 'I am Countersign: I ask the people here before an agent changes anything that matters.';

export async function startTeamsStage(): Promise<TeamsStage> {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-teams-'));
  const identity = await startIdentity({ port: 0, directory: join(directory, 'identity') });
  let endpoint: Endpoint | undefined;
  const server = await listen(() => endpoint);
  const botEndpoint = `http://127.0.0.1:${portOf(server)}/api/messages`;
  const teams = await startTeams({
    playgroundPort: 0,
    proxyPort: 0,
    directory: join(directory, 'teams'),
    botEndpoint,
    botTokenIssuer: identity.issuer,
    botTokenJwksUri: identity.jwksUri,
  });
  let onAction: OnCardAction = () => Promise.resolve({ message: 'Nobody listens.' });
  const bot = makeTeamsBot({ ...teams, botAppId, tenantId, token: botTokenFrom(identity) });
  const cardOf = makeOperationCard((id) => `http://127.0.0.1:7071/console/operations/${id}`);
  const logged: string[] = [];
  endpoint = makeTeamsEndpoint({
    bot,
    cardOf,
    helpText,
    verify: makeActivityVerifier({
      issuer: teams.issuer,
      botAppId,
      tenantId,
      keys: makePublishedKeys({ jwksUri: teams.jwksUri, clock: systemClock, log: logInto(logged) }),
      serviceUrls: [teams.serviceUrl],
      conversationIds: [teams.conversationId],
      nowMs: Date.now,
    }),
    onAction: (person, action) => onAction(person, action),
    log: logInto(logged),
  });
  return {
    ...{ teams, identity, directory, botEndpoint, logged },
    channel: makeTeamsChannel(bot, cardOf),
    group: { name: 'approvers', id: '33333333-3333-4333-8333-000000000001', conversationId: teams.conversationId },
    answerWith: (next) => {
      onAction = next;
    },
    stop: async () => {
      await teams.stop();
      await identity.stop();
      await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The bot's own managed identity, asked for as a function app asks for it. */
function botTokenFrom(identity: Identity): (scope: string) => Promise<string> {
  process.env['IDENTITY_ENDPOINT'] = identity.msiEndpoint;
  process.env['IDENTITY_HEADER'] = identity.msiHeader;
  const credential = new ManagedIdentityCredential({ clientId: botAppId });
  return async (scope) => (await credential.getToken(scope)).token;
}

function logInto(logged: string[]): TeamsEndpointDeps['log'] {
  const write = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    logged.push(`${message} ${String(fields['code'] ?? '')}`.trim());
  };
  return { info: write, warn: write, error: write };
}

async function listen(endpoint: () => Endpoint | undefined): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const { authorization } = incoming.headers;
      void endpoint()?.({ headers: { authorization }, body: Buffer.concat(parts) }).then(({ status, body }) => {
        outgoing.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? undefined : JSON.stringify(body));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP port.');
  return address.port;
}
