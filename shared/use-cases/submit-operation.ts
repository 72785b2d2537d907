import { actionOf } from '../domain/action.ts';
import { ArmRequestError, type ParsedArmRequest, parseArmRequest, type UncheckedArmRequest } from '../domain/arm-request.ts';
import type { Assessment } from '../domain/assessment.ts';
import type { Decision } from '../domain/decision.ts';
import { equalInConstantTime } from '../domain/digest.ts';
import type { Actor, Agent, Happening, TargetSummary, TokenProof } from '../domain/event.ts';
import type { ToldRequest } from '../domain/execution.ts';
import { advance } from '../domain/history.ts';
import { epochMsOf, plusMs } from '../domain/instant.ts';
import type { Operation } from '../domain/operation.ts';
import { type OperationRequest, requestDigest, requestMac, type SealedRequest, sealedRequestJson } from '../domain/request-digest.ts';
import { RequestError } from '../domain/request-error.ts';
import { assess } from '../domain/risk/assess.ts';
import type { ScriptReader } from '../domain/risk/scripts/script-reader.ts';
import type { RegisteredAgent } from '../ports/agent-registry.ts';
import type { Masker } from '../ports/masker.ts';
import type { PolicyEngine } from '../ports/policy-engine.ts';
import type { Ids } from '../ports/system.ts';
import type { Caller } from '../ports/token-verifier.ts';
import { type CommitDeps, createAnnounced } from './announce-then-commit.ts';
import { type AuthorizeDeps, authorizeAgent } from './authorize-caller.ts';
import { type LimitKeeper, limitRefusal } from './keep-limits.ts';
import { type ReadTargetDeps, readTarget, type TargetReading } from './read-target.ts';
import { tellRequest } from './tell-request.ts';

/** How long an operation that was allowed or approved may wait to run; an approval is never a standing right. */
export const executeWithinMs = 60 * 60 * 1000;

export type JudgeDeps = ReadTargetDeps & { readonly policies: PolicyEngine; readonly scripts: ScriptReader };

export type SubmitDeps = AuthorizeDeps &
  JudgeDeps &
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
  readonly target: UncheckedArmRequest;
  readonly justification: string;
  readonly repeatabilityId: string | undefined;
  readonly clientRequestId: string | undefined;
  readonly traceparent: string | undefined;
};

export type Judgement = {
  readonly parsed: ParsedArmRequest;
  readonly action: string;
  readonly reading: TargetReading;
  readonly assessment: Assessment;
  readonly decision: Decision;
};

/** Takes a request: authenticate, normalize, assess, decide, record, publish. Answers with the operation, new or repeated. Throws {@link RequestError}. */
export function makeSubmitOperation(deps: SubmitDeps): (caller: Caller, submission: Submission) => Promise<Operation> {
  return async (caller, submission) => {
    const { agent: registered, issuer, proof } = await authorizeAgent(deps, caller);
    const agent: Agent = { id: registered.objectId, name: registered.name, tenantId: registered.tenantId, issuer };
    const parsed = normalize(submission.target);
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

/** Assesses and decides by what is true now; used at submission, before the approvers are asked, at the claim, and for a dry run. */
export async function judge(deps: JudgeDeps, agent: RegisteredAgent, parsed: ParsedArmRequest): Promise<Judgement> {
  const action = actionOf(parsed.request.method, parsed.path);
  const reading = await readTarget(deps, parsed, action);
  const assessment = assess(parsed.request, parsed.path, action, reading.facts, deps.scripts);
  const decision = deps.policies.decide({ agent, ...parsed, action, assessment, facts: reading.facts, now: deps.clock.now() });
  return { parsed, action, reading, assessment, decision };
}

export function normalize(target: UncheckedArmRequest): ParsedArmRequest {
  try {
    return parseArmRequest(target);
  } catch (error) {
    if (error instanceof ArmRequestError) throw new RequestError('InvalidRequest', error.message, { target: error.field });
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
async function countAgainstLimits(
  deps: SubmitDeps,
  agent: RegisteredAgent,
  id: string,
  { request, path }: ParsedArmRequest,
): Promise<void> {
  const over = await deps.limitKeeper.admitSubmission(agent, { id, action: actionOf(request.method, path) });
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
  { parsed, action, assessment, decision }: Judgement,
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
        target: summaryOf(parsed, told),
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

function summaryOf({ request, path }: ParsedArmRequest, { query, headers }: ToldRequest): TargetSummary {
  return {
    kind: 'arm',
    method: request.method,
    path: request.path,
    apiVersion: request.apiVersion,
    query,
    headers,
    resourceId: path.resourceId,
    type: path.type,
  };
}
