import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { botAppId } from '../seed.ts';

/** What the Bot Connector's tokens are for; Entra writes it with or without the final slash, as it was asked for. */
const audiences = ['https://api.botframework.com', 'https://api.botframework.com/'];
const toleranceSeconds = 60;

export type BotTokenCheck = (authorization: string | undefined) => Promise<boolean>;

/** Makes the check that a call of the connector API comes from our bot: a token of the tenant, for the Bot Connector, of the bot's own identity. */
export function makeBotTokenCheck(issuer: string, jwksUri: string): BotTokenCheck {
  const keys = createRemoteJWKSet(new URL(jwksUri));
  return async (authorization) => {
    const token = /^Bearer ([^ ]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return false;
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['RS256'],
        issuer,
        audience: audiences,
        clockTolerance: toleranceSeconds,
        requiredClaims: ['exp'],
      });
      return (payload['azp'] ?? payload['appid']) === botAppId;
    } catch (error) {
      if (error instanceof errors.JOSEError) return false;
      throw error;
    }
  };
}
