import type { RoleGrant } from '../domain/access/role-grant.ts';
import type { Tier } from '../domain/access/tiers.ts';
import type { ArmRequest } from '../domain/arm-request.ts';
import type { Instant } from '../domain/instant.ts';
import type { JsonValue } from '../domain/json.ts';
import type { OperationId } from '../domain/operation.ts';

/** A short-lived credential for one operation. Never stored, never logged. */
export type Credential = { readonly tier: Tier; readonly identity: string; readonly token: string; readonly expiresAt: Instant };

export type CredentialBroker = {
  /** Throws {@link AzureError} `credentialRefused`. */
  obtain(tier: Tier, operationId: OperationId): Promise<Credential>;
};

export type GrantOutcome =
  | { readonly kind: 'granted' }
  /** The same right is there under another name: another operation's, most likely, which will go. */
  | { readonly kind: 'occupied' }
  /** Azure will not take it, however often it is asked. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Perhaps it was taken; asking again is harmless, since the name is the same. */
  | { readonly kind: 'unclear'; readonly reason: string };

/** A role assignment of one of the identities that operations are made with. */
export type FoundGrant = {
  readonly assignmentId: string;
  readonly principalId: string;
  readonly description: string;
  readonly createdAt: Instant | undefined;
};

/** Role assignments, written with an identity that can do nothing else. Never throws for what Azure answers. */
export type AccessGranter = {
  /** Makes the role assignment; a repetition changes nothing. */
  grant(grant: RoleGrant, description: string): Promise<GrantOutcome>;
  /** `removed` also where it was never there. */
  remove(assignmentId: string): Promise<'removed' | 'unclear'>;
  /** Whether the identity of a credential may do all of `needs` at the scope now, as Azure says. */
  allows(credential: Credential, scope: string, needs: readonly string[]): Promise<'yes' | 'no' | 'unclear'>;
  /** Every role assignment of these principals in every subscription that can be seen. Throws {@link AzureError} `unreadable` where the list is not whole. */
  list(principalIds: readonly string[]): Promise<readonly FoundGrant[]>;
};

/** What was found at an address of Azure Resource Manager. */
export type ReadOutcome =
  | { readonly state: 'present'; readonly body: JsonValue }
  | { readonly state: 'absent' }
  /** `passing`: Azure was busy or away, and may not be any more. */
  | { readonly state: 'unreadable'; readonly reason: string; readonly passing?: true };

/** Reads with the reader identity; safe to repeat, so it is. Never throws for what Azure answers. */
export type AzureReader = {
  read(path: string, apiVersion: string, query?: Readonly<Record<string, string>>): Promise<ReadOutcome>;
};

export type AzureAnswer = { readonly status: number; readonly body: JsonValue | undefined };

/** What came of one effect call. */
export type CallOutcome =
  /** Azure answered and is done. */
  | { readonly kind: 'answered'; readonly answer: AzureAnswer }
  /** Azure took it and goes on; ask `pollUrl` no earlier than after `retryAfterMs`. */
  | {
      readonly kind: 'accepted';
      readonly status: number;
      readonly pollUrl: string;
      readonly pollStyle: PollStyle;
      readonly retryAfterMs: number;
    }
  /** Azure did nothing and asks to come again, no earlier than after `retryAfterMs`. */
  | { readonly kind: 'busy'; readonly status: number; readonly retryAfterMs: number }
  /** Certainly not sent. */
  | { readonly kind: 'notSent'; readonly reason: string }
  /** Sent, perhaps; nobody can say from here. `accepted`: Azure said that it took the call, and not how to learn what becomes of it. */
  | { readonly kind: 'doubtful'; readonly reason: string; readonly accepted?: true };

/**
 * `asyncOperation`: a status document; `location`: 202 until it is done; `target`: the resource itself, by its provisioningState.
 * Source: learn.microsoft.com/azure/azure-resource-manager/management/async-operations.
 */
export const pollStyles = ['asyncOperation', 'location', 'target'] as const;
export type PollStyle = (typeof pollStyles)[number];

export type PollOutcome =
  | { readonly kind: 'pending'; readonly retryAfterMs: number }
  | { readonly kind: 'answered'; readonly answer: AzureAnswer; readonly succeeded: boolean }
  /** There is nothing at the address: the operation is forgotten, or its target was deleted or moved. */
  | { readonly kind: 'gone'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** What the activity log of a resource says of one call. */
export type LoggedOutcome =
  | { readonly outcome: 'succeeded' | 'failed' | 'goingOn' | 'nothing' }
  | { readonly outcome: 'unreadable'; readonly reason: string };

export type ActivityLog = {
  /** Of the calls to a resource that carried this client request id in this time. Read with the reader identity; never throws for what Azure answers. */
  find(call: {
    readonly resourceId: string;
    readonly clientRequestId: string;
    readonly from: Instant;
    readonly to: Instant;
  }): Promise<LoggedOutcome>;
};

export type AzureCaller = {
  /** Sends exactly once: no retry, no redirect. Never throws for what happens after the first byte. */
  callOnce(request: ArmRequest, credential: Credential, clientRequestId: string): Promise<CallOutcome>;
  poll(pollUrl: string, style: PollStyle, credential: Credential): Promise<PollOutcome>;
};

export class AzureError extends Error {
  readonly code: 'credentialRefused' | 'unreadable';
  constructor(code: AzureError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AzureError';
    this.code = code;
  }
}
