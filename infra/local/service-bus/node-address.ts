/**
 * What a link may be attached to. Addresses are lower-case, since entity names are compared without case. `address` is what a claim
 * must cover; `queue` names the queue or dead-letter queue behind it, which need not exist.
 */
export type NodeAddress =
  | { readonly kind: 'cbs' }
  | { readonly kind: 'management'; readonly address: string; readonly queue: string }
  | { readonly kind: 'entity'; readonly address: string; readonly queue: string };

const managementSuffix = '/$management';

/** Parses the address of a client's attach; what is not text names a queue that cannot exist. */
export function parseNodeAddress(value: unknown): NodeAddress {
  const address = typeof value === 'string' ? value.replace(/^\//, '').toLowerCase() : '';
  if (address === '$cbs') return { kind: 'cbs' };
  if (address.endsWith(managementSuffix)) return { kind: 'management', address, queue: address.slice(0, -managementSuffix.length) };
  return { kind: 'entity', address, queue: address };
}
