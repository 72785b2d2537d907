import { PUBLIC, withOverrides } from '@microsoft/teams.api';
import { App, type AppOptions, type IPlugin } from '@microsoft/teams.apps';
import { z } from 'zod';

export type TeamsBotSettings = {
  /** Application (client) id of the bot; with a user-assigned managed identity, that identity's client id. */
  readonly botAppId: string;
  readonly tenantId: string;
  /** Where proactive messages go, as `https://smba.trafficmanager.net/emea/{tenant}`. */
  readonly serviceUrl: string;
  /** `iss` of the Bot Connector's tokens. */
  readonly issuer: string;
  /** Ends in `/openidconfiguration`; the SDK reads the keys at the same address ending in `/keys`. */
  readonly openIdMetadataUrl: string;
  /** A token of the bot for the scope (`https://api.botframework.com/.default`). */
  readonly token: (scope: string) => Promise<string>;
};

export type RoutedAnswer = { readonly status: number; readonly body?: unknown };

/** The Teams SDK's application, and the one route that it registers: what an HTTP server would call with a delivered activity. */
export type TeamsBot = {
  readonly app: App;
  readonly deliver: (body: unknown, authorization: string) => Promise<RoutedAnswer>;
};

type Route = (request: { body: unknown; headers: Record<string, string> }) => Promise<RoutedAnswer>;

const requestTimeoutMs = 10_000;

/** Makes the SDK's application without any setting taken from the environment, without its logs (which hold activities) and with its own token check on. */
export function makeTeamsBot(settings: TeamsBotSettings): TeamsBot {
  let route: Route | undefined;
  const options: AppOptions<IPlugin> = {
    clientId: settings.botAppId,
    // An empty secret keeps the SDK from picking up CLIENT_SECRET of the environment, which would win over `token`.
    clientSecret: '',
    tenantId: settings.tenantId,
    token: (scope) => settings.token(z.string().parse(scope)),
    cloud: withOverrides(PUBLIC, { tokenIssuer: settings.issuer, openIdMetadataUrl: settings.openIdMetadataUrl }),
    serviceUrl: settings.serviceUrl,
    client: { timeout: requestTimeoutMs, interceptors: [{ request: ({ config }) => ({ ...config, maxRedirects: 0, proxy: false }) }] },
    dangerouslyAllowUnauthenticatedRequests: false,
    logger: silentLogger,
    httpServerAdapter: {
      registerRoute: (_method, _path, handler) => {
        route = handler;
      },
    },
  };
  const app = new App(options);
  return {
    app,
    deliver: async (body, authorization) => {
      await app.initialize();
      if (route === undefined) throw new Error('The Teams SDK registered no route.');
      return await route({ body, headers: { authorization } });
    },
  };
}

type Silent = NonNullable<AppOptions<IPlugin>['logger']>;

/** The SDK logs activities and tokens' contents; what may be logged, our own code logs. */
const silentLogger: Silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  trace: () => undefined,
  log: () => undefined,
  child: () => silentLogger,
};
