import type { RoleGrant } from './access/role-grant.ts';
import type { Preview, Vote, VoteRefusal, Voter } from './approval.ts';
import type { ArmMethod } from './arm-method.ts';
import type { Assessment } from './assessment.ts';
import type { Decision } from './decision.ts';
import type { Digest } from './digest.ts';
import type { Instant } from './instant.ts';
import type { SecretMethod } from './secrets/secret-request.ts';

/** A non-human caller: managed identity, service principal or workload, as its verified token and our register name it. */
export type Agent = { readonly id: string; readonly name: string; readonly tenantId: string; readonly issuer: string };

/** What a verified token says of how its bearer came by it; evidence only, nothing is decided by it. Never the token itself. */
export type TokenProof = {
  /** `iss` as it stood in the token. */
  readonly issuer: string;
  /** The client application that obtained it: `azp`, `appid` or what the issuer calls it. */
  readonly client?: string;
  /** Resource id of the managed identity, where the tenant issues the optional claim `xms_mirid`. */
  readonly managedIdentity?: string;
};

/** Who did what an event tells. */
export type Actor =
  | { readonly kind: 'agent'; readonly id: string; readonly name: string }
  | { readonly kind: 'person'; readonly id: string; readonly name: string }
  | { readonly kind: 'countersign'; readonly role: 'edge' | 'approvals' | 'executor' };

/** The request without its body's secrets: what people are shown. The body itself is a sealed document. */
export type TargetSummary = ArmTargetSummary | SecretTargetSummary;

export type ArmTargetSummary = {
  readonly kind: 'arm';
  readonly method: ArmMethod;
  readonly path: string;
  readonly apiVersion: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Lower-case id that policies and locks compare. */
  readonly resourceId: string;
  readonly type: string;
};

/** A call of a vault's secrets; the value of a `set` is in the sealed request alone. */
export type SecretTargetSummary = {
  readonly kind: 'keyvaultSecret';
  readonly method: SecretMethod;
  readonly vault: string;
  readonly name?: string;
  readonly version?: string;
  /** Thumbprint (RFC 7638) of the key to which a value is encrypted, where the value is asked for. */
  readonly revealTo?: string;
  /** Where it stands among Azure's resources, as it was found when it was submitted; canonical, and checked again before anybody is asked and at the claim. */
  readonly path: string;
  readonly resourceId: string;
  readonly type: string;
};

/** Where the card of an operation hangs, so that it can be changed later. */
export type CardReference = {
  readonly channel: 'teams';
  readonly group: string;
  readonly conversationId: string;
  readonly activityId: string;
};

/** What came of the call. `masked` lists the paths whose values were replaced. */
export type ResultSummary = {
  /** HTTP status that Azure answered with; absent where none was received. */
  readonly status?: number;
  readonly bodyDigest?: Digest;
  readonly masked: readonly string[];
};

/**
 * The target as it was read before a call, by which a reading back tells what the call did. The digest is salted and over everything that was read, also over
 * what only tells when it was last written; `asAsked`: it was as the call would make it already.
 */
export type TargetBefore = { readonly state: 'present'; readonly digest: Digest; readonly asAsked: boolean } | SecretBefore;

/** A secret before a call: the version that was the newest, and how many there were. */
export type SecretBefore =
  | { readonly state: 'secretPresent'; readonly newest: string; readonly versions: number }
  | { readonly state: 'secretDeleted' }
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable' };

/** A secret whose value was put into a call, and the version it was. */
export type UsedSecret = { readonly reference: string; readonly version: string };

/** What told the outcome of a call whose answer never came. */
export type ReadBackEvidence = {
  readonly by: 'operationStatus' | 'target' | 'activityLog';
  /** What was found there, in a sentence. */
  readonly found: string;
};

/** What a person found who looked for the effect of a call that nobody else could tell of. */
export const findings = ['effect', 'noEffect', 'partialEffect'] as const;
export type Finding = (typeof findings)[number];

export type StopCode =
  | 'digestMismatch'
  | 'chainBroken'
  | 'votesInsufficient'
  | 'voterNoLongerMember'
  | 'policyRefuses'
  | 'agentRefused'
  | 'drifted'
  | 'tooLate'
  | 'targetUnreadable'
  | 'movedElsewhere'
  | 'limitReached';

/** What one event says, by kind. Everything an operation's state is made of is in here, so that state and evidence cannot disagree. */
export type EventDetail =
  | {
      readonly kind: 'submitted';
      readonly agent: Agent;
      readonly proof?: TokenProof;
      readonly ownerId: string;
      readonly target: TargetSummary;
      readonly action: string;
      /** Salted digest of the canonical request; the salt is sealed with the request. */
      readonly digest: Digest;
      /** Keyed fingerprint by which a repeat is told from a conflict. */
      readonly requestMac: string;
      readonly justification: string;
      readonly clientRequestId?: string;
      readonly traceparent?: string;
    }
  | { readonly kind: 'assessed'; readonly assessment: Assessment }
  /** `deadline`: until when people may vote (requireApproval) or until when it may run (allow). */
  | { readonly kind: 'decided'; readonly decision: Decision; readonly deadline: Instant }
  | { readonly kind: 'previewed'; readonly preview: Preview; readonly approvalDigest: Digest; readonly masked: readonly string[] }
  | { readonly kind: 'approvalRequested'; readonly card: CardReference }
  | { readonly kind: 'voteRecorded'; readonly vote: Vote }
  | { readonly kind: 'voteRefused'; readonly voter: Voter; readonly refusal: VoteRefusal; readonly channel: 'teams' | 'api' }
  | { readonly kind: 'approved'; readonly executeBy: Instant }
  | { readonly kind: 'rejected'; readonly by: Voter; readonly reason: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'expired'; readonly waitingFor: 'approval' | 'execution' }
  | { readonly kind: 'executionStarted'; readonly attempt: number; readonly leaseUntil: Instant }
  | { readonly kind: 'credentialIssued'; readonly tier: string; readonly identity: string; readonly expiresAt: Instant }
  /** The durable intent of a grant: after this the role assignment may exist, and somebody knows that it must go. */
  | { readonly kind: 'accessRequested'; readonly grant: RoleGrant; readonly accessUntil: Instant }
  /** Azure took the role assignment; it does not act everywhere yet. */
  | { readonly kind: 'accessGranted'; readonly attempt: number }
  /** Azure says that the identity may do what the call needs. */
  | { readonly kind: 'accessPropagated'; readonly attempt: number; readonly leaseUntil: Instant }
  /** The role assignment is deleted; the right may act for a while yet. */
  | { readonly kind: 'accessRemoved'; readonly attempt: number }
  /** `confirmed`: Azure says that the identity may no longer do it; else another right of the same identity covers it. */
  | { readonly kind: 'accessRevoked'; readonly attempt: number; readonly confirmed: boolean }
  /** A role assignment of this operation outlived it and was found and deleted by the scheduled check. */
  | { readonly kind: 'leftoverAccessRemoved'; readonly assignmentId: string }
  /** The durable intent: after this the call may have happened. */
  | {
      readonly kind: 'callStarted';
      readonly digest: Digest;
      readonly leaseUntil: Instant;
      readonly before?: TargetBefore;
      readonly secretsUsed?: readonly UsedSecret[];
    }
  /** Azure took the call and goes on with it; the polling address is a sealed document. */
  | { readonly kind: 'callAccepted'; readonly status: number; readonly pollUntil: Instant }
  /** A check at the claim failed; nothing was sent to Azure. */
  | { readonly kind: 'executionStopped'; readonly code: StopCode; readonly detail: string; readonly end: 'denied' | 'expired' }
  /** The claim was given back before anything was sent, or the call is one that may be repeated. */
  | { readonly kind: 'executionReleased'; readonly reason: string; readonly readBack?: ReadBackEvidence }
  /** Nothing was done, and it was nobody's fault: Azure is busy, or something that is asked at the claim is away. No attempt is lost by it. */
  | { readonly kind: 'executionDeferred'; readonly reason: string; readonly notBefore: Instant }
  /** The call may have happened and its answer is lost: it is looked for from `readAt` on, until `readUntil`. `accepted`: Azure had taken it. */
  | {
      readonly kind: 'outcomeDoubted';
      readonly reason: string;
      readonly accepted: boolean;
      readonly readAt: Instant;
      readonly readUntil: Instant;
    }
  | {
      readonly kind: 'executionFinished';
      readonly outcome: 'succeeded' | 'failed' | 'outcomeUnknown';
      readonly detail: string;
      readonly result: ResultSummary;
      readonly readBack?: ReadBackEvidence;
      /** Until when the agent may fetch what was encrypted to its key; absent where nothing was. */
      readonly handoverUntil?: Instant;
    }
  /** The agent took the encrypted value, which is deleted in the same transaction. */
  | { readonly kind: 'secretCollected' }
  /** Nobody took it in time; it is deleted in the same transaction. */
  | { readonly kind: 'secretDropped' }
  /** A person looked where the outcome is unknown. */
  | { readonly kind: 'findingRecorded'; readonly by: Voter; readonly found: Finding; readonly note: string }
  | { readonly kind: 'messageDeadLettered'; readonly queue: string; readonly purpose: string; readonly reason: string };

export type EventKind = EventDetail['kind'];

/** What happened, before it has its place in the chain. */
export type Happening = { readonly actor: Actor; readonly at: Instant; readonly detail: EventDetail };

/** One immutable audit record of one operation. */
export type OperationEvent = Happening & {
  readonly operationId: string;
  /** 1 for the first. */
  readonly sequence: number;
  readonly previousHash: Digest;
  readonly hash: Digest;
};
