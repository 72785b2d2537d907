/** What a link may be attached to. Paths are lower-case, since entity names are compared without case. */
export type NodeAddress =
  | { readonly kind: 'cbs' }
  | { readonly kind: 'management'; readonly path: string }
  | { readonly kind: 'entity'; readonly path: string };

const managementSuffix = '/$management';

export function parseNodeAddress(address: unknown): NodeAddress | undefined {
  if (typeof address !== 'string') return undefined;
  const path = address.replace(/^\//, '').toLowerCase();
  if (path === '$cbs') return { kind: 'cbs' };
  if (path.endsWith(managementSuffix)) return { kind: 'management', path: path.slice(0, -managementSuffix.length) };
  return path === '' ? undefined : { kind: 'entity', path };
}
