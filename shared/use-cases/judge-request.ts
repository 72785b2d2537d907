import type { ArmPath } from '../domain/arm-path.ts';
import type { Assessment, TargetFacts } from '../domain/assessment.ts';
import type { Decision } from '../domain/decision.ts';
import type { TargetState } from '../domain/preview.ts';
import { assess } from '../domain/risk/assess.ts';
import { assessSecret, type SecretFacts } from '../domain/risk/assess-secret.ts';
import type { ScriptReader } from '../domain/risk/scripts/script-reader.ts';
import { withSecretUses } from '../domain/risk/secret-uses.ts';
import { secretPath } from '../domain/secrets/secret-action.ts';
import type { SecretRequest } from '../domain/secrets/secret-request.ts';
import { previewBody, type SecretState } from '../domain/secrets/secret-state.ts';
import { actionOfTarget, type ParsedTarget } from '../domain/target-request.ts';
import type { RegisteredAgent } from '../ports/agent-registry.ts';
import type { ReadOutcome } from '../ports/azure.ts';
import type { PolicyEngine } from '../ports/policy-engine.ts';
import { type JudgeReferencesDeps, judgeReferences } from './judge-references.ts';
import { readSecretFacts } from './read-secret.ts';
import { type ReadTargetDeps, readTarget } from './read-target.ts';

export type JudgeDeps = ReadTargetDeps & JudgeReferencesDeps & { readonly policies: PolicyEngine; readonly scripts: ScriptReader };

/** What was found of the target: the facts for the policies, its state for the preview, and the secret where it is one. */
export type JudgedReading = { readonly facts: TargetFacts; readonly target: ReadOutcome; readonly secret?: SecretState };

export type Judgement = {
  readonly parsed: ParsedTarget;
  /** Where the target stands among Azure's resources. */
  readonly path: ArmPath;
  readonly action: string;
  readonly reading: JudgedReading;
  readonly assessment: Assessment;
  readonly decision: Decision;
};

/** Assesses and decides by what is true now; used at submission, before the approvers are asked, at the claim, and for a dry run. Throws RequestError `Unavailable`. */
export async function judge(deps: JudgeDeps, agent: RegisteredAgent, parsed: ParsedTarget): Promise<Judgement> {
  const action = actionOfTarget(parsed);
  if (parsed.path === undefined) return await judgeSecretCall(deps, agent, parsed.request, action);
  const [reading, references] = await Promise.all([readTarget(deps, parsed, action), judgeReferences(deps, agent, parsed, action)]);
  const { request, path } = parsed;
  const itself = assess(request, path, action, reading.facts, deps.scripts);
  const assessment = references === undefined ? itself : withSecretUses(itself, references.uses);
  const decision = deps.policies.decide({ agent, request, path, action, assessment, facts: reading.facts, now: deps.clock.now() });
  return { parsed, path, action, reading, assessment, decision: references?.decide(decision) ?? decision };
}

async function judgeSecretCall(deps: JudgeDeps, agent: RegisteredAgent, request: SecretRequest, action: string): Promise<Judgement> {
  const facts = await readSecretFacts(deps, request);
  const path = secretPath(request, facts.vault.resourceId);
  const assessment = assessSecret(request, facts);
  const decision = deps.policies.decide({ agent, request, path, action, assessment, facts: facts.scopes, now: deps.clock.now() });
  const secret = facts.state === undefined ? {} : { secret: facts.state };
  return {
    parsed: { request },
    path,
    action,
    reading: { facts: facts.scopes, target: targetOf(request, facts), ...secret },
    assessment,
    decision,
  };
}

/** What approvers are shown of a secret; never its value. */
function targetOf(request: SecretRequest, { vault, state }: SecretFacts): TargetState {
  if (state === undefined) return { state: 'unreadable', reason: 'It was not read: the call changes nothing.' };
  if (state.state === 'unreadable') return { state: 'unreadable', reason: state.reason };
  const body = previewBody(request.vault, state, vault);
  return body === undefined ? { state: 'absent' } : { state: 'present', body };
}
