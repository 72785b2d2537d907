import type { JsonValue } from '../domain/json.ts';
import type { Masked, MaskedCall } from '../domain/masking/masked.ts';

/** Hides secrets, and personal data where the deployment wants that, before anything is stored, shown or returned. Rejects rather than letting something through. */
export type Masker = {
  /** `call` is the one whose body or answer `value` is; absent for what an agent or a person wrote beside it. */
  mask(value: JsonValue, call?: MaskedCall): Promise<Masked>;
};
