import type { JsonValue } from '../domain/json.ts';
import type { Masked } from '../domain/masking/mask.ts';

/** Hides secrets, and personal data where the deployment wants that, before anything is stored, shown or returned. Rejects rather than letting something through. */
export type Masker = {
  /** `action` is the RBAC-style action whose answer `value` is; absent for what an agent or a person sent. */
  mask(value: JsonValue, action?: string): Promise<Masked>;
};
