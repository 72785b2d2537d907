import { z } from 'zod';
import { list, orNothing } from './values.ts';

/** Which hosts are vaults of this cloud, and who may ask for a token there. */
export type KeyVaultSettings = {
  /** What follows the name of a vault: `.vault.azure.net`, with a port only on this machine. */
  readonly suffix: string;
  /** Origins that a vault may name as those where its tokens come from. */
  readonly authorities: readonly string[];
  /** Canonical addresses of those that health asks after; any other vault may be used all the same. */
  readonly watched: readonly string[];
};

/** At least two labels, so that nobody's own top-level name is one; a port only where the name can be no other machine's. */
const vaultSuffix = z
  .string()
  .regex(/^(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?){2,}$|^(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+\.localhost:\d{1,5}$/, 'must be as .vault.azure.net');

/** Each is asked a question whenever health is asked for. */
const maxWatchedVaults = 20;

export const keyVault = z.object({
  COUNTERSIGN_VAULT_SUFFIX: vaultSuffix.default('.vault.azure.net'),
  COUNTERSIGN_WATCHED_VAULTS: orNothing(
    list.pipe(
      z
        .array(
          z
            .string()
            .regex(/^[!-~]{1,300}$/, 'must be addresses')
            .toLowerCase(),
        )
        .max(maxWatchedVaults, `must not be more than ${maxWatchedVaults}`),
    ),
  ),
});

/** Every problem that only two settings together show. */
export function checkWatched(
  settings: { readonly COUNTERSIGN_WATCHED_VAULTS?: readonly string[] | undefined; readonly COUNTERSIGN_VAULT_SUFFIX: string },
  context: z.RefinementCtx,
): void {
  const suffix = settings.COUNTERSIGN_VAULT_SUFFIX;
  const isVault = (address: string) =>
    address.endsWith(suffix) && /^https:\/\/[a-z][a-z0-9-]{1,22}[a-z0-9]$/.test(address.slice(0, -suffix.length));
  if (settings.COUNTERSIGN_WATCHED_VAULTS?.every(isVault) === false)
    context.addIssue({ code: 'custom', path: ['COUNTERSIGN_WATCHED_VAULTS'], message: `must be as https://NAME${suffix}` });
}

/** Vaults of the public cloud name Entra ID by its former host. */
export function vaultAuthorities(authorityHost: string): readonly string[] {
  const { origin } = new URL(authorityHost);
  return origin === 'https://login.microsoftonline.com' ? [origin, 'https://login.windows.net'] : [origin];
}
