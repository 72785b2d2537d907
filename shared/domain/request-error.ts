/** Every way in which a request to the API is refused, by the status it is answered with. */
export const requestErrorStatus = {
  InvalidJson: 400,
  InvalidRequest: 400,
  MissingToken: 401,
  InvalidToken: 401,
  ExpiredToken: 401,
  ForeignToken: 401,
  MissingRole: 403,
  AgentRequired: 403,
  PersonRequired: 403,
  ClientNotAllowed: 403,
  AgentRefused: 403,
  VoterNotInGroup: 403,
  VoterOwnsAgent: 403,
  OperationNotFound: 404,
  RepeatabilityConflict: 409,
  ApprovalDigestMismatch: 409,
  AlreadyVoted: 409,
  VotingEnded: 409,
  NotAwaitingApproval: 409,
  NotYetPreviewed: 409,
  NotCancellable: 409,
  OutcomeNotUnknown: 409,
  ConcurrentChange: 409,
  BodyTooLarge: 413,
  UnsupportedMediaType: 415,
  TooManyRequests: 429,
  Unavailable: 503,
} as const;

export type RequestErrorCode = keyof typeof requestErrorStatus;

/** One of several things that a refusal is about. */
export type RefusalDetail = { readonly code: string; readonly target: string; readonly message: string };

/** A refusal that the caller is told about. The message is written for the caller and names no internals; `target` is the field at fault. */
export class RequestError extends Error {
  readonly code: RequestErrorCode;
  readonly target: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly details: readonly RefusalDetail[];
  constructor(
    code: RequestErrorCode,
    message: string,
    options: { target?: string; retryAfterSeconds?: number; details?: readonly RefusalDetail[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RequestError';
    this.code = code;
    this.target = options.target;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.details = options.details ?? [];
  }
}
