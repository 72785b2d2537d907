import { commandLineClients } from '../shared/config/api.ts';
import { type Config, ConfigError } from '../shared/config.ts';
import type { OidcIssuer } from '../shared/ports/trusted-issuer.ts';

/**
 * By the issuer that records name, the client applications whose tokens for people count. Throws {@link ConfigError} where one is a command line, which an agent on
 * a person's machine could use.
 */
export function personClientsOf(api: Config['api'], issuers: readonly OidcIssuer[]): ReadonlyMap<string, ReadonlySet<string>> {
  const ofTenant = api.issuers.map(({ authority }) => [authority, new Set(api.personClients)] as const);
  const ofOthers = issuers.map(({ issuer, callers }) => {
    return [issuer, new Set(callers.flatMap((rule) => (rule.kind === 'person' ? rule.clients : [])))] as const;
  });
  for (const [issuer, clients] of ofOthers) {
    if ([...clients].some((id) => commandLineClients.has(id.toLowerCase()))) {
      throw new ConfigError([`issuers.json: people of ${issuer} must not count through a command-line client`]);
    }
  }
  return new Map([...ofTenant, ...ofOthers]);
}
