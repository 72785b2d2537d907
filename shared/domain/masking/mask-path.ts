/** Where a value stands: its name or index, and what it stands in. Made for every value, written out only for the masked ones. */
export type Spot = { readonly label: string | number; readonly inside: Spot | undefined };

/** `properties.adminPassword`, `keys[0].value`, `tags["cost centre"]`; hostile names are cut, so that no list of paths outgrows what it lists. */
export function writePath(spot: Spot | undefined): string {
  const labels: string[] = [];
  for (let at = spot; at !== undefined; at = at.inside) labels.push(writeLabel(at.label));
  const path = labels.toReversed().join('').replace(/^\./, '');
  return path.length > maxPath ? `${path.slice(0, maxPath / 2)}…${path.slice(-maxPath / 2)}` : path;
}

const maxPath = 400;
const maxLabel = 80;
const plainLabel = /^[A-Za-z_$@][\w$@-]*$/;

function writeLabel(label: string | number): string {
  if (typeof label === 'number') return `[${label}]`;
  const short = label.length > maxLabel ? `${label.slice(0, maxLabel).toWellFormed()}…` : label;
  return plainLabel.test(short) ? `.${short}` : `[${JSON.stringify(short)}]`;
}

/** Collects the paths of one result; beyond a thousand they are counted. */
export class MaskedPaths {
  readonly #paths: string[] = [];
  #count = 0;
  #last: Spot | undefined;

  get count(): number {
    return this.#count;
  }

  add(spot: Spot | undefined): void {
    // One text may hide several secrets in several readings; it is one place.
    if (this.#count > 0 && spot === this.#last) return;
    this.#last = spot;
    this.#count += 1;
    if (this.#paths.length < maxListed) this.#paths.push(writePath(spot));
  }

  list(): readonly string[] {
    const unlisted = this.#count - this.#paths.length;
    return unlisted === 0 ? [...this.#paths] : [...this.#paths, `… and ${unlisted} more`];
  }
}

const maxListed = 1_000;
