/** `damaged`: what was kept cannot be trusted. `closed`: something is to be kept after the end. */
export type JournalErrorCode = 'damaged' | 'closed';

export class JournalError extends Error {
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string) {
    super(message);
    this.name = 'JournalError';
    this.code = code;
  }
}
