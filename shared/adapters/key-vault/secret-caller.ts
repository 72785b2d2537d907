import type { TokenCredential } from '@azure/core-auth';
import type { SecretClient } from '@azure/keyvault-secrets';
import { epochMsOf } from '../../domain/instant.ts';
import { property } from '../../domain/json.ts';
import type { SecretRequest } from '../../domain/secrets/secret-request.ts';
import { SecretText } from '../../domain/secrets/secret-text.ts';
import type { Credential } from '../../ports/azure.ts';
import type { KeptProperties, SecretAnswer, SecretCaller, SecretOutcome, SecretValueOutcome } from '../../ports/key-vault.ts';
import type { Clock } from '../../ports/system.ts';
import { outcomeOf, requestIdOf } from './effect-outcome.ts';
import { deletedOf, propertiesOf } from './secret-bundle.ts';
import { readSecrets, readVersions } from './secret-pages.ts';
import { jsonOf } from './vault-answer.ts';
import { type Answered, type Conversation, converse } from './vault-conversation.ts';
import { type VaultSite, type VaultSiteOptions, vaultSite } from './vault-site.ts';

export type SecretCallerOptions = VaultSiteOptions & {
  readonly clock: Clock;
  /** How long one call may take, the challenge and the answer included. */
  readonly timeoutMs?: number;
};

type Call = Pick<Conversation, 'method' | 'path'> & {
  readonly talk: (client: SecretClient) => Promise<unknown>;
  readonly answerOf: (answered: Answered) => SecretAnswer | undefined;
};
type Effect = Exclude<SecretRequest, { method: 'list' | 'get' }>;

/** The executor's hand in Key Vault. */
export function makeSecretCaller({ clock, timeoutMs = 60_000, ...options }: SecretCallerOptions): SecretCaller {
  const site = vaultSite(options);
  return {
    callOnce: async (request, credential, clientRequestId, kept) => {
      const refusal = refusalToSend(site, request.vault, credential);
      if (refusal !== undefined) return { kind: 'notSent', reason: refusal };
      const { vault } = request;
      const asking = { vault, getToken: tokenOf(credential), clientRequestId, timeoutMs };
      switch (request.method) {
        case 'list':
          return await readSecrets(site, asking, clock);
        case 'get':
          return await getProperties(site, asking, request, clock);
        case 'set':
        case 'delete':
        case 'recover':
        case 'purge': {
          const { method, path, talk, answerOf } = callOf(request, kept);
          return outcomeOf(await converse(site, { ...asking, method, path }, talk), clock, answerOf);
        }
      }
    },
    readValue: async (vault, name, version, credential) => {
      const refusal = refusalToSend(site, vault, credential) ?? refusalOfNames(name, version);
      if (refusal !== undefined) return { kind: 'unreadable', reason: refusal };
      const path = version === undefined ? `/secrets/${name}` : `/secrets/${name}/${version}`;
      const asking: Conversation = {
        vault,
        method: 'GET',
        path,
        getToken: tokenOf(credential),
        clientRequestId: crypto.randomUUID(),
        timeoutMs,
      };
      const told = await converse(site, asking, (client) => client.getSecret(name, version === undefined ? {} : { version }));
      const last = told.sent.at(-1)?.outcome;
      const answer = last?.kind === 'answered' && last.answer.status === 200 ? last.answer : undefined;
      if (answer !== undefined) return readValueOf(answer, vault, name, version);
      const outcome = outcomeOf(told, clock, () => undefined);
      return outcome.kind === 'refused' || outcome.kind === 'busy' ? outcome : { kind: 'unreadable', reason: reasonOf(outcome) };
    },
  };
}

/** How Azure's client is asked, and where that leads. Its pollers send what they are about first, or after a question that is not let out. */
function callOf(request: Effect, kept: KeptProperties | undefined): Call {
  const { vault, name } = request;
  const secret = (answered: Answered): SecretAnswer | undefined => {
    const properties = propertiesOf(jsonOf(answered), vault);
    return properties?.name === name ? { of: 'secret', secret: properties } : undefined;
  };
  const deleted = (answered: Answered): SecretAnswer | undefined => {
    const found = deletedOf(jsonOf(answered), vault);
    return found?.name === name ? { of: 'deleted', secret: found } : undefined;
  };
  switch (request.method) {
    case 'set': {
      const { value } = request;
      const properties = kept === undefined ? {} : { ...kept, tags: { ...kept.tags } };
      return {
        method: 'PUT',
        path: `/secrets/${name}`,
        talk: (client) => client.setSecret(name, value.reveal(), properties),
        answerOf: secret,
      };
    }
    case 'delete':
      return { method: 'DELETE', path: `/secrets/${name}`, talk: (client) => client.beginDeleteSecret(name), answerOf: deleted };
    case 'recover':
      return {
        method: 'POST',
        path: `/deletedsecrets/${name}/recover`,
        talk: (client) => client.beginRecoverDeletedSecret(name),
        answerOf: secret,
      };
    case 'purge':
      return {
        method: 'DELETE',
        path: `/deletedsecrets/${name}`,
        talk: (client) => client.purgeDeletedSecret(name),
        answerOf: () => ({ of: 'nothing' }),
      };
  }
}

type Asking = Omit<Conversation, 'method' | 'path'>;
type Get = Extract<SecretRequest, { method: 'get' }>;

/** Properties only: they are in the list of versions, which a reader may see. */
async function getProperties(site: VaultSite, asking: Asking, { name, version }: Get, clock: Clock): Promise<SecretOutcome> {
  const read = await readVersions(site, asking, name, clock);
  if (read.kind !== 'versions') return read.outcome;
  const found = version === undefined ? read.versions[0] : read.versions.find((each) => each.version === version);
  if (found !== undefined) return { kind: 'done', status: 200, answer: { of: 'secret', secret: found }, ...read.requestId };
  const code = 'SecretNotFound';
  return {
    kind: 'refused',
    status: 404,
    code,
    message: 'There is no such secret, or no such version of it, in the vault.',
    ...read.requestId,
  };
}

function readValueOf(answer: Answered, vault: string, name: string, version: string | undefined): SecretValueOutcome {
  const bundle = jsonOf(answer);
  const value = property(bundle, 'value');
  const properties = propertiesOf(bundle, vault);
  const isAskedFor =
    properties?.name === name && properties.version !== undefined && (version === undefined || properties.version === version);
  if (!isAskedFor || typeof value !== 'string')
    return { kind: 'unreadable', reason: 'The vault did not answer with the secret that was asked for.' };
  return { kind: 'value', value: new SecretText(value), properties, ...requestIdOf(answer) };
}

function refusalToSend(site: VaultSite, vault: string, { token }: Credential): string | undefined {
  if (!site.isVault(vault)) return 'The address is not one of a vault; nothing was sent.';
  return /^[\x21-\x7e]+$/.test(token) ? undefined : 'The credential is not a token; nothing was sent.';
}

function refusalOfNames(name: string, version: string | undefined): string | undefined {
  const isName = /^[0-9a-z-]{1,127}$/.test(name) && (version === undefined || /^[0-9a-f]{32}$/.test(version));
  return isName ? undefined : 'The name or the version is none of a secret; nothing was sent.';
}

function tokenOf({ token, expiresAt }: Credential): TokenCredential['getToken'] {
  return async () => ({ token, expiresOnTimestamp: epochMsOf(expiresAt) });
}

function reasonOf(outcome: SecretOutcome): string {
  return 'reason' in outcome ? outcome.reason : 'The vault did not answer with the secret that was asked for.';
}
