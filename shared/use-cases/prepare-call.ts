import { tierOf } from '../domain/access/tier-of.ts';
import type { Tier } from '../domain/access/tiers.ts';
import type { EventDetail } from '../domain/event.ts';
import { plusMs } from '../domain/instant.ts';
import { AzureError, type Credential, type CredentialBroker } from '../ports/azure.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import type { ExecutionPace } from './execution-pace.ts';
import type { SecretsInUse } from './use-secrets.ts';
import type { VerifiedClaim } from './verify-claim.ts';
import { giveBack, type WriteClaimedDeps, writeClaimedAndRead } from './write-claimed.ts';

export type PrepareCallDeps = WriteClaimedDeps & {
  readonly broker: CredentialBroker;
  /** Tokens of the same identities for Key Vault. */
  readonly vaultCalls: { readonly broker: CredentialBroker };
  readonly pace: ExecutionPace;
};

/** A call that may now be made: its intent is durable. */
export type PreparedCall = { readonly stored: StoredOperation; readonly credential: Credential };

/** Obtains the credential and makes the intent durable; after this the call may have happened. */
export async function prepareCall(
  deps: PrepareCallDeps,
  claimed: StoredOperation,
  { request, before }: VerifiedClaim,
  secrets: SecretsInUse,
): Promise<PreparedCall | undefined> {
  const tier = tierOf(request, claimed.operation.assessment);
  const broker = request.kind === 'arm' ? deps.broker : deps.vaultCalls.broker;
  const credential = await obtain({ ...deps, broker }, claimed, tier);
  if (credential === undefined) return undefined;
  const values = secrets.credential === undefined ? [] : [issued('secrets', secrets.credential)];
  const used = secrets.used.length === 0 ? {} : { secretsUsed: secrets.used };
  const stored = await writeClaimedAndRead(deps, claimed, [
    ...values,
    issued(tier, credential),
    { kind: 'callStarted', digest: claimed.operation.digest, leaseUntil: plusMs(deps.clock.now(), deps.pace.leaseMs), before, ...used },
  ]);
  return stored === undefined ? undefined : { stored, credential };
}

function issued(tier: Tier, { identity, expiresAt }: Credential): EventDetail {
  return { kind: 'credentialIssued', tier, identity, expiresAt };
}

async function obtain(deps: PrepareCallDeps, claimed: StoredOperation, tier: Tier): Promise<Credential | undefined> {
  try {
    return await deps.broker.obtain(tier, claimed.operation.id);
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    await giveBack(deps, claimed, 'No credential could be had.');
    return undefined;
  }
}
