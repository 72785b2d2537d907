import { join } from 'node:path';
import { approversConversationId, teamsUser } from './conversation.ts';
import { type Playground, startPlayground } from './playground.ts';
import { type SigningProxy, startSigningProxy } from './signing-proxy.ts';

export type TeamsOptions = {
  /** Of the first page; the second takes the next port. 0 takes free ports. */
  readonly playgroundPort: number;
  /** 0 takes a free port. */
  readonly proxyPort: number;
  readonly directory: string;
  /** The bot's messaging endpoint on loopback. */
  readonly botEndpoint: string;
  /** Without pages nobody sees the posts: they are taken, kept and can be replaced as ever. Pages are there unless told otherwise. */
  readonly withPages?: boolean;
  /** Of the tokens by which the bot posts. */
  readonly botTokenJwksUri: string;
  readonly botTokenIssuer: string;
};

/** What one person sees of Teams. */
export type TeamsPage = { readonly person: string; readonly address: string };

export type Teams = {
  /** The first approver's page; where there are no pages, the service behind them. */
  readonly address: string;
  /** A page for each approver: a Playground acts as one person only. */
  readonly pages: readonly TeamsPage[];
  readonly serviceUrl: string;
  readonly issuer: string;
  readonly jwksUri: string;
  readonly openIdMetadataUrl: string;
  readonly conversationId: string;
  readonly stop: () => Promise<void>;
};

/** Whose pages there are, by their names in the seed. */
const pageOwners = ['approver-1', 'approver-2'] as const;

/** Starts Teams as far as approvers need it: a page for each of them, and the signing proxy between the pages and the bot. */
export async function startTeams(options: TeamsOptions): Promise<Teams> {
  requireLoopback(options.botEndpoint);
  const { botEndpoint, botTokenIssuer, botTokenJwksUri } = options;
  const keyDirectory = join(options.directory, 'signing-proxy');
  const proxy = await startSigningProxy({ port: options.proxyPort, directory: keyDirectory, botEndpoint, botTokenIssuer, botTokenJwksUri });
  const started: Playground[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((page) => page.stop()));
    await proxy.stop();
  };
  try {
    for (const [index, owner] of (options.withPages === false ? [] : pageOwners).entries())
      started.push(await startPage(options, owner, index, proxy));
  } catch (error) {
    await stop();
    throw error;
  }
  const pages = started.map((page) => ({ person: page.owner.seedName, address: page.address }));
  const { serviceUrl, issuer, jwksUri, openIdMetadataUrl } = proxy;
  const address = pages[0]?.address ?? serviceUrl;
  return { address, pages, serviceUrl, issuer, jwksUri, openIdMetadataUrl, conversationId: approversConversationId, stop };
}

async function startPage(options: TeamsOptions, owner: string, index: number, proxy: SigningProxy): Promise<Playground> {
  const endpoint = proxy.reserveEndpoint();
  const page = await startPlayground({
    port: options.playgroundPort === 0 ? 0 : options.playgroundPort + index,
    directory: join(options.directory, `playground-${owner}`),
    owner: teamsUser(owner),
    endpoint: endpoint.url,
    serviceUrl: proxy.serviceUrl,
  });
  endpoint.assign(page);
  return page;
}

/** Signed activities are worth something: they go nowhere but to this machine. */
function requireLoopback(url: string): void {
  const host = URL.parse(url)?.hostname;
  if (host !== '127.0.0.1' && host !== 'localhost') throw new Error('The bot endpoint must be on loopback.');
}
