/**
 * A lock token is a UUID. As the tag of a delivery its first three groups are little-endian (the byte order of a .NET Guid);
 * in management requests it is an AMQP uuid in network order.
 */
export function lockTokenToTag(lockToken: string): Buffer {
  return swapGroups(lockTokenToUuid(lockToken));
}

export function lockTokenToUuid(lockToken: string): Buffer {
  return Buffer.from(lockToken.replaceAll('-', ''), 'hex');
}

/** Undefined when the bytes are not a UUID. */
export function uuidToLockToken(uuid: unknown): string | undefined {
  if (!Buffer.isBuffer(uuid) || uuid.length !== 16) return undefined;
  const hex = uuid.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function swapGroups(uuid: Buffer): Buffer {
  const swapped = Buffer.from(uuid);
  swapped.subarray(0, 4).reverse();
  swapped.subarray(4, 6).reverse();
  swapped.subarray(6, 8).reverse();
  return swapped;
}
