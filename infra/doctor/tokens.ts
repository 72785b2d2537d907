import { AzureCliCredential, DeviceCodeCredential, type TokenCredential } from '@azure/identity';
import type { Endpoints } from '../local/endpoints.ts';
import { type SignInFor, signIn } from '../local/identity/sign-in.ts';
import { apiScope } from './check-health.ts';
import type { Deployment } from './deployment.ts';
import type { Tokens } from './site.ts';

/** Where a token for the API can be put by whoever has one already. */
export const tokenVariable = 'COUNTERSIGN_TOKEN';

/** On this machine, those of the auditor, who may read Azure, too. */
export function localTokens({ identity, credentials }: Pick<Endpoints, 'identity' | 'credentials'>): Tokens {
  const as = (resource: SignInFor) => signIn('auditor', { identityAddress: identity, credentialsPath: credentials }, resource);
  return { forApi: once(() => as('api')), forAzure: once(() => as('azure')), forGraph: once(() => as('graph')) };
}

/**
 * For Azure and Microsoft Graph, those of whoever is signed in to Azure CLI. For the API never those, which it does not take: the operator signs in through the
 * application that may only read, or brings a token.
 */
export function operatorTokens(
  { audience, azure, graph, auditClientId, tenantId }: Deployment,
  given: string | undefined,
  say: (line: string) => void,
): Tokens {
  const cli = new AzureCliCredential({ tenantId });
  return {
    forAzure: once(() => tokenOf(cli, `${azure}/.default`, 'Sign in with az login, to the tenant and the cloud of the deployment.')),
    forGraph: once(() =>
      tokenOf(cli, `${new URL(graph).origin}/.default`, 'Sign in with az login, as a member of the tenant of the deployment.'),
    ),
    forApi: once(async () => {
      if (given !== undefined && given !== '') return given;
      const device = new DeviceCodeCredential({ tenantId, clientId: auditClientId, userPromptCallback: ({ message }) => say(message) });
      const remedy = `Sign in as it asks, or put a token for ${audience} into ${tokenVariable}; the application ${auditClientId} must allow public client flows.`;
      return await tokenOf(device, apiScope({ audience }), remedy);
    }),
  };
}

/** What the libraries say of a failure may hold tokens, so only what to do is told. */
async function tokenOf(credential: TokenCredential, scope: string, remedy: string): Promise<string> {
  const got = await credential.getToken(scope).catch(() => null);
  if (got === null) throw new Error(remedy);
  return got.token;
}

function once(get: () => Promise<string>): () => Promise<string> {
  let asked: Promise<string> | undefined;
  return () => {
    asked ??= get();
    return asked;
  };
}
