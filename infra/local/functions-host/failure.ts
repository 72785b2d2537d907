export type HostFailureCode =
  | 'invalidArguments'
  | 'invalidHostJson'
  | 'entryFailed'
  | 'noFunctions'
  | 'duplicateFunction'
  | 'unsupportedBinding'
  | 'invalidRoute'
  | 'invalidSchedule'
  | 'missingSetting'
  | 'invalidSetting'
  | 'portUnavailable';

/** A reason not to start. Its message is meant for the developer's terminal and never holds the value of a setting. */
export class HostFailure extends Error {
  readonly code: HostFailureCode;

  constructor(code: HostFailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HostFailure';
    this.code = code;
  }
}
