import type { Digest } from '../domain/digest.ts';
import type { Instant } from '../domain/instant.ts';
import type { OperationId } from '../domain/operation.ts';

/** What a message asks its consumer to do. Messages carry ids only; what is true is read from the store. */
export const purposes = [
  'requestApproval',
  'execute',
  'checkDeadline',
  'checkLease',
  'poll',
  'readBack',
  'pursueAccess',
  'revokeAccess',
  'dropSecret',
  'project',
  'notify',
] as const;
export type Purpose = (typeof purposes)[number];

/** A message about an operation as it will stand at `sequence`, once the commit that follows has been made. */
export type Announcement = {
  readonly operationId: OperationId;
  readonly purpose: Purpose;
  /** Sequence of the last event of the commit that this announces. */
  readonly sequence: number;
  /** Hash of that event: tells this commit from another that came to the same sequence, in the message id too, so that a repeated submission is never dropped as a duplicate of an announcement whose commit failed. */
  readonly commit: Digest;
  /** 0 for the first; higher for a message that was put off. */
  readonly attempt: number;
  /** Not to be delivered before; absent for at once. */
  readonly notBefore?: Instant;
  readonly traceparent?: string | undefined;
};

/** Sends messages before the commit that they announce. Resolves when all of them are durable. Throws {@link AnnounceError}. */
export type Announcer = {
  announce(announcements: readonly Announcement[]): Promise<void>;
};

export class AnnounceError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AnnounceError';
  }
}
