import { z } from 'zod';
import { type Digest, digestOf, equalInConstantTime, isDigest } from '../../domain/digest.ts';
import { JsonError, type JsonValue, parseJson } from '../../domain/json.ts';
import type { IndexQuery } from '../../ports/operation-index.ts';
import { isOrderKey } from './index-order.ts';

const token = z.strictObject({
  version: z.literal(1),
  after: z.string().refine(isOrderKey),
  filter: z.custom<Digest>((value) => typeof value === 'string' && isDigest(value)),
});

const longestToken = 512;

/** A place in a listing, bound to what was asked for: with another filter it would silently skip entries. */
export function encodeContinuation(query: IndexQuery, after: string): string {
  return Buffer.from(JSON.stringify({ version: 1, after, filter: filterDigest(query) }), 'utf8').toString('base64url');
}

/**
 * The order key after which a page starts; undefined for the first page.
 * The token is hostile. It needs no signature: it holds a place, not a right, and whatever is listed is filtered again.
 */
export function parseContinuation(query: IndexQuery): { readonly after: string | undefined } | 'badContinuation' {
  const text = query.continuationToken;
  if (text === undefined) return { after: undefined };
  if (text.length > longestToken || !/^[A-Za-z0-9_-]+$/.test(text)) return 'badContinuation';
  const parsed = token.safeParse(parsedJson(Buffer.from(text, 'base64url')));
  if (!parsed.success || !equalInConstantTime(parsed.data.filter, filterDigest(query))) return 'badContinuation';
  return { after: parsed.data.after };
}

function filterDigest(query: IndexQuery): Digest {
  const { status, agentId, action, from, to } = query;
  return digestOf({ status: status ?? null, agentId: agentId ?? null, action: action ?? null, from: from ?? null, to: to ?? null });
}

function parsedJson(bytes: Uint8Array): JsonValue | undefined {
  try {
    return parseJson(bytes);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}
