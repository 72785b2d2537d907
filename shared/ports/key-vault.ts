import type { SecretRequest } from '../domain/secrets/secret-request.ts';
import type { DeletedSecret, KeptProperties, SecretProperties, SecretState } from '../domain/secrets/secret-state.ts';
import type { SecretText } from '../domain/secrets/secret-text.ts';
import type { Credential } from './azure.ts';

export type { DeletedSecret, KeptProperties, SecretProperties, SecretState };

/** Reads properties with the reader identity; safe to repeat, so it is. Never throws for what Key Vault answers, and never sees a value. */
export type SecretReader = {
  /** `vault`: a canonical address, `https://NAME.SUFFIX`. The state is `unreadable` for any other host, which is never contacted. */
  read(vault: string, name: string): Promise<SecretState>;
};

/** What Key Vault answered where it did what was asked. */
export type SecretAnswer =
  /** `isWhole` is false where the vault holds more than the adapter reads at once. */
  | { readonly of: 'list'; readonly secrets: readonly SecretProperties[]; readonly isWhole: boolean }
  /** Of `get`, `set` and `recover`; the value is never in it. */
  | { readonly of: 'secret'; readonly secret: SecretProperties }
  | { readonly of: 'deleted'; readonly secret: DeletedSecret }
  /** Of `purge`. */
  | { readonly of: 'nothing' };

/** What came of one call. `requestId`: Key Vault's `x-ms-request-id`. Reasons and messages never hold a value. */
export type SecretOutcome =
  | { readonly kind: 'done'; readonly status: number; readonly answer: SecretAnswer; readonly requestId?: string }
  /** Key Vault answered that it did not do it; `code` as it spells it: `SecretNotFound`, `Forbidden`, `Conflict`… (the innermost of the error). */
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly message: string; readonly requestId?: string }
  /** Key Vault did nothing and asks to come again, no earlier than after `retryAfterMs`. */
  | { readonly kind: 'busy'; readonly status: number; readonly retryAfterMs: number }
  /** Certainly not sent, or sent and certainly refused before it was looked at. */
  | { readonly kind: 'notSent'; readonly reason: string }
  /** Sent, perhaps; nobody can say from here. A 5xx to an effect is this too. */
  | { readonly kind: 'doubtful'; readonly reason: string };

/** The value of one version. A disabled, expired or not yet valid one is told by `properties`: whether it may be used is not the adapter's to say. */
export type SecretValueOutcome =
  | { readonly kind: 'value'; readonly value: SecretText; readonly properties: SecretProperties; readonly requestId?: string }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly message: string; readonly requestId?: string }
  | { readonly kind: 'busy'; readonly status: number; readonly retryAfterMs: number }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Calls with the token of a credential, whose audience is Key Vault's and which is shown to no other host. */
export type SecretCaller = {
  /**
   * Sends exactly once: no retry, no redirect (the exchange by which Key Vault asks for the token changes nothing, and is no retry). Never throws for what happens after
   * the first byte. A `get` reads properties only, also where `reveal` is asked for. The version that a `set` makes has the properties `kept`, and no others.
   */
  callOnce(request: SecretRequest, credential: Credential, clientRequestId: string, kept?: KeptProperties): Promise<SecretOutcome>;
  /** Reads one value; the newest version where none is named. Safe to repeat. Never throws for what Key Vault answers. */
  readValue(vault: string, name: string, version: string | undefined, credential: Credential): Promise<SecretValueOutcome>;
};
