import type { ArmRequest } from '../domain/arm-request.ts';
import type { Instant } from '../domain/instant.ts';
import type { JsonValue } from '../domain/json.ts';
import type { OperationId } from '../domain/operation.ts';

/** Privilege tiers, one identity each. `reader` can change nothing. */
export const tiers = ['reader', 'operator'] as const;
export type Tier = (typeof tiers)[number];

/** A short-lived credential for one operation. Never stored, never logged. */
export type Credential = { readonly tier: Tier; readonly identity: string; readonly token: string; readonly expiresAt: Instant };

export type CredentialBroker = {
  /** Throws {@link AzureError} `credentialRefused`. */
  obtain(tier: Tier, operationId: OperationId): Promise<Credential>;
};

/** What was found at an address of Azure Resource Manager. */
export type ReadOutcome =
  | { readonly state: 'present'; readonly body: JsonValue }
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly reason: string };

/** Reads with the reader identity; safe to repeat, so it is. Never throws for what Azure answers. */
export type AzureReader = {
  read(path: string, apiVersion: string): Promise<ReadOutcome>;
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
  /** Certainly not sent. */
  | { readonly kind: 'notSent'; readonly reason: string }
  /** Sent, perhaps; nobody can say from here. */
  | { readonly kind: 'doubtful'; readonly reason: string };

/** `asyncOperation`: a status document; `location`: 202 until it is done. Source: learn.microsoft.com/azure/azure-resource-manager/management/async-operations. */
export type PollStyle = 'asyncOperation' | 'location';

export type PollOutcome =
  | { readonly kind: 'pending'; readonly retryAfterMs: number }
  | { readonly kind: 'answered'; readonly answer: AzureAnswer; readonly succeeded: boolean }
  | { readonly kind: 'unreadable'; readonly reason: string };

export type AzureCaller = {
  /** Sends exactly once: no retry, no redirect. Never throws for what happens after the first byte. */
  callOnce(request: ArmRequest, credential: Credential, clientRequestId: string): Promise<CallOutcome>;
  poll(pollUrl: string, style: PollStyle, credential: Credential): Promise<PollOutcome>;
};

export class AzureError extends Error {
  readonly code: 'credentialRefused';
  constructor(code: AzureError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AzureError';
    this.code = code;
  }
}
