import { ArmPathError, parseArmPath } from '../domain/arm-path.ts';
import type { ScopeTags } from '../domain/assessment.ts';
import { type JsonValue, property } from '../domain/json.ts';
import { RequestError } from '../domain/request-error.ts';
import type { SecretFacts } from '../domain/risk/assess-secret.ts';
import { mayBeProduction } from '../domain/risk/environment.ts';
import { secretPath } from '../domain/secrets/secret-action.ts';
import { reveals, type SecretRequest, secretNameOf } from '../domain/secrets/secret-request.ts';
import { newestOf, type SecretState, type VaultFacts } from '../domain/secrets/secret-state.ts';
import { parseVault, vaultNameOf } from '../domain/secrets/vault-address.ts';
import type { AzureReader, ReadOutcome } from '../ports/azure.ts';
import type { SecretReader } from '../ports/key-vault.ts';
import type { Clock } from '../ports/system.ts';

export type ReadSecretDeps = {
  readonly reader: AzureReader;
  readonly clock: Clock;
  readonly vaults: { readonly reader: SecretReader };
};

const apiVersions = { subscriptions: '2022-12-01', resources: '2021-04-01', group: '2021-04-01', vault: '2023-07-01' } as const;
const vaultType = 'microsoft.keyvault/vaults';

/** Subscriptions that are asked at a time, and at most; a vault beyond them is not found, and what is not found is refused. */
const subscriptionsAtATime = 10;
const maxSubscriptions = 200;

/**
 * What must be known before a call of a vault's secrets is judged: where the vault stands, what is tagged around it, and how the secret stands where the call changes or
 * reveals it. Throws {@link RequestError} `Unavailable` where something is away: nothing is judged by what could not be asked.
 */
export async function readSecretFacts(deps: ReadSecretDeps, request: SecretRequest): Promise<SecretFacts> {
  const readAt = deps.clock.now();
  const found = await findVault(deps.reader, request.vault);
  const name = secretNameOf(request);
  const state = found === undefined || name === undefined || !needsState(request) ? undefined : await readState(deps, request.vault, name);
  if (found === undefined) {
    const vault: VaultFacts = { resourceId: undefined, softDelete: false, purgeProtection: false };
    return { scopes: { existence: 'unreadable', scopes: [], readAt }, vault, state };
  }
  const outer = await readScopesAbove(deps.reader, found.facts.resourceId);
  const scopes = [...secretScope(request, found.facts.resourceId, state), { scope: found.facts.resourceId, tags: found.tags }, ...outer];
  const existence = state === undefined ? 'notRead' : state.state === 'deleted' ? 'present' : state.state;
  return { scopes: { existence, scopes, readAt }, vault: found.facts, state };
}

function needsState(request: SecretRequest): boolean {
  return (request.method !== 'list' && request.method !== 'get') || reveals(request);
}

async function readState({ vaults }: ReadSecretDeps, vault: string, name: string): Promise<SecretState> {
  const state = await vaults.reader.read(vault, name);
  if (state.state === 'unreadable' && state.passing === true) throw away('The vault cannot be reached at the moment. Try again.');
  return state;
}

type FoundVault = { readonly facts: VaultFacts & { readonly resourceId: string }; readonly tags: ScopeTags['tags'] };

/** The vault that has an address, as Azure Resource Manager tells: names of vaults are one of a kind, and the vault itself must say that the address is its own. */
async function findVault(reader: AzureReader, address: string): Promise<FoundVault | undefined> {
  const subscriptions = await readList(reader, '/subscriptions', apiVersions.subscriptions);
  const ids = subscriptions.flatMap((subscription) => textOf(subscription, 'subscriptionId') ?? []).slice(0, maxSubscriptions);
  while (ids.length > 0) {
    const found = await Promise.all(ids.splice(0, subscriptionsAtATime).map((id) => findVaultIn(reader, id, address)));
    const vault = found.find((each) => each !== undefined);
    if (vault !== undefined) return vault;
  }
  return undefined;
}

async function findVaultIn(reader: AzureReader, subscriptionId: string, address: string): Promise<FoundVault | undefined> {
  const name = vaultNameOf(address);
  const filter = { $filter: `resourceType eq 'Microsoft.KeyVault/vaults' and name eq '${name}'` };
  const listed = await readList(reader, `/subscriptions/${subscriptionId}/resources`, apiVersions.resources, filter);
  for (const resource of listed) {
    const path = vaultPath(textOf(resource, 'id') ?? '', name);
    if (path === undefined) continue;
    const outcome = await reader.read(path, apiVersions.vault);
    if (isAway(outcome)) throw cannotAsk();
    if (outcome.state !== 'present') continue;
    const properties = property(outcome.body, 'properties');
    const uri = textOf(properties, 'vaultUri')?.replace(/\/$/, '');
    if (parseVault(uri) !== address) continue;
    return {
      facts: {
        resourceId: path.toLowerCase(),
        softDelete: property(properties, 'enableSoftDelete') !== false,
        purgeProtection: property(properties, 'enablePurgeProtection') === true,
      },
      tags: textsOf(property(outcome.body, 'tags')),
    };
  }
  return undefined;
}

/** The address of a vault among Azure's resources; undefined where the id is that of something else. */
function vaultPath(id: string, name: string): string | undefined {
  try {
    const path = parseArmPath(id);
    return path.type === vaultType && path.verb === undefined && path.name?.toLowerCase() === name ? path.resource : undefined;
  } catch (error) {
    if (error instanceof ArmPathError) return undefined;
    throw error;
  }
}

/** A list that may be read in part; what may not be read holds nothing that could be found. */
async function readList(
  reader: AzureReader,
  path: string,
  apiVersion: string,
  query?: Readonly<Record<string, string>>,
): Promise<readonly JsonValue[]> {
  const outcome = await reader.read(path, apiVersion, query);
  if (isAway(outcome)) throw cannotAsk();
  const value = outcome.state === 'present' ? property(outcome.body, 'value') : undefined;
  return Array.isArray(value) ? value : [];
}

async function readScopesAbove(reader: AzureReader, vaultId: string): Promise<readonly ScopeTags[]> {
  const { subscriptionId = '', resourceGroup = '' } = parseArmPath(vaultId);
  const subscription = `/subscriptions/${subscriptionId}`;
  const above = [
    { path: `${subscription}/resourceGroups/${resourceGroup}`, apiVersion: apiVersions.group },
    { path: subscription, apiVersion: apiVersions.subscriptions },
  ];
  return await Promise.all(
    above.map(async ({ path, apiVersion }) => {
      const outcome = await reader.read(path, apiVersion);
      if (isAway(outcome)) throw cannotAsk();
      const tags = outcome.state === 'present' ? textsOf(property(outcome.body, 'tags')) : undefined;
      return { scope: path.toLowerCase(), tags };
    }),
  );
}

/** Tags of a secret may say that it is in production; that it is not, only what holds it can. */
function secretScope(request: SecretRequest, vaultId: string, state: SecretState | undefined): readonly ScopeTags[] {
  const tags = state === undefined ? undefined : newestOf(state)?.tags;
  return tags !== undefined && mayBeProduction(tags) ? [{ scope: secretPath(request, vaultId).resourceId, tags }] : [];
}

function isAway(outcome: ReadOutcome): boolean {
  return outcome.state === 'unreadable' && outcome.passing === true;
}

function cannotAsk(): RequestError {
  return away('Azure cannot be asked at the moment where the vault stands. Try again.');
}

function away(message: string): RequestError {
  return new RequestError('Unavailable', message, { retryAfterSeconds: 5 });
}

function textOf(value: JsonValue | undefined, name: string): string | undefined {
  const text = property(value, name);
  return typeof text === 'string' ? text : undefined;
}

function textsOf(value: JsonValue | undefined): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
