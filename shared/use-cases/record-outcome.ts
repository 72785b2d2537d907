import { digestOf } from '../domain/digest.ts';
import type { EventDetail } from '../domain/event.ts';
import { type JsonValue, property } from '../domain/json.ts';
import { maskSecrets } from '../domain/masking/mask.ts';
import type { AzureAnswer } from '../ports/azure.ts';
import type { OperationDocument } from '../ports/operation-store.ts';

export type RecordedOutcome = { readonly detail: EventDetail; readonly documents: readonly OperationDocument[] };

/** Azure's final answer as an event and a masked result; nothing of it is stored unmasked. `succeeded` overrides what the status alone says. */
export function finishedBy(answer: AzureAnswer, succeeded: boolean = answer.status >= 200 && answer.status < 300): RecordedOutcome {
  const masked = answer.body === undefined ? undefined : maskSecrets(answer.body);
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
    },
    documents: masked === undefined ? [] : [{ name: 'result', value: masked.value }],
  };
}

/** Azure's own error code, which says more than a status. */
function errorOf(body: JsonValue | undefined): string {
  const code = property(property(body, 'error'), 'code');
  return typeof code === 'string' && /^[A-Za-z0-9]{1,80}$/.test(code) ? ` (${code})` : '';
}
