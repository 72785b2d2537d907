/** A secret's value on its way: prints, logs and serialises as a placeholder, so that only who asks for it by name gets it. */
export class SecretText {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The value itself: to be sent, encrypted or compared, never to be kept. */
  reveal(): string {
    return this.#value;
  }
  toJSON(): string {
    return '[secret]';
  }
  toString(): string {
    return '[secret]';
  }
  /** What Node prints of it. Source: nodejs.org/api/util.html#utilinspectcustom. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}
