import type { Assessment } from '../assessment.ts';
import { mayBeRepeated } from '../execution.ts';
import type { TargetRequest } from '../target-request.ts';
import type { Tier } from './tiers.ts';

/** Factors by which a call's answer holds, or may hold, secrets. */
const revealing: ReadonlySet<string> = new Set(['revealsSecrets', 'mayRevealSecrets', 'replacesKeys', 'revealsSecretValue']);

/** The tier whose identity makes a call, by what the call was judged to be and never by what the agent says of it. */
export function tierOf(request: { readonly method: TargetRequest['method'] }, { factors }: Assessment): Tier {
  if (factors.some(({ code }) => revealing.has(code))) return 'secrets';
  return mayBeRepeated(request) ? 'reader' : 'operator';
}
