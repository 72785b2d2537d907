import type { TargetFacts } from '../../domain/assessment.ts';
import { type DecidingPolicy, type Decision, stricterRequirements } from '../../domain/decision.ts';
import type { Digest } from '../../domain/digest.ts';
import type { Instant } from '../../domain/instant.ts';
import { isUnplaced } from '../../domain/secrets/secret-action.ts';
import { reveals } from '../../domain/secrets/secret-request.ts';
import type { JudgedOperation, PersonInGroups, PolicyEngine, PolicyQuestion } from '../../ports/policy-engine.ts';
import { askCedar } from './ask-cedar.ts';
import { agentQuestion, type CedarQuestion, personQuestion } from './cedar-question.ts';
import type { ParsedPolicy } from './parse-policies.ts';
import { defaultRequirements } from './policy-annotations.ts';
import { tagsNamed } from './policy-syntax.ts';
import type { BuiltInForbid } from './protected-scopes.ts';

export type EngineParts = {
  /** The name under which policies and schema are prepared. */
  readonly version: Digest;
  /** In the order of the files. */
  readonly policies: readonly ParsedPolicy[];
  readonly builtInForbid: BuiltInForbid;
};

/** Denials that no file writes: their ids cannot be taken by an `@id`, which has no dots. */
const builtIn = {
  ownResources: 'built-in.own-resources',
  nothingPermits: { id: 'built-in.default-deny', advice: 'No policy permits this.' },
  vaultUnknown: {
    id: 'built-in.vault-unknown',
    advice: 'Countersign sees no vault of this address in any subscription: it may not exist, or the reader identity may not read it.',
  },
  revealsNothing: { id: 'built-in.no-reveal', advice: 'No policy permits that the value of this secret is revealed to this agent.' },
  faulty: { id: 'built-in.faulty', advice: 'The policies could not be evaluated for this request, so that nothing is allowed.' },
  tagsUnknown: {
    id: 'built-in.tags-unknown',
    advice: 'A policy depends on tags, and the tags of the target or of what contains it could not be read.',
  },
} as const;

/** An engine over policies that were checked. Asks `execute`, then `request`; whatever fails is denied. */
export function makePolicyEngine({ version, policies, builtInForbid }: EngineParts): PolicyEngine {
  const usesTags = policies.some(({ json }) => tagsNamed(json).length > 0);
  const deny = (...why: readonly DecidingPolicy[]): Decision => ({
    outcome: 'deny',
    reasons: why.map(({ id, advice }) => advice ?? id),
    policies: why,
    policyVersion: version,
  });

  const decide = (question: PolicyQuestion): Decision => {
    const own = builtInForbid(question);
    if (own !== undefined) return deny({ id: builtIn.ownResources, advice: own });
    if (usesTags && tagsUnknown(question.facts)) return deny(builtIn.tagsUnknown);
    const { request: called } = question;
    if (called.kind === 'keyvaultSecret' && isUnplaced(question.path)) return deny(builtIn.vaultUnknown);
    const asked = agentQuestion(question);
    if (called.kind === 'keyvaultSecret' && reveals(called)) return decideReveal(asked);
    const execute = askCedar(version, 'execute', asked);
    if (execute.kind === 'faulty') return deny(faulty(execute.policyIds));
    if (execute.kind === 'permitted') {
      return { outcome: 'allow', ...permitting(inOrder(policies, execute.determining)), policyVersion: version };
    }
    const request = askCedar(version, 'request', asked);
    if (request.kind === 'faulty') return deny(faulty(request.policyIds));
    if (request.kind === 'permitted') return requireApproval(version, inOrder(policies, request.determining));
    // What only forbids to run without asking is no reason where asking is forbidden, too.
    const forbids = inOrder(policies, request.determining.length > 0 ? request.determining : execute.determining);
    return forbids.length === 0 ? deny(builtIn.nothingPermits) : deny(...forbids.map(decidingPolicy));
  };

  /** A value is handed out only where a policy permits that, and never without a person: what would run at once is not asked for. */
  const decideReveal = (asked: CedarQuestion): Decision => {
    const reveal = askCedar(version, 'reveal', asked);
    if (reveal.kind === 'faulty') return deny(faulty(reveal.policyIds));
    if (reveal.kind === 'refused') {
      const forbids = inOrder(policies, reveal.determining);
      return forbids.length === 0 ? deny(builtIn.revealsNothing) : deny(...forbids.map(decidingPolicy));
    }
    const request = askCedar(version, 'request', asked);
    if (request.kind === 'faulty') return deny(faulty(request.policyIds));
    if (request.kind === 'permitted') {
      return requireApproval(version, inOrder(policies, [...request.determining, ...reveal.determining]));
    }
    const forbids = inOrder(policies, request.determining);
    return forbids.length === 0 ? deny(builtIn.nothingPermits) : deny(...forbids.map(decidingPolicy));
  };

  const mayDo = (action: 'read' | 'approve', person: PersonInGroups, operation: JudgedOperation, now: Instant): boolean =>
    failClosed(() => askCedar(version, action, personQuestion(person, operation, now)).kind === 'permitted', false);

  return {
    version,
    decide: (question) => failClosed(() => decide(question), deny(builtIn.faulty)),
    mayRead: (person, operation, now) => mayDo('read', person, operation, now),
    mayApprove: (person, operation, now) => mayDo('approve', person, operation, now),
  };
}

/** Whatever goes wrong while a question is put or answered, the answer is the refusal. */
function failClosed<Answer>(ask: () => Answer, refusal: Answer): Answer {
  try {
    return ask();
  } catch {
    return refusal;
  }
}

function faulty(policyIds: readonly string[]): DecidingPolicy {
  const { id, advice } = builtIn.faulty;
  return policyIds.length === 0 ? builtIn.faulty : { id, advice: `${advice} Faulty: ${[...policyIds].sort().join(', ')}.` };
}

function decidingPolicy({ id, advice }: ParsedPolicy): DecidingPolicy {
  return advice === undefined ? { id } : { id, advice };
}

function permitting(policies: readonly ParsedPolicy[]): Pick<Decision, 'reasons' | 'policies'> {
  return { reasons: policies.map(({ id }) => id), policies: policies.map(decidingPolicy) };
}

function inOrder(policies: readonly ParsedPolicy[], ids: readonly string[]): readonly ParsedPolicy[] {
  return policies.filter(({ id }) => ids.includes(id));
}

/** Several policies that let an agent ask combine to the strictest. */
function requireApproval(version: Digest, asking: readonly ParsedPolicy[]): Decision {
  const [first = defaultRequirements, ...others] = asking.map(({ requirements }) => requirements ?? defaultRequirements);
  const requirements = others.reduce(stricterRequirements, first);
  return { outcome: 'requireApproval', ...permitting(asking), policyVersion: version, requirements };
}

/** Tags that were never looked for, as with a harmless read, are another matter: such a question is decided without them. */
function tagsUnknown({ scopes }: TargetFacts): boolean {
  return scopes.some(({ tags }) => tags === undefined);
}
