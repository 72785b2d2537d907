/** Where a policy file is wrong. `line` counts from 1; undefined where the file as a whole is meant. */
export type PolicyPlace = { readonly file: string; readonly line: number | undefined };

/**
 * Raised while policies are loaded; a start that meets one must stop.
 * `files`: the directory or a file cannot be read, or there is no policy in it. `syntax`: not Cedar. `schema`: does not fit the schema.
 * `annotation`: an unknown, missing, repeated or invalid annotation. `literal`: compares with a value that never occurs.
 * `group`: names an agent or a group that nobody is, or asks one that could not answer. `configuration`: a protected scope is not a resource id.
 */
export class PolicyError extends Error {
  readonly code: 'files' | 'syntax' | 'schema' | 'annotation' | 'literal' | 'group' | 'configuration';
  readonly file: string;
  readonly line: number | undefined;
  readonly reason: string;
  /** What else is wrong; a start tells of the first alone. */
  readonly further: readonly PolicyError[];
  constructor(
    code: PolicyError['code'],
    place: PolicyPlace,
    reason: string,
    options: ErrorOptions & { readonly further?: readonly PolicyError[] } = {},
  ) {
    super(place.line === undefined ? `${place.file}: ${reason}` : `${place.file}:${place.line}: ${reason}`, options);
    this.name = 'PolicyError';
    this.code = code;
    this.file = place.file;
    this.line = place.line;
    this.reason = reason;
    this.further = options.further ?? [];
  }
}

/** Throws the first, with the others as its `further`; nothing where there are none. */
export function throwFaults(faults: readonly PolicyError[]): void {
  const [first, ...further] = faults;
  if (first !== undefined) throw new PolicyError(first.code, first, first.reason, { cause: first.cause, further });
}

/** What `each` makes of all items. Where it throws {@link PolicyError} for some, all of those are thrown together. */
export function mapOrFaults<Item, Made>(items: readonly Item[], each: (item: Item) => Made): readonly Made[] {
  const made: Made[] = [];
  const faults: PolicyError[] = [];
  for (const item of items) {
    try {
      made.push(each(item));
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      faults.push(error, ...error.further);
    }
  }
  throwFaults(faults);
  return made;
}
