import type { Clock, Log } from '../../ports/system.ts';
import { type EntraIssuer, signatureAlgorithms, type TrustedIssuer } from '../../ports/trusted-issuer.ts';
import { isGuid } from './guid.ts';
import { makePublishedKeys, type PublishedKeys } from './published-keys.ts';

/** A trusted issuer and where its keys come from. */
export type IssuerWithKeys = { readonly trusted: TrustedIssuer; readonly keys: PublishedKeys };

/** Throws RangeError where the configuration could not verify anything, or could verify too much. */
export function withKeys(trusted: TrustedIssuer, { clock, log }: { readonly clock: Clock; readonly log: Log }): IssuerWithKeys {
  const { issuer, audiences, algorithms, jwksUri } = trusted;
  if (issuer === '') throw new RangeError('A trusted issuer needs its name.');
  if (audiences.length === 0 || audiences.includes('')) throw new RangeError(`The issuer ${issuer} needs audiences.`);
  if (algorithms.length === 0 || algorithms.some((name) => !signatureAlgorithms.includes(name))) {
    throw new RangeError(`The algorithms of ${issuer} must be some of ${signatureAlgorithms.join(', ')}.`);
  }
  if (trusted.kind === 'entra') requireTenant(trusted);
  // Whoever could speak for a tenant of Entra ID could speak for the agents that are registered in it.
  else if (trusted.tenantId === '' || isGuid(trusted.tenantId)) throw new RangeError(`The issuer ${issuer} needs a name that is no GUID.`);
  return { trusted, keys: makePublishedKeys({ jwksUri, clock, log }) };
}

function requireTenant({ issuer, tenantId, authority }: EntraIssuer): void {
  if (!isGuid(tenantId)) throw new RangeError(`The tenant of ${issuer} is not a GUID in lower case.`);
  if (!issuer.includes(tenantId) || authority === '') throw new RangeError(`The issuer ${issuer} is not one of its tenant.`);
}
