import type { TokenCredential } from '@azure/core-auth';
import { ManagedIdentityCredential } from '@azure/identity';
import { type Tier, tiers } from '../../domain/access/tiers.ts';
import { instantFromEpochMs } from '../../domain/instant.ts';
import { AzureError, type Credential, type CredentialBroker } from '../../ports/azure.ts';
import type { Clock } from '../../ports/system.ts';

export type ManagedIdentityBrokerOptions = {
  /** Client id of the user-assigned identity of each tier that this function app holds; a tier without one is refused. */
  readonly clientIds: Readonly<Partial<Record<Tier, string>>>;
  /** `https://management.azure.com/.default` unless this is a national cloud. */
  readonly scope?: string;
  readonly clock: Clock;
  readonly makeCredential?: (clientId: string) => TokenCredential;
};

const publicScope = 'https://management.azure.com/.default';
const deadlineMs = 20_000;

/**
 * Credentials of one user-assigned managed identity per privilege tier. The tokens are the platform's: they expire by themselves and cannot be revoked.
 * Throws RangeError where two tiers share an identity.
 */
export function makeManagedIdentityBroker({
  clientIds,
  scope = publicScope,
  clock,
  makeCredential = managedIdentity,
}: ManagedIdentityBrokerOptions): CredentialBroker {
  const held = new Map<Tier, { readonly clientId: string; readonly credential: TokenCredential }>();
  for (const tier of tiers) {
    const clientId = clientIds[tier];
    if (clientId === undefined) continue;
    if ([...held.values()].some((other) => other.clientId === clientId))
      throw new RangeError('Each privilege tier needs an identity of its own.');
    held.set(tier, { clientId, credential: makeCredential(clientId) });
  }
  return {
    obtain: async (tier): Promise<Credential> => {
      const identity = held.get(tier);
      if (identity === undefined) throw new AzureError('credentialRefused', `This function app holds no identity of the tier ${tier}.`);
      const { token, expiresOnTimestamp } = await getToken(identity.credential, scope, tier);
      const expiresAt = instantFromEpochMs(expiresOnTimestamp);
      if (expiresAt <= clock.now()) throw new AzureError('credentialRefused', `The credential of the tier ${tier} has expired already.`);
      return { tier, identity: identity.clientId, token, expiresAt };
    },
  };
}

function managedIdentity(clientId: string): TokenCredential {
  return new ManagedIdentityCredential({ clientId, retryOptions: { maxRetries: 2 } });
}

async function getToken(credential: TokenCredential, scope: string, tier: Tier): Promise<{ token: string; expiresOnTimestamp: number }> {
  let token: Awaited<ReturnType<TokenCredential['getToken']>>;
  try {
    token = await credential.getToken(scope, { abortSignal: AbortSignal.timeout(deadlineMs) });
  } catch (error) {
    throw new AzureError('credentialRefused', `There is no credential for the tier ${tier}.`, { cause: error });
  }
  if (token === null) throw new AzureError('credentialRefused', `There is no credential for the tier ${tier}.`);
  return token;
}
