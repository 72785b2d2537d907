/** The tenant's directory (Microsoft Graph). Answers are at most 60 s old. Throws {@link DirectoryError} where it cannot be asked. */
export type Directory = {
  /** Those of the given group object ids that the person is in, directly or through other groups; empty for somebody unknown. */
  memberOf(personId: string, groupIds: readonly string[]): Promise<readonly string[]>;
  account(personId: string): Promise<'enabled' | 'disabled' | 'missing'>;
};

export class DirectoryError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DirectoryError';
  }
}
