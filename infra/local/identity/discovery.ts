import { tenantId } from '../seed.ts';
import { signingAlgorithm } from './signing-keys.ts';

/** The issuer of v2 tokens at this address, as Entra names it. */
export function issuerAt(address: string): string {
  return `${address}/${tenantId}/v2.0`;
}

export function tokenEndpointAt(address: string): string {
  return `${address}/${tenantId}/oauth2/v2.0/token`;
}

export function jwksUriAt(address: string): string {
  return `${address}/${tenantId}/discovery/v2.0/keys`;
}

/** OpenID Connect Discovery 1.0 metadata, of what exists here. */
export function openIdConfiguration(address: string): Readonly<Record<string, unknown>> {
  return {
    issuer: issuerAt(address),
    token_endpoint: tokenEndpointAt(address),
    jwks_uri: jwksUriAt(address),
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    grant_types_supported: ['client_credentials', 'password'],
    response_types_supported: ['token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: [signingAlgorithm],
    claims_supported: [
      'sub',
      'iss',
      'aud',
      'exp',
      'iat',
      'nbf',
      'oid',
      'tid',
      'azp',
      'azpacr',
      'idtyp',
      'roles',
      'scp',
      'name',
      'preferred_username',
      'ver',
      'uti',
    ],
  };
}
