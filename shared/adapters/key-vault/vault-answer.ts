import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { JsonError, type JsonValue, parseJson, property } from '../../domain/json.ts';

/** A page of 25 secrets with all the tags that they may have is a tenth of it. */
const sizeLimit = 1024 * 1024;

/** Reads a streamed body up to 1 MiB; `isWhole` is false where it is longer, or its connection ended within it. Never throws. */
export async function readAnswer({ readableStreamBody, bodyAsText }: PipelineResponse): Promise<{ bytes: Uint8Array; isWhole: boolean }> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of readableStreamBody ?? [bodyAsText ?? '']) {
      const bytes = typeof part === 'string' ? Buffer.from(part) : part;
      size += bytes.length;
      if (size > sizeLimit) return { bytes: new Uint8Array(), isWhole: false };
      parts.push(bytes);
    }
  } catch {
    return { bytes: new Uint8Array(), isWhole: false };
  }
  return { bytes: Buffer.concat(parts), isWhole: true };
}

/** The JSON of an answer; undefined where it is not whole or none that can be read in one way only. */
export function jsonOf({ bytes, isWhole }: { readonly bytes: Uint8Array; readonly isWhole: boolean }): JsonValue | undefined {
  if (!isWhole) return undefined;
  try {
    return parseJson(bytes);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** The innermost code of an error that Key Vault documents; undefined where there is none, since any other text could repeat what was sent. */
export function codeIn(body: JsonValue | undefined): string | undefined {
  let found: string | undefined;
  for (let error = property(body, 'error'), depth = 0; error !== undefined && depth < 5; depth += 1) {
    const code = property(error, 'code');
    if (typeof code === 'string' && Object.hasOwn(messages, code)) found = code;
    error = property(error, 'innererror');
  }
  return found;
}

/** Our own words for a code: a vault's text could repeat what it was sent, and names identities that are nobody's business. */
export function messageOf(status: number, code: string): string {
  return messages[code] ?? `Key Vault refused the call (${status}, ${code}).`;
}

const messages: Readonly<Record<string, string>> = {
  AccessDenied: 'The identity has no right to this in the vault.',
  BadParameter: 'Key Vault does not take the request as it is.',
  Conflict: 'The secret is just being changed otherwise.',
  Forbidden: 'Key Vault does not allow this: the identity has no right to it, or the vault protects what is deleted from being purged.',
  ForbiddenByConnection: 'The vault takes no requests from where Countersign runs.',
  ForbiddenByFirewall: 'The vault takes no requests from where Countersign runs.',
  ForbiddenByPolicy: 'The identity has no right to this in the vault.',
  ForbiddenByRbac: 'The identity has no right to this in the vault.',
  ObjectIsBeingDeleted: 'The secret is just being deleted.',
  ObjectIsBeingRecovered: 'The secret is just being recovered.',
  ObjectIsDeletedButRecoverable: 'The secret is deleted, and its name is taken until it is recovered or purged.',
  RequestTimeout: 'Key Vault did not get to it in time.',
  SecretDisabled: 'This version of the secret is disabled.',
  SecretNotFound: 'There is no such secret, or no such version of it, in the vault.',
  Throttled: 'Key Vault has too much to do.',
  Unauthorized: 'Key Vault does not accept the identity.',
  VaultNotFound: 'There is no such vault.',
};
