import { actionOf } from './action.ts';
import { approvalDigest, quorum, type Vote } from './approval.ts';
import { parseArmCall } from './arm-call.ts';
import { parseArmPath } from './arm-path.ts';
import { canonicalJson } from './canonical-json.ts';
import type { ApprovalRequirements } from './decision.ts';
import { equalInConstantTime } from './digest.ts';
import type { StopCode } from './event.ts';
import type { Instant } from './instant.ts';
import type { Approved, Operation } from './operation.ts';
import { requestDigest, type SealedRequest } from './request-digest.ts';
import { thumbprintOf } from './secrets/recipient-key.ts';
import { secretActionOf } from './secrets/secret-action.ts';
import { type SecretRequest, secretNameOf } from './secrets/secret-request.ts';
import type { TargetRequest } from './target-request.ts';

declare const verified: unique symbol;

/** A request whose digest is the approved one and whose votes were counted again; the only thing an executor sends. */
export type VerifiedRequest = { readonly request: TargetRequest; readonly [verified]: true };

export type Stop = { readonly code: StopCode; readonly detail: string; readonly end: 'denied' | 'expired' };
export type Verification = { readonly ok: true; readonly verified: VerifiedRequest } | { readonly ok: false; readonly stop: Stop };

/** Calls whose repetition has no effect of its own. */
export function mayBeRepeated({ method }: { readonly method: TargetRequest['method'] }): boolean {
  switch (method) {
    case 'GET':
    case 'HEAD':
    case 'get':
    case 'list':
      return true;
    case 'PUT':
    case 'PATCH':
    case 'POST':
    case 'DELETE':
    case 'set':
    case 'delete':
    case 'recover':
    case 'purge':
      return false;
  }
}

function stop(code: StopCode, end: Stop['end'], detail: string): Verification {
  return { ok: false, stop: { code, end, detail } };
}

/** Checks, at the claim, that what is about to run is what was approved, and that it may still run. Pure; live checks come beside it. */
export function verifyForExecution(operation: Approved, sealed: SealedRequest, told: ToldRequest, now: Instant): Verification {
  if (now >= operation.executeBy) return stop('tooLate', 'expired', 'The time in which it could run is over.');
  if (!equalInConstantTime(requestDigest(sealed), operation.digest)) {
    return stop('digestMismatch', 'denied', 'The stored request is not the one that was submitted.');
  }
  if (!isDescribedTruly(operation, sealed, told)) {
    return stop('digestMismatch', 'denied', 'What people were told of the request is not what it says.');
  }
  if (operation.decision.outcome === 'deny') return stop('policyRefuses', 'denied', 'It was denied.');
  if (operation.decision.outcome === 'requireApproval') {
    const { shown, decision, votes } = operation;
    if (shown === undefined) return stop('votesInsufficient', 'denied', 'It was never shown to anybody.');
    const expected = approvalDigest({
      requestDigest: operation.digest,
      assessment: operation.assessment,
      policyVersion: decision.policyVersion,
      requirements: decision.requirements,
      preview: shown.preview,
    });
    if (!equalInConstantTime(expected, shown.approvalDigest)) {
      return stop('digestMismatch', 'denied', 'What was shown to the approvers is not what is stored.');
    }
    if (votes.some((vote) => !equalInConstantTime(vote.digest, expected))) {
      return stop('digestMismatch', 'denied', 'A vote is bound to something else.');
    }
    if (votes.some((vote) => vote.voter.id === operation.ownerId)) return stop('votesInsufficient', 'denied', "The agent's owner voted.");
    if (quorum(votes, decision.requirements) !== 'approved') return stop('votesInsufficient', 'denied', 'There are not enough approvals.');
  }
  return { ok: true, verified: asVerified(sealed.request.target) };
}

/** What events may say of the free texts of a request: the texts with their secrets masked. Masking says the same of the same request every time. */
export type ToldRequest = { readonly justification: string; readonly query: Texts; readonly headers: Texts };

type Texts = Readonly<Record<string, string>>;

/**
 * People read the summary and policies judge it, while the digest binds the sealed request: nothing may be told of it that it does not say.
 * `said` is what masking the sealed request makes of it now.
 */
export function isDescribedTruly(operation: Operation, { request }: SealedRequest, said: ToldRequest): boolean {
  const { agent, target: told } = operation;
  const { target } = request;
  if (canonicalJson(agent) !== canonicalJson(request.agent) || operation.justification !== said.justification) return false;
  if (target.kind === 'keyvaultSecret') return isSecretDescribedTruly(operation, target);
  if (told.kind !== 'arm') return false;
  const path = parseArmCall(target.method, target.path);
  return (
    [told.method, told.path, told.apiVersion].join(' ') === [target.method, path.canonical, target.apiVersion].join(' ') &&
    told.resourceId === path.resourceId &&
    told.type === path.type &&
    operation.action === actionOf(target.method, path) &&
    canonicalJson(told.query) === canonicalJson(said.query) &&
    canonicalJson(told.headers) === canonicalJson(said.headers)
  );
}

/** Where its vault stands is no part of the request, and is looked up again by whoever asks this. */
function isSecretDescribedTruly({ target: told, action }: Operation, request: SecretRequest): boolean {
  if (told.kind !== 'keyvaultSecret') return false;
  const version = request.method === 'get' ? request.version : undefined;
  const revealTo = request.method === 'get' && request.revealTo !== undefined ? thumbprintOf(request.revealTo) : undefined;
  return (
    told.method === request.method &&
    told.vault === request.vault &&
    told.name === secretNameOf(request) &&
    told.version === version &&
    told.revealTo === revealTo &&
    parseArmPath(told.path).resourceId === told.resourceId &&
    action === secretActionOf(request)
  );
}

function asVerified(request: TargetRequest): VerifiedRequest {
  const value: { readonly request: TargetRequest } = { request };
  // The brand exists only in the type system: this function is the one place that may attach it.
  return value as VerifiedRequest;
}

/** Whether the votes of those who are still entitled satisfy requirements that may have become stricter since. */
export function votesSuffice(votes: readonly Vote[], requirements: ApprovalRequirements, stillEntitled: ReadonlySet<string>): boolean {
  const counting = votes.filter((vote) => stillEntitled.has(vote.voter.id));
  return requirements.groups.length > 0 && quorum(counting, requirements) === 'approved';
}
