import { createHash, hkdfSync, randomBytes, randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { base32 } from '@scure/base';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { instantFromEpochMs } from '../../domain/instant.ts';
import type { OperationId } from '../../domain/operation.ts';
import type { Chance, Clock, Ids, Pause } from '../../ports/system.ts';

/** The one place that reads the clock. */
export const systemClock: Clock = { now: () => instantFromEpochMs(Date.now()) };

/** The one place that makes randomness. */
export const systemIds: Ids = {
  operationId: () => operationIdFrom(randomBytes(16)),
  salt: () => randomBytes(16).toString('base64url'),
};

export const systemChance: Chance = () => randomInt(2 ** 32) / 2 ** 32;

export const systemPause: Pause = async (durationMs) => {
  await delay(durationMs);
};

/** The id that one agent's repeatability id always leads to: the first 128 bits of a SHA-256. */
export function deriveOperationId(tenantId: string, agentId: string, repeatabilityId: string): OperationId {
  const hash = createHash('sha256')
    .update(canonicalJson(['operation', tenantId, agentId, repeatabilityId]), 'utf8')
    .digest();
  return operationIdFrom(hash.subarray(0, 16));
}

/** RFC 4648 base32 without padding, lower case: 26 characters for 16 bytes. */
function operationIdFrom(bytes: Uint8Array): OperationId {
  return `op_${base32.encode(bytes).replaceAll('=', '').toLowerCase()}`;
}

/** A key of its own for one purpose, derived from a sealing key (HKDF, RFC 5869). */
export function deriveKey(key: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), `countersign:${purpose}`, 32));
}
