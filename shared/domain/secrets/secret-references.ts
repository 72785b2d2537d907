import { isJsonObject, type JsonValue } from '../json.ts';
import { parseVault } from './vault-address.ts';

/** One secret that a request names instead of holding it; `text` is how, canonical. */
export type SecretReference = { readonly text: string; readonly vault: string; readonly name: string; readonly version?: string };

/** A reference and where in the body it stands, as `properties.adminPassword`. */
export type PlacedReference = { readonly reference: SecretReference; readonly place: string };

/** Raised by {@link findReferences}: `place` is where in the body. The message says what a reference may look like. */
export class SecretReferenceError extends Error {
  readonly place: string;
  constructor(place: string, message: string) {
    super(message);
    this.name = 'SecretReferenceError';
    this.place = place;
  }
}

const scheme = 'countersign:';
const shape = /^countersign:\/\/secret\/([a-z0-9.:-]{1,270})\/([0-9a-z-]{1,127})(?:\/([0-9a-f]{32}))?$/;

/** So many references a request may have; each is read from its vault before it runs. */
export const maxReferences = 20;

/** The reference that a text is, undefined where it is none. Names and hosts are the same in any case. */
export function parseReference(text: string): SecretReference | undefined {
  const [canonical, host, name, version] = shape.exec(text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())) ?? [];
  const vault = host === undefined ? undefined : parseVault(`https://${host}`);
  if (canonical === undefined || vault === undefined || name === undefined || name === 'providers') return undefined;
  return { text: canonical, vault, name, ...(version === undefined ? {} : { version }) };
}

/**
 * Every reference in a hostile body. A reference is a whole value: within a longer text it could become a part of something else than its owner meant, and as a name it
 * would be told. Throws {@link SecretReferenceError} for those, for what only looks like one, and for too many.
 */
export function findReferences(body: JsonValue | undefined): readonly PlacedReference[] {
  const found: PlacedReference[] = [];
  if (body !== undefined) collect(body, '', found);
  return found;
}

/** Whether a text outside of a body, as in a query, speaks of a reference, which is only for bodies. */
export function namesReference(text: string): boolean {
  return text.toLowerCase().includes(scheme);
}

/** The body with each reference replaced by what `valueFor` gives for it; nothing else is changed. */
export function withValues(body: JsonValue, valueFor: (reference: SecretReference) => string): JsonValue {
  if (typeof body === 'string') {
    const reference = parseReference(body);
    return reference === undefined ? body : valueFor(reference);
  }
  if (Array.isArray(body)) return body.map((inner) => withValues(inner, valueFor));
  if (!isJsonObject(body)) return body;
  return Object.fromEntries(Object.entries(body).map(([name, inner]) => [name, withValues(inner, valueFor)]));
}

function collect(value: JsonValue, place: string, found: PlacedReference[]): void {
  if (typeof value === 'string') {
    if (!namesReference(value)) return;
    const reference = parseReference(value);
    if (reference === undefined) {
      throw new SecretReferenceError(
        place,
        'A reference to a secret is a whole value, countersign://secret/VAULT-HOST/NAME or …/NAME/VERSION; it cannot stand within a longer text.',
      );
    }
    if (found.length === maxReferences) throw new SecretReferenceError(place, `A request may name ${maxReferences} secrets at most.`);
    found.push({ reference, place });
  } else if (Array.isArray(value)) {
    for (const [index, inner] of value.entries()) collect(inner, `${place}[${index}]`, found);
  } else if (isJsonObject(value)) {
    for (const [name, inner] of Object.entries(value)) {
      if (namesReference(name)) throw new SecretReferenceError(place, 'A reference to a secret is a value, never a name.');
      collect(inner, place === '' ? name : `${place}.${name}`, found);
    }
  }
}
