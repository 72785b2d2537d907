import { type Assessment, type TargetFacts, worst } from '../assessment.ts';
import type { SecretRequest } from '../secrets/secret-request.ts';
import type { SecretState, VaultFacts } from '../secrets/secret-state.ts';
import { environmentOf } from './environment.ts';
import { factorOf } from './rule.ts';
import { generalRows } from './tables.ts';
import { secretFactors } from './vault-secrets.ts';

/** What was read before a call of a vault's secrets is judged: of the scopes that hold the vault, of the vault, and of the secret. */
export type SecretFacts = {
  readonly scopes: TargetFacts;
  readonly vault: VaultFacts;
  /** Undefined for what is about the whole vault. */
  readonly state: SecretState | undefined;
};

/** Classifies one call of a vault's secrets by the table and by what was read. Pure. A vault that was not found is in production. */
export function assessSecret(request: SecretRequest, { scopes, vault, state }: SecretFacts): Assessment {
  const { environment, evidence } = environmentOf(scopes);
  const found = secretFactors({ request, environment, vault, state, readAt: scopes.readAt });
  const changes = request.method !== 'list' && request.method !== 'get';
  const factors =
    changes && environment === 'production' ? [...found, factorOf(generalRows.touchesProduction, environment, evidence)] : found;
  return { level: factors.map(({ level }) => level).reduce(worst, 'low'), environment, factors };
}
