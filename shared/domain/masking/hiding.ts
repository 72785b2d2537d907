import { looksRandom } from './assigned-secrets.ts';
import type { Spot } from './mask-path.ts';
import type { Place } from './places.ts';
import { isPublicMaterial, isReference } from './references.ts';
import { namesProof } from './secret-names.ts';
import { traits, traitsOf } from './traits.ts';

/** Whether a text is hidden by its place alone. */
export function hides(place: Place, text: string): boolean {
  switch (place) {
    case 'whole':
    case 'value':
    case 'map':
    case 'secured':
    case 'settings':
      return !isReference(text);
    case 'material':
      return !isPublicMaterial(text) && !isReference(text);
    case 'likely':
      return looksRandom(text);
    case 'plain':
    case 'headers':
    case 'credentials':
    case 'address':
    case 'harmless':
      return false;
  }
}

/** A PIN is a secret, a number of tokens is none. */
export function isHiddenNumber(place: Place, spot: Spot | undefined): boolean {
  return (
    (place === 'whole' || place === 'value' || place === 'map' || place === 'secured' || place === 'settings') &&
    !(typeof spot?.label === 'string' && /tokens$/i.test(spot.label))
  );
}

const word = traits.digit | traits.letter;

/** Shorter texts are not so particular that meeting them twice means the same thing. */
export const shortestTelling = 12;

/** Whether a text is so particular that meeting it twice means the same thing. */
export function isTelling(text: string): boolean {
  if (text.length < shortestTelling || text.length > 4_000) return false;
  const found = traitsOf(text);
  return (
    (found & word) === word && (found & (traits.space | traits.slash)) === 0 && !/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)
  );
}

/** Whether a text stands under a name of what proves content, as digests do: random bytes are expected there. */
export function isProof(spot: Spot | undefined): boolean {
  let named = spot;
  while (named !== undefined && typeof named.label === 'number') named = named.inside;
  return named !== undefined && typeof named.label === 'string' && namesProof(named.label);
}
