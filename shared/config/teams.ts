import { z } from 'zod';
import { guid, list, serviceUrl } from './values.ts';

/** Where the bot is, and who may speak to it. */
export type TeamsSettings = {
  readonly botAppId: string;
  readonly issuer: string;
  readonly openIdMetadataUrl: string;
  readonly serviceUrls: readonly [string, ...string[]];
};

export const approvals = z.object({
  COUNTERSIGN_BOT_APP_ID: guid,
  COUNTERSIGN_BOT_ISSUER: z.string().min(1).default('https://api.botframework.com'),
  COUNTERSIGN_BOT_OPENID_METADATA_URL: serviceUrl
    .refine((text) => text.endsWith('/openidconfiguration'), 'must end in /openidconfiguration')
    .default('https://login.botframework.com/v1/.well-known/openidconfiguration'),
  COUNTERSIGN_TEAMS_SERVICE_URLS: list.pipe(z.tuple([serviceUrl], serviceUrl)),
});

export function teamsOf(settings: z.output<typeof approvals>): TeamsSettings {
  return {
    botAppId: settings.COUNTERSIGN_BOT_APP_ID,
    issuer: settings.COUNTERSIGN_BOT_ISSUER,
    openIdMetadataUrl: settings.COUNTERSIGN_BOT_OPENID_METADATA_URL,
    serviceUrls: settings.COUNTERSIGN_TEAMS_SERVICE_URLS,
  };
}
