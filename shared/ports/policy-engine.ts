import type { ArmPath } from '../domain/arm-path.ts';
import type { Assessment, TargetFacts } from '../domain/assessment.ts';
import type { Decision } from '../domain/decision.ts';
import type { Instant } from '../domain/instant.ts';
import type { OperationCore } from '../domain/operation.ts';
import type { TargetRequest } from '../domain/target-request.ts';
import type { RegisteredAgent } from './agent-registry.ts';

export type PolicyQuestion = {
  readonly agent: RegisteredAgent;
  readonly request: TargetRequest;
  /** Where the target stands among Azure's resources. */
  readonly path: ArmPath;
  readonly action: string;
  readonly assessment: Assessment;
  readonly facts: TargetFacts;
  readonly now: Instant;
};

/** A person, with the names of those of our groups that the directory says the person is in. */
export type PersonInGroups = { readonly id: string; readonly groups: readonly string[] };

/** What the policies are told of an operation that a person asks about. */
export type JudgedOperation = Pick<OperationCore, 'action' | 'assessment'> & {
  readonly target: Pick<OperationCore['target'], 'method' | 'path'>;
};

/** The policies in force. Synchronous: everything it needs is in the question. Never throws: what cannot be evaluated is denied. */
export type PolicyEngine = {
  /** Digest of the policies; decisions record it. */
  readonly version: string;
  decide(question: PolicyQuestion): Decision;
  /** Whether this person may read this operation and its events. */
  mayRead(person: PersonInGroups, operation: JudgedOperation, now: Instant): boolean;
  /** Whether this person's vote would count, as far as the policies say; the requirements of the operation say the rest. */
  mayApprove(person: PersonInGroups, operation: JudgedOperation, now: Instant): boolean;
};
