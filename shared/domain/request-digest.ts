import { type Digest, digestOf, hmacOf } from './digest.ts';
import type { Agent } from './event.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { type TargetRequest, targetRequestJson } from './target-request.ts';

/** Who asks for what and why: all that an approver is asked to agree to, apart from what Countersign finds out itself. */
export type OperationRequest = { readonly agent: Agent; readonly justification: string; readonly target: TargetRequest };

/** The sealed document `request`: the request and the salt that keeps its digest from being guessed. */
export type SealedRequest = { readonly salt: string; readonly request: OperationRequest };

function requestJson(request: OperationRequest): JsonObject {
  return { agent: { ...request.agent }, justification: request.justification, target: targetRequestJson(request.target) };
}

export function sealedRequestJson(sealed: SealedRequest): JsonValue {
  return { salt: sealed.salt, request: requestJson(sealed.request) };
}

/** Salted digest of a request: binds approvals to it and tells nobody what a password in it might be. */
export function requestDigest(sealed: SealedRequest): Digest {
  return digestOf(sealedRequestJson(sealed));
}

/** Keyed fingerprint of a request, by which a repeated submission is told from a conflicting one. Equal for equal requests of one agent, by whatever name or issuer it comes. */
export function requestMac(key: Uint8Array, { agent, justification, target }: OperationRequest): string {
  return hmacOf(key, { agent: { tenantId: agent.tenantId, id: agent.id }, justification, target: targetRequestJson(target) });
}
