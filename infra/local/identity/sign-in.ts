import { z } from 'zod';
import { apiAudience, consoleClientId } from '../seed.ts';
import { azureResource, commandLineClientId, graphResource } from './access-tokens.ts';
import { type Credential, readCredentials } from './credentials.ts';
import { tokenEndpointAt } from './discovery.ts';

export type SignInOptions = {
  readonly identityAddress: string;
  /** The identity stand-in's `credentials.json`. */
  readonly credentialsPath: string;
};

/** Whose token it is to be: the API's, through the console; or Azure Resource Manager's or Microsoft Graph's, through Azure CLI, as only people get them. */
export type SignInFor = 'api' | 'azure' | 'graph';

const audiences: Readonly<Record<SignInFor, string>> = { api: apiAudience, azure: azureResource, graph: graphResource };

const tokenAnswer = z.object({ access_token: z.string() });
const refusalAnswer = z.object({ error: z.string(), error_description: z.string() });

/**
 * An access token, for the API unless another is asked for, as a seeded agent (client credentials) or person (password) gets it from the token endpoint.
 * Throws where nobody of that name is seeded, and with the endpoint's own words where it refuses.
 */
export async function signIn(
  name: string,
  { identityAddress, credentialsPath }: SignInOptions,
  resource: SignInFor = 'api',
): Promise<string> {
  const credential = readCredentials(credentialsPath).get(name);
  const form = credential === undefined ? undefined : grantForm(credential, resource);
  if (form === undefined) {
    throw new Error(`No agent and no person is called "${name}" in ${credentialsPath}.`);
  }
  const response = await fetch(tokenEndpointAt(identityAddress), { method: 'POST', body: new URLSearchParams(form) });
  const body: unknown = await response.json();
  if (!response.ok) {
    const refusal = refusalAnswer.parse(body);
    throw new Error(`"${name}" was refused a token: ${refusal.error}: ${refusal.error_description}`);
  }
  return tokenAnswer.parse(body).access_token;
}

function grantForm(credential: Credential, resource: SignInFor): Readonly<Record<string, string>> | undefined {
  const scope = `${audiences[resource]}/.default`;
  switch (credential.kind) {
    case 'agent':
      return { grant_type: 'client_credentials', client_id: credential.clientId, client_secret: credential.clientSecret, scope };
    case 'person':
      return {
        grant_type: 'password',
        client_id: resource === 'api' ? consoleClientId : commandLineClientId,
        username: credential.username,
        password: credential.password,
        scope,
      };
    case 'administrator':
    case 'functions':
      return undefined;
  }
}
