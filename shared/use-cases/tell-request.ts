import type { ToldRequest } from '../domain/execution.ts';
import { isJsonObject, type JsonValue, property } from '../domain/json.ts';
import type { OperationRequest } from '../domain/request-digest.ts';
import type { Masker } from '../ports/masker.ts';
import { maskerOf } from './mask-known-values.ts';

/** The free texts of a request as they may stand in events, on cards and in logs; a value that the same request sets is in none of them. */
export async function tellRequest(masker: Masker, { justification, target }: OperationRequest): Promise<ToldRequest> {
  const { query, headers } = target.kind === 'arm' ? target : { query: {}, headers: {} };
  const values = target.kind === 'keyvaultSecret' && target.method === 'set' ? [target.value] : [];
  const { value } = await maskerOf(masker, values).mask({ justification, query, headers });
  return {
    justification: textOf(property(value, 'justification')),
    query: textsOf(property(value, 'query')),
    headers: textsOf(property(value, 'headers')),
  };
}

/** One text as it may stand in events. */
export async function tellText(masker: Masker, text: string): Promise<string> {
  return textOf((await masker.mask(text)).value);
}

function textsOf(value: JsonValue | undefined): Record<string, string> {
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, textOf(text)])) : {};
}

function textOf(value: JsonValue | undefined): string {
  if (typeof value !== 'string') throw new TypeError('masking made something else of a text');
  return value;
}
