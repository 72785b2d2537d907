import type { ReadBackEvidence } from '../domain/event.ts';
import type { AzureAnswer } from '../ports/azure.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import type { CallSecretDeps } from './call-secret.ts';
import { finishedBy, type RecordedOutcome } from './record-outcome.ts';
import { maskerForAnswer } from './use-secrets.ts';

/** An answer that came after its call, masked; without its body where secrets were used that cannot be looked for in it any more. */
export async function finishedLater(
  deps: CallSecretDeps,
  stored: StoredOperation,
  answer: AzureAnswer,
  succeeded: boolean,
  readBack?: ReadBackEvidence,
): Promise<RecordedOutcome> {
  const masker = await maskerForAnswer(deps, stored);
  const kept = masker === undefined ? { status: answer.status, body: undefined } : answer;
  return await finishedBy(masker ?? deps.masker, stored.operation, kept, succeeded, readBack);
}
