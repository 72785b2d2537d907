/** Encrypts bodies so that whoever reads the storage cannot; each is bound to its operation and name. Throws {@link SealError}. */
export type Sealer = {
  /** Sealed text (ASCII); sealing twice gives two different texts. */
  seal(operationId: string, name: string, bytes: Uint8Array): Promise<string>;
  open(operationId: string, name: string, sealed: string): Promise<Uint8Array>;
};

/**
 * `unknownKey`: sealed with a key that we do not have. `foreign`: sealed for another operation or as another document.
 * `damaged`: not sealed by us, or changed since.
 */
export class SealError extends Error {
  readonly code: 'unknownKey' | 'foreign' | 'damaged';
  constructor(code: SealError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SealError';
    this.code = code;
  }
}
