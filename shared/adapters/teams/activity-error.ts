/** Why an activity was refused. `status` is the HTTP status that its sender gets. */
export type ActivityErrorCode =
  | 'missingToken'
  | 'tokenTooLarge'
  | 'malformedToken'
  | 'wrongIssuer'
  | 'badSignature'
  | 'wrongAudience'
  | 'expired'
  | 'notYetValid'
  | 'keysUnavailable'
  | 'bodyTooLarge'
  | 'malformedActivity'
  | 'missingServiceUrl'
  | 'serviceUrlMismatch'
  | 'serviceUrlNotAllowed'
  | 'wrongChannel'
  | 'wrongTenant'
  | 'unknownConversation'
  | 'missingPerson'
  | 'malformedAction';

const statusOf: Readonly<Record<ActivityErrorCode, number>> = {
  missingToken: 401,
  tokenTooLarge: 401,
  malformedToken: 401,
  wrongIssuer: 401,
  badSignature: 401,
  wrongAudience: 401,
  expired: 401,
  notYetValid: 401,
  keysUnavailable: 503,
  bodyTooLarge: 413,
  malformedActivity: 400,
  missingServiceUrl: 403,
  serviceUrlMismatch: 403,
  serviceUrlNotAllowed: 403,
  wrongChannel: 403,
  wrongTenant: 403,
  unknownConversation: 403,
  missingPerson: 403,
  malformedAction: 400,
};

/** Raised for an activity that is not taken; the message names the failed check and holds nothing of what was sent. */
export class ActivityError extends Error {
  readonly code: ActivityErrorCode;
  readonly status: number;
  constructor(code: ActivityErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ActivityError';
    this.code = code;
    this.status = statusOf[code];
  }
}
