import type { HttpHeaders } from '@azure/core-rest-pipeline';
import { isVaultOf } from '../../domain/secrets/vault-address.ts';

export type VaultSiteOptions = {
  /** What follows the name of a vault: `.vault.azure.net`, with a port only on this machine. */
  readonly suffix: string;
  /** Origins that a vault may name as those where its tokens come from. */
  readonly authorities: readonly string[];
  readonly tenantId: string;
};

/** Which hosts are vaults of this cloud, and what one of them may ask for. */
export type VaultSite = {
  /** The only resource that a token is asked for: what is above every vault, `https://vault.azure.net`. */
  readonly resource: string;
  readonly isVault: (address: string) => boolean;
  /** Whether a challenge names our tenant at an authority of ours, and exactly the resource; any other gets nothing. */
  readonly isOwnChallenge: (headers: HttpHeaders) => boolean;
};

/** What a token for the vaults below a suffix is asked for: `https://vault.azure.net`. */
export function vaultResourceOf(suffix: string): string {
  return `https://${suffix.slice(1).replace(/:\d+$/, '')}`;
}

export function vaultSite({ suffix, authorities, tenantId }: VaultSiteOptions): VaultSite {
  const resource = vaultResourceOf(suffix);
  return {
    resource,
    isVault: (address) => isVaultOf(address, suffix),
    isOwnChallenge: (headers) => {
      const header = headers.get('www-authenticate') ?? '';
      const authority = URL.parse(parameterOf(header, 'authorization') ?? '');
      return (
        authority !== null &&
        authorities.includes(authority.origin) &&
        authority.pathname.toLowerCase() === `/${tenantId}` &&
        parameterOf(header, 'resource') === resource
      );
    },
  };
}

/** The value of a parameter that comes exactly once: of two, nobody could say which one the client takes. */
function parameterOf(header: string, name: string): string | undefined {
  const found = [...header.matchAll(new RegExp(`(?:^|[ ,])${name}="([^"]*)"`, 'gi'))];
  return found.length === 1 ? found[0]?.[1] : undefined;
}
