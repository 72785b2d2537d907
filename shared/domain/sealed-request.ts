import { isJsonObject, type JsonValue, property } from './json.ts';
import type { SealedRequest } from './request-digest.ts';
import { type ParsedTarget, parseTarget, type UncheckedTarget } from './target-request.ts';

/** Reads back the sealed document `request`, judging its target as strictly as a submission. Throws TypeError where it is not one of ours. */
export function readSealedRequest(value: JsonValue | undefined): { readonly sealed: SealedRequest; readonly parsed: ParsedTarget } {
  const request = property(value, 'request');
  const agent = property(request, 'agent');
  const parsed = parseTarget(uncheckedTarget(property(request, 'target')));
  return {
    parsed,
    sealed: {
      salt: text(property(value, 'salt')),
      request: {
        agent: {
          id: text(property(agent, 'id')),
          name: text(property(agent, 'name')),
          tenantId: text(property(agent, 'tenantId')),
          issuer: text(property(agent, 'issuer')),
        },
        justification: text(property(request, 'justification')),
        target: parsed.request,
      },
    },
  };
}

function uncheckedTarget(target: JsonValue | undefined): UncheckedTarget {
  if (isJsonObject(target) && target['kind'] === 'keyvaultSecret') return { kind: 'keyvaultSecret', fields: target };
  return {
    method: text(property(target, 'method')),
    path: text(property(target, 'path')),
    apiVersion: text(property(target, 'apiVersion')),
    query: texts(property(target, 'query')),
    headers: texts(property(target, 'headers')),
    body: property(target, 'body'),
  };
}

function text(value: JsonValue | undefined): string {
  if (typeof value !== 'string') throw new TypeError('the sealed request is incomplete');
  return value;
}

function texts(value: JsonValue | undefined): Record<string, string> {
  if (!isJsonObject(value)) throw new TypeError('the sealed request is incomplete');
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, text(inner)]));
}
