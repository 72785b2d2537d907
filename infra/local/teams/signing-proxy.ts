import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { equalInConstantTime } from '../../../shared/domain/digest.ts';
import { jsonAnswer, type LocalAnswer, type LocalRequest, startLoopbackServer } from '../loopback-server.ts';
import { type ActivitySigner, openActivitySigner } from './activity-signer.ts';
import { type BotTokenCheck, makeBotTokenCheck } from './bot-token.ts';
import { type Connector, makeConnector } from './connector.ts';
import { type DeliveryDeps, deliverActivity } from './from-playground.ts';
import type { Playground } from './playground.ts';
import { PostedCards } from './posted-cards.ts';
import { Threads } from './threads.ts';

export type SigningProxyOptions = {
  /** 0 takes a free port. */
  readonly port: number;
  /** Where the signing key is kept. */
  readonly directory: string;
  readonly botEndpoint: string;
  readonly botTokenIssuer: string;
  readonly botTokenJwksUri: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
};

export type SigningProxy = {
  /** Base of the connector API: what activities name as their service URL. */
  readonly serviceUrl: string;
  readonly issuer: string;
  readonly jwksUri: string;
  readonly openIdMetadataUrl: string;
  /** An address that one Playground alone is told; whoever does not know it gets nothing signed. */
  readonly reserveEndpoint: () => ReservedEndpoint;
  readonly stop: () => Promise<void>;
};

export type ReservedEndpoint = { readonly url: string; readonly assign: (page: Playground) => void };

type Reserved = { readonly secret: string; page: Playground | undefined };

type Site = {
  readonly signer: ActivitySigner;
  readonly connector: Connector;
  readonly isBot: BotTokenCheck;
  readonly reserved: readonly Reserved[];
  readonly delivery: DeliveryDeps;
};

const bodyLimitBytes = 256 * 1024;
const metadataPath = '/botframework/v1/.well-known/openidconfiguration';
const keysPath = '/botframework/v1/.well-known/keys';
const connectorPath = '/connector';

/** Stands between the Playgrounds and the bot, on loopback only: as the Bot Connector towards the bot, as the bot towards the Playgrounds. */
export async function startSigningProxy(options: SigningProxyOptions): Promise<SigningProxy> {
  let address = '';
  const addresses = () => ({ issuer: `${address}/botframework`, jwksUri: `${address}${keysPath}` });
  const signer = await openActivitySigner(options.directory, addresses);
  const posts = new PostedCards(options.now ?? Date.now, join(options.directory, 'posted-cards.json'));
  const threads = new Threads(posts);
  const pages: Playground[] = [];
  const reserved: Reserved[] = [];
  const connector = makeConnector(pages, posts, threads);
  const isBot = makeBotTokenCheck(options.botTokenIssuer, options.botTokenJwksUri);
  const { botEndpoint } = options;
  const server = await startLoopbackServer({
    port: options.port,
    bodyLimitBytes,
    makeHandlers: (port) => {
      address = `http://127.0.0.1:${port}`;
      const delivery = { signer, threads, botEndpoint, serviceUrl: `${address}${connectorPath}`, onPageOpened: connector.showAgain };
      return {
        handle: (request) => route(request, { signer, connector, isBot, reserved, delivery }),
        refuseTooLarge: () => jsonAnswer(413, { error: { code: 'MessageSizeTooBig', message: 'The activity is over 256 KiB.' } }),
      };
    },
  });
  return {
    serviceUrl: `${address}${connectorPath}`,
    ...addresses(),
    openIdMetadataUrl: `${address}${metadataPath}`,
    reserveEndpoint: () => {
      const entry: Reserved = { secret: randomBytes(32).toString('base64url'), page: undefined };
      reserved.push(entry);
      return {
        url: `${address}/from/${entry.secret}`,
        assign: (page) => {
          entry.page = page;
          pages.push(page);
        },
      };
    },
    stop: server.stop,
  };
}

async function route(request: LocalRequest, site: Site): Promise<LocalAnswer> {
  const path = request.rawUrl.split('?')[0] ?? '';
  if (request.method === 'GET' && path === metadataPath) return site.signer.openIdConfiguration();
  if (request.method === 'GET' && path === keysPath) return site.signer.keys();
  if (path.startsWith(`${connectorPath}/`)) return await routeConnector(request, path.slice(connectorPath.length), site);
  const secret = /^\/from\/([A-Za-z0-9_-]+)$/.exec(path)?.[1];
  const entry = secret === undefined ? undefined : site.reserved.find((candidate) => equalInConstantTime(candidate.secret, secret));
  if (entry === undefined) return jsonAnswer(404, { error: { code: 'NotFound', message: 'There is nothing at this path.' } });
  // The Playground asks with a GET whether anybody is there.
  if (request.method !== 'POST') return jsonAnswer(200, {});
  if (entry.page === undefined) return jsonAnswer(503, { error: { code: 'NotReady', message: 'The Playground is still starting.' } });
  return await deliverActivity(entry.page, request.body, site.delivery);
}

async function routeConnector(request: LocalRequest, path: string, site: Site): Promise<LocalAnswer> {
  if (!(await site.isBot(request.headers.authorization))) {
    return jsonAnswer(401, { message: 'Authorization has been denied for this request.' });
  }
  return await site.connector.answer(request, path);
}
