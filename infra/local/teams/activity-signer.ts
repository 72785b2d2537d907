import { SignJWT } from 'jose';
import { openSigningKeys, signingAlgorithm } from '../identity/signing-keys.ts';
import { jsonAnswer, type LocalAnswer } from '../loopback-server.ts';
import { botAppId } from '../seed.ts';

/** Signs as the Bot Connector does, and publishes the keys as the Bot Framework does. */
export type ActivitySigner = {
  /** `Bearer …` for an activity that comes from the given service URL. */
  readonly authorizationFor: (serviceUrl: string) => Promise<string>;
  readonly openIdConfiguration: () => LocalAnswer;
  readonly keys: () => LocalAnswer;
};

export type SignerAddresses = { readonly issuer: string; readonly jwksUri: string };

const lifetimeSeconds = 10 * 60;

/** The signing key is kept in the directory (0600), so that a bot that has read the keys goes on trusting them after a restart. */
export async function openActivitySigner(directory: string, addressesAt: () => SignerAddresses): Promise<ActivitySigner> {
  const keys = await openSigningKeys(directory, 'bot-framework');
  return {
    authorizationFor: async (serviceUrl) => {
      const { kid, privateKey } = keys.active();
      const token = await new SignJWT({ serviceurl: serviceUrl })
        .setProtectedHeader({ alg: signingAlgorithm, kid, typ: 'JWT' })
        .setIssuer(addressesAt().issuer)
        .setAudience(botAppId)
        .setNotBefore('0s')
        .setExpirationTime(`${lifetimeSeconds}s`)
        .sign(privateKey);
      return `Bearer ${token}`;
    },
    openIdConfiguration: () => {
      const { issuer, jwksUri } = addressesAt();
      return jsonAnswer(200, {
        issuer,
        jwks_uri: jwksUri,
        id_token_signing_alg_values_supported: [signingAlgorithm],
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
      });
    },
    keys: () => jsonAnswer(200, { keys: keys.publicKeys().keys.map((key) => ({ ...key, endorsements: ['msteams'] })) }),
  };
}
