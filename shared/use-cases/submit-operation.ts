import type { ArmRequest } from '../domain/arm-request.ts';
import type { Decision } from '../domain/decision.ts';
import { equalInConstantTime } from '../domain/digest.ts';
import type { Actor, Agent, Happening, TargetSummary, TokenProof } from '../domain/event.ts';
import type { ToldRequest } from '../domain/execution.ts';
import { advance } from '../domain/history.ts';
import { epochMsOf, plusMs } from '../domain/instant.ts';
import type { Operation } from '../domain/operation.ts';
import { type OperationRequest, requestDigest, requestMac, type SealedRequest, sealedRequestJson } from '../domain/request-digest.ts';
import { RequestError } from '../domain/request-error.ts';
import { thumbprintOf } from '../domain/secrets/recipient-key.ts';
import { findReferences, namesReference, SecretReferenceError } from '../domain/secrets/secret-references.ts';
import { isVaultOf } from '../domain/secrets/vault-address.ts';
import {
  actionOfTarget,
  isTargetError,
  type ParsedTarget,
  type PlacedRequest,
  parseTarget,
  type UncheckedTarget,
} from '../domain/target-request.ts';
import type { RegisteredAgent } from '../ports/agent-registry.ts';
import type { Masker } from '../ports/masker.ts';
import type { Ids } from '../ports/system.ts';
import type { Caller } from '../ports/token-verifier.ts';
import { type CommitDeps, createAnnounced } from './announce-then-commit.ts';
import { type AuthorizeDeps, authorizeAgent } from './authorize-caller.ts';
import { type JudgeDeps, type Judgement, judge } from './judge-request.ts';
import { type LimitKeeper, limitRefusal } from './keep-limits.ts';
import { tellRequest } from './tell-request.ts';

/** How long an operation that was allowed or approved may wait to run; an approval is never a standing right. */
export const executeWithinMs = 60 * 60 * 1000;

export type SubmitDeps = AuthorizeDeps &
  JudgeDeps &
  NormalizeDeps &
  CommitDeps & {
    readonly ids: Ids;
    readonly masker: Masker;
    readonly limitKeeper: Pick<LimitKeeper, 'admitSubmission'>;
    /** Makes the same id of the same agent and repeatability id. */
    readonly deriveOperationId: (tenantId: string, agentId: string, repeatabilityId: string) => string;
    /** Key of the fingerprints by which repeats are told from conflicts. */
    readonly macKey: Uint8Array;
  };

/** A submission whose shape was checked and whose contents were not. */
export type Submission = {
  readonly target: UncheckedTarget;
  readonly justification: string;
  readonly repeatabilityId: string | undefined;
  readonly clientRequestId: string | undefined;
  readonly traceparent: string | undefined;
};

/** Takes a request: authenticate, normalize, assess, decide, record, publish. Answers with the operation, new or repeated. Throws {@link RequestError}. */
export function makeSubmitOperation(deps: SubmitDeps): (caller: Caller, submission: Submission) => Promise<Operation> {
  return async (caller, submission) => {
    const { agent: registered, issuer, proof } = await authorizeAgent(deps, caller);
    const agent: Agent = { id: registered.objectId, name: registered.name, tenantId: registered.tenantId, issuer };
    const parsed = normalize(deps, submission.target);
    const request: OperationRequest = { agent, justification: submission.justification, target: parsed.request };
    const mac = requestMac(deps.macKey, request);
    const id = idOf(deps, agent, submission.repeatabilityId);
    const repeated = submission.repeatabilityId === undefined ? undefined : await findRepeated(deps, id, mac);
    if (repeated !== undefined) return repeated;
    await countAgainstLimits(deps, registered, id, parsed);
    const judgement = await judge(deps, registered, parsed);
    const sealed: SealedRequest = { salt: deps.ids.salt(), request };
    const told = await tellRequest(deps.masker, request);
    const next = advance(id, undefined, happeningsOf(deps, registered, proof, sealed, told, mac, submission, judgement));
    const outcome = await createAnnounced(deps, next, [{ name: 'request', value: sealedRequestJson(sealed) }]);
    if (outcome === 'committed') return next.operation;
    const winner = await findRepeated(deps, id, mac);
    if (winner === undefined) throw new RequestError('ConcurrentChange', 'Another request with this id was being stored. Try again.');
    return winner;
  };
}

export type NormalizeDeps = { readonly vaults: { readonly suffix: string } };

/** The canonical form of hostile fields; a vault must be one of this cloud. Throws {@link RequestError} naming the field. */
export function normalize({ vaults }: NormalizeDeps, target: UncheckedTarget): ParsedTarget {
  const parsed = parseOrRefuse(target);
  if (parsed.path === undefined && !isVaultOf(parsed.request.vault, vaults.suffix)) {
    throw new RequestError('InvalidRequest', `The vault must be exactly https://NAME${vaults.suffix}.`, { target: 'target.vault' });
  }
  if (parsed.path !== undefined) checkReferences(parsed.request, vaults.suffix);
  return parsed;
}

/** References stand in bodies, and name vaults of this cloud: no other host is ever asked for one. */
function checkReferences({ body, query, headers, path }: ArmRequest, suffix: string): void {
  const elsewhere = [...Object.entries(query), ...Object.entries(headers), ['path', path]].find(([, text]) => namesReference(text ?? ''));
  if (elsewhere !== undefined)
    throw new RequestError('InvalidRequest', 'A reference to a secret is only for the body.', { target: `target.${elsewhere[0]}` });
  for (const { reference, place } of findOrRefuse(body)) {
    if (isVaultOf(reference.vault, suffix)) continue;
    const target = `target.body.${place}`.slice(0, 200);
    throw new RequestError('InvalidRequest', `The reference names no vault of this cloud: its host must be NAME${suffix}.`, { target });
  }
}

function findOrRefuse(body: ArmRequest['body']): ReturnType<typeof findReferences> {
  try {
    return findReferences(body);
  } catch (error) {
    if (!(error instanceof SecretReferenceError)) throw error;
    throw new RequestError('InvalidRequest', error.message, { target: `target.body.${error.place}`.slice(0, 200) });
  }
}

function parseOrRefuse(target: UncheckedTarget): ParsedTarget {
  try {
    return parseTarget(target);
  } catch (error) {
    if (isTargetError(error)) throw new RequestError('InvalidRequest', error.message, { target: error.field });
    throw error;
  }
}

/** Until when people may vote, or until when what needs no vote may run. */
export function deadlineOf(decision: Decision, at: Happening['at']): Happening['at'] {
  return plusMs(at, decision.outcome === 'requireApproval' ? decision.requirements.expiresInMs : executeWithinMs);
}

function idOf(deps: SubmitDeps, agent: Agent, repeatabilityId: string | undefined): string {
  return repeatabilityId === undefined ? deps.ids.operationId() : deps.deriveOperationId(agent.tenantId, agent.id, repeatabilityId);
}

/** Before anything is asked of Azure for it: who has run away should not use that up for others. */
async function countAgainstLimits(deps: SubmitDeps, agent: RegisteredAgent, id: string, parsed: ParsedTarget): Promise<void> {
  const over = await deps.limitKeeper.admitSubmission(agent, { id, action: actionOfTarget(parsed) });
  if (over !== undefined) throw limitRefusal(agent.name, over, epochMsOf(deps.clock.now()));
}

async function findRepeated(deps: SubmitDeps, id: string, mac: string): Promise<Operation | undefined> {
  const stored = await deps.store.read(id);
  if (stored === undefined) return undefined;
  if (equalInConstantTime(stored.operation.requestMac, mac)) return stored.operation;
  throw new RequestError(
    'RepeatabilityConflict',
    'This Repeatability-Request-ID was used for another request. Use a new one for a new request.',
    {
      target: 'Repeatability-Request-ID',
    },
  );
}

function happeningsOf(
  deps: SubmitDeps,
  registered: RegisteredAgent,
  proof: TokenProof,
  sealed: SealedRequest,
  told: ToldRequest,
  mac: string,
  submission: Submission,
  { parsed, path, action, assessment, decision }: Judgement,
): readonly Happening[] {
  const at = deps.clock.now();
  const { agent } = sealed.request;
  const byAgent: Actor = { kind: 'agent', id: agent.id, name: agent.name };
  const byUs: Actor = { kind: 'countersign', role: 'edge' };
  return [
    {
      actor: byAgent,
      at,
      detail: {
        kind: 'submitted',
        agent,
        proof,
        ownerId: registered.ownerId,
        target: summaryOf({ request: parsed.request, path }, told),
        action,
        digest: requestDigest(sealed),
        requestMac: mac,
        justification: told.justification,
        ...(submission.clientRequestId === undefined ? {} : { clientRequestId: submission.clientRequestId }),
        ...(submission.traceparent === undefined ? {} : { traceparent: submission.traceparent }),
      },
    },
    { actor: byUs, at, detail: { kind: 'assessed', assessment } },
    { actor: byUs, at, detail: { kind: 'decided', decision, deadline: deadlineOf(decision, at) } },
  ];
}

function summaryOf({ request, path }: PlacedRequest, { query, headers }: ToldRequest): TargetSummary {
  const { resourceId, type } = path;
  if (request.kind === 'arm') {
    const { kind, method, apiVersion } = request;
    return { kind, method, path: request.path, apiVersion, query, headers, resourceId, type };
  }
  const { kind, method, vault } = request;
  const where = { path: path.canonical, resourceId, type };
  switch (request.method) {
    case 'list':
      return { kind, method, vault, ...where };
    case 'get': {
      const { name, version, revealTo } = request;
      const asked = {
        ...(version === undefined ? {} : { version }),
        ...(revealTo === undefined ? {} : { revealTo: thumbprintOf(revealTo) }),
      };
      return { kind, method, vault, name, ...asked, ...where };
    }
    case 'set':
    case 'delete':
    case 'recover':
    case 'purge':
      return { kind, method, vault, name: request.name, ...where };
  }
}
