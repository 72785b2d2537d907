import { digestOf } from '../domain/digest.ts';
import type { EventDetail, ReadBackEvidence } from '../domain/event.ts';
import { type JsonValue, property } from '../domain/json.ts';
import type { Operation } from '../domain/operation.ts';
import type { AzureAnswer } from '../ports/azure.ts';
import type { Masker } from '../ports/masker.ts';
import { type OperationDocument, StoreError } from '../ports/operation-store.ts';

export type RecordedOutcome = {
  readonly detail: Extract<EventDetail, { kind: 'executionFinished' }>;
  readonly documents: readonly OperationDocument[];
};

/** Writes an outcome, without Azure's answer where that is more than can be stored: what became of the call must not be lost to what was said of it. */
export async function recordOutcome(outcome: RecordedOutcome, write: (outcome: RecordedOutcome) => Promise<unknown>): Promise<void> {
  try {
    await write(outcome);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'tooLarge') throw error;
    await write(withoutAnswer(outcome));
  }
}

function withoutAnswer({ detail }: RecordedOutcome): RecordedOutcome {
  const { bodyDigest: _, ...result } = detail.result;
  return {
    detail: { ...detail, detail: `${detail.detail} The answer is too large to be kept.`, result: { ...result, masked: [] } },
    documents: [],
  };
}

/** Azure's final answer as an event and a masked result; nothing of it is stored unmasked. `succeeded` overrides what the status alone says. */
export async function finishedBy(
  masker: Masker,
  { action, target }: Operation,
  answer: AzureAnswer,
  succeeded: boolean = answer.status >= 200 && answer.status < 300,
  readBack?: ReadBackEvidence,
): Promise<RecordedOutcome> {
  const masked = answer.body === undefined ? undefined : await masker.mask(answer.body, { part: 'answer', action, path: target.path });
  const outcome = succeeded ? 'succeeded' : 'failed';
  const detail = succeeded ? `Azure answered ${answer.status}.` : `Azure answered ${answer.status}${errorOf(masked?.value)}.`;
  return {
    detail: {
      kind: 'executionFinished',
      outcome,
      detail,
      result: {
        status: answer.status,
        ...(masked === undefined ? {} : { bodyDigest: digestOf(masked.value) }),
        masked: masked?.masked ?? [],
      },
      ...(readBack === undefined ? {} : { readBack }),
    },
    documents: masked === undefined ? [] : [{ name: 'result', value: masked.value }],
  };
}

/** Azure's own error code, which says more than a status. */
function errorOf(body: JsonValue | undefined): string {
  const code = property(property(body, 'error'), 'code');
  return typeof code === 'string' && /^[A-Za-z0-9]{1,80}$/.test(code) ? ` (${code})` : '';
}
