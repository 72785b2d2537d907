import { type Instant, instantFromEpochMs } from '../../domain/instant.ts';
import { isJsonObject, type JsonValue, property } from '../../domain/json.ts';
import type { DeletedSecret, SecretProperties } from '../../domain/secrets/secret-state.ts';

/**
 * One secret as a vault describes it, without its value; undefined where it is not of this vault or not in the shape that Key Vault documents.
 * Source: learn.microsoft.com/rest/api/keyvault/secrets, SecretBundle, SecretItem, DeletedSecretBundle.
 */
export function propertiesOf(bundle: JsonValue | undefined, vault: string): SecretProperties | undefined {
  const id = parseId(property(bundle, 'id'), vault);
  const attributes = property(bundle, 'attributes');
  const enabled = property(attributes, 'enabled') ?? true;
  const tags = tagsOf(property(bundle, 'tags'));
  if (id === undefined || typeof enabled !== 'boolean' || tags === undefined) return undefined;
  const times = timesOf(attributes, { created: 'created', updated: 'updated', expires: 'exp', notBefore: 'nbf' });
  if (times === undefined) return undefined;
  const contentType = property(bundle, 'contentType');
  const recoveryLevel = property(attributes, 'recoveryLevel');
  const recoverableDays = property(attributes, 'recoverableDays');
  return {
    ...id,
    enabled,
    ...times,
    tags,
    ...(typeof contentType === 'string' ? { contentType } : {}),
    managed: property(bundle, 'managed') === true,
    ...(typeof recoveryLevel === 'string' ? { recoveryLevel } : {}),
    ...(typeof recoverableDays === 'number' ? { recoverableDays } : {}),
  };
}

export function deletedOf(bundle: JsonValue | undefined, vault: string): DeletedSecret | undefined {
  const secret = propertiesOf(bundle, vault);
  const times = timesOf(bundle, { deleted: 'deletedDate', scheduledPurge: 'scheduledPurgeDate' });
  return secret === undefined || times === undefined ? undefined : { ...secret, ...times };
}

/** `https://NAME.SUFFIX/secrets/NAME[/VERSION]` of the vault that was asked; names in lower case, since Key Vault compares them so. */
function parseId(id: JsonValue | undefined, vault: string): Pick<SecretProperties, 'name' | 'version'> | undefined {
  const url = typeof id === 'string' ? URL.parse(id) : null;
  if (url === null || url.origin !== new URL(vault).origin) return undefined;
  const [, name, version] = /^\/(?:secrets|deletedsecrets)\/([0-9a-zA-Z-]{1,127})(?:\/([0-9a-fA-F]{32}))?$/.exec(url.pathname) ?? [];
  if (name === undefined) return undefined;
  return { name: name.toLowerCase(), ...(version === undefined ? {} : { version: version.toLowerCase() }) };
}

function tagsOf(tags: JsonValue | undefined): Readonly<Record<string, string>> | undefined {
  if (tags === undefined || tags === null) return {};
  if (!isJsonObject(tags)) return undefined;
  const texts = Object.entries(tags).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text] as const] : []));
  return texts.length === Object.keys(tags).length ? Object.fromEntries(texts) : undefined;
}

/** Times in seconds since the epoch, by our names for theirs; undefined where one is none. */
function timesOf<Name extends string>(
  of: JsonValue | undefined,
  names: Readonly<Record<Name, string>>,
): Partial<Record<Name, Instant>> | undefined {
  const times: Partial<Record<Name, Instant>> = {};
  for (const name in names) {
    const seconds = property(of, names[name]);
    if (seconds === undefined || seconds === null) continue;
    if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 0 || seconds > lastSecond) return undefined;
    times[name] = instantFromEpochMs(seconds * 1_000);
  }
  return times;
}

/** The end of the year 9999, after which an instant has no four-digit year. */
const lastSecond = 253_402_300_799;
