import type { SecretClient } from '@azure/keyvault-secrets';
import { property } from '../../domain/json.ts';
import type { SecretProperties } from '../../domain/secrets/secret-state.ts';
import type { SecretOutcome } from '../../ports/key-vault.ts';
import type { Clock } from '../../ports/system.ts';
import { outcomeOf, requestIdOf } from './effect-outcome.ts';
import { propertiesOf } from './secret-bundle.ts';
import { jsonOf } from './vault-answer.ts';
import { type Answered, type Conversation, converse, type Told } from './vault-conversation.ts';
import type { VaultSite } from './vault-site.ts';

type Asking = Omit<Conversation, 'method' | 'path'>;

/** Of 25 secrets each. */
const mostPages = 40;

/** What a vault holds, by name, up to a thousand. */
export async function readSecrets(site: VaultSite, asking: Asking, clock: Clock): Promise<SecretOutcome> {
  const { told, isWhole } = await readPages(site, { ...asking, method: 'GET', path: '/secrets' }, (client) =>
    client.listPropertiesOfSecrets().byPage(),
  );
  const secrets = itemsOf(told, asking.vault);
  return outcomeOf(told, clock, () => (secrets === undefined ? undefined : { of: 'list', secrets, isWhole }));
}

export type VersionsRead =
  | { readonly kind: 'versions'; readonly versions: readonly SecretProperties[]; readonly requestId: { readonly requestId?: string } }
  | { readonly kind: 'unread'; readonly outcome: Exclude<SecretOutcome, { kind: 'done' }> };

/** All versions, newest first; none where there is no such secret, or it is deleted. */
export async function readVersions(site: VaultSite, asking: Asking, name: string, clock: Clock): Promise<VersionsRead> {
  const path = `/secrets/${name}/versions`;
  const { told, isWhole } = await readPages(site, { ...asking, method: 'GET', path }, (client) =>
    client.listPropertiesOfSecretVersions(name).byPage(),
  );
  const versions = itemsOf(told, asking.vault);
  const areOfSecret = versions?.every((each) => each.name === name && each.version !== undefined) === true;
  const outcome = outcomeOf(told, clock, () => (isWhole && areOfSecret ? { of: 'nothing' } : undefined));
  if (outcome.kind === 'done')
    return { kind: 'versions', versions: (versions ?? []).toSorted(newestFirst), requestId: requestIdOfLast(told) };
  return outcome.kind === 'refused' && outcome.status === 404
    ? { kind: 'versions', versions: [], requestId: requestIdOfLast(told) }
    : { kind: 'unread', outcome };
}

async function readPages(
  site: VaultSite,
  conversation: Conversation,
  list: (client: SecretClient) => AsyncIterable<unknown>,
): Promise<{ readonly told: Told; readonly isWhole: boolean }> {
  let isWhole = true;
  const told = await converse(site, conversation, async (client) => {
    let pages = 0;
    for await (const _ of list(client)) {
      pages += 1;
      if (pages < mostPages) continue;
      isWhole = false;
      break;
    }
  });
  return { told, isWhole };
}

/** What all the pages hold together; undefined where one of them cannot be read, or leads elsewhere. */
function itemsOf({ sent, stopped }: Told, vault: string): readonly SecretProperties[] | undefined {
  if (stopped !== undefined) return undefined;
  const items: SecretProperties[] = [];
  for (const answer of sent.flatMap(({ outcome }) =>
    outcome.kind === 'answered' && outcome.answer.status === 200 ? [outcome.answer] : [],
  )) {
    const page = pageOf(answer, vault);
    if (page === undefined) return undefined;
    items.push(...page);
  }
  return items;
}

function pageOf(answer: Answered, vault: string): readonly SecretProperties[] | undefined {
  const value = property(jsonOf(answer), 'value');
  if (!Array.isArray(value)) return undefined;
  const items = value.flatMap((item) => propertiesOf(item, vault) ?? []);
  return items.length === value.length ? items : undefined;
}

/** Key Vault tells times in seconds; of two versions of one second nobody can say which is the newer one. */
function newestFirst(one: SecretProperties, other: SecretProperties): number {
  return timeOf(other) < timeOf(one) ? -1 : timeOf(other) > timeOf(one) ? 1 : 0;
}

function timeOf({ created }: SecretProperties): string {
  return created ?? '';
}

function requestIdOfLast({ sent }: Told): { readonly requestId?: string } {
  const last = sent.at(-1)?.outcome;
  return last?.kind === 'answered' ? requestIdOf(last.answer) : {};
}
