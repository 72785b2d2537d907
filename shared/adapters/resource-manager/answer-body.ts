import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { JsonError, type JsonValue, parseJson } from '../../domain/json.ts';

/** What was read of an answer's body. */
export type AnswerBody =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array; readonly contentType: string }
  | { readonly kind: 'tooLarge' }
  /** The connection ended within the body; status and headers were there. */
  | { readonly kind: 'cutOff' };

const sizeLimit = 8 * 1024 * 1024;
const textLimit = 64 * 1024;

/** Reads a body, a streamed one up to 8 MiB; what is longer is not read to its end. Never throws. */
export async function readBody({ readableStreamBody, bodyAsText, headers }: PipelineResponse): Promise<AnswerBody> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of readableStreamBody ?? [bodyAsText ?? '']) {
      const bytes = typeof part === 'string' ? Buffer.from(part) : part;
      size += bytes.length;
      if (size > sizeLimit) return { kind: 'tooLarge' };
      parts.push(bytes);
    }
  } catch {
    return { kind: 'cutOff' };
  }
  return { kind: 'whole', bytes: Buffer.concat(parts), contentType: headers.get('content-type') ?? '' };
}

/** The JSON of a body; undefined where it is not whole, or says or shows that it is none. */
export function jsonIn(body: AnswerBody): JsonValue | undefined {
  if (body.kind !== 'whole' || !isJson(body.contentType)) return undefined;
  try {
    return parseJson(withoutMark(body.bytes));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return error.code === 'numberNotExact' || error.code === 'duplicateName' ? rounded(withoutMark(body.bytes)) : undefined;
  }
}

/**
 * The body as JSON; undefined where it is empty. What is no JSON becomes `{ contentType, text }`, and what cannot be kept `{ omitted }` with the reason:
 * JSON that does not parse is omitted, since its secrets could not be found in a mere text.
 */
export function bodyAsJson(body: AnswerBody): JsonValue | undefined {
  switch (body.kind) {
    case 'tooLarge':
      return { omitted: 'The answer is larger than 8 MiB and was not read to its end.' };
    case 'cutOff':
      return { omitted: 'The connection ended before the whole answer had arrived.' };
    case 'whole':
      if (body.bytes.length === 0) return undefined;
      if (!isJson(body.contentType)) return textOf(body.bytes, body.contentType);
      return jsonIn(body) ?? { omitted: 'The answer is not the JSON that it says it is, or nests too deeply.' };
  }
}

function isJson(contentType: string): boolean {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  return type === '' || type === 'application/json' || type === 'text/json' || type.endsWith('+json');
}

/** Azure may write numbers longer than a double; for an answer, which is shown and not sent again, rounding is better than losing it. */
function rounded(bytes: Uint8Array): JsonValue {
  const value: JsonValue = JSON.parse(new TextDecoder().decode(bytes));
  return value;
}

/** Some services begin their JSON with a byte order mark. */
function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

function textOf(bytes: Uint8Array, contentType: string): JsonValue {
  const text = new TextDecoder().decode(bytes.subarray(0, textLimit));
  const shown = { contentType: contentType.slice(0, 200), text };
  return bytes.length > textLimit ? { ...shown, omitted: `${bytes.length - textLimit} more bytes.` } : shown;
}
