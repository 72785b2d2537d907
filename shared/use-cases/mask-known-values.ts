import { maskValues } from '../domain/masking/mask-values.ts';
import type { SecretText } from '../domain/secrets/secret-text.ts';
import type { Masker } from '../ports/masker.ts';

/** A masker that hides these values too, wherever and however they come back. */
export function maskerOf(masker: Masker, values: Iterable<SecretText>): Masker {
  const known = [...values].map((value) => value.reveal());
  if (known.length === 0) return masker;
  return {
    mask: async (value, call) => {
      const first = maskValues(value, known);
      const masked = await masker.mask(first.value, call);
      // Masking may unpack what was packed, so that what it leaves is looked through again.
      const last = maskValues(masked.value, known);
      return { value: last.value, masked: [...new Set([...first.masked, ...masked.masked, ...last.masked])] };
    },
  };
}
