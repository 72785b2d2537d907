/** What a request addresses; names and versions as they came. */
export type VaultTarget =
  | { readonly kind: 'secrets' }
  | { readonly kind: 'secret'; readonly name: string; readonly version: string | undefined }
  | { readonly kind: 'versions'; readonly name: string }
  | { readonly kind: 'deletedSecrets' }
  | { readonly kind: 'deletedSecret'; readonly name: string }
  | { readonly kind: 'recovery'; readonly name: string }
  | { readonly kind: 'invalidName'; readonly name: string }
  | { readonly kind: 'unknown' };

/** Parses a path without its query. Source: learn.microsoft.com/rest/api/keyvault/secrets. */
export function parseVaultPath(path: string): VaultTarget {
  // The client writes `/secrets/NAME/` where it asks for no version.
  const [, collection = '', name = '', third = '', ...more] = path.replace(/(?<=.)\/$/, '').split('/');
  if (!['secrets', 'deletedsecrets'].includes(collection) || more.length > 0) return { kind: 'unknown' };
  if (name === '') return collection === 'secrets' ? { kind: 'secrets' } : { kind: 'deletedSecrets' };
  if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) return { kind: 'invalidName', name };
  if (collection === 'secrets') {
    return third === 'versions' ? { kind: 'versions', name } : { kind: 'secret', name, version: third === '' ? undefined : third };
  }
  if (third === 'recover') return { kind: 'recovery', name };
  return third === '' ? { kind: 'deletedSecret', name } : { kind: 'unknown' };
}
