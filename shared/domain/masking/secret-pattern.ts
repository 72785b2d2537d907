/**
 * One shape of a secret inside a text. The match is the secret, except for what the group `before` takes of it.
 * `hint` is a part that every match has, looked for first, since most texts have none.
 *
 * Every pattern is linear, so that a hostile text costs no more than its length: a match begins at the start of a run or at a literal
 * that its own run cannot contain (the look-behind), and neighbouring repetitions share no character.
 */
export type SecretPattern = {
  readonly kind: string;
  readonly hint: string | RegExp;
  readonly pattern: RegExp;
  /** Whether much is tried at each place that has the hint. */
  readonly isCostly?: boolean;
};
