import { type Tier, tiers } from '../domain/access/tiers.ts';
import { type JsonValue, property } from '../domain/json.ts';
import type { Operation } from '../domain/operation.ts';
import { type AzureCaller, type CredentialBroker, type PollOutcome, type PollStyle, pollStyles } from '../ports/azure.ts';
import type { OperationStore } from '../ports/operation-store.ts';
import type { Log } from '../ports/system.ts';

export type PollOperationDeps = {
  readonly store: OperationStore;
  readonly broker: CredentialBroker;
  readonly caller: AzureCaller;
  readonly log: Log;
};

/** Asks once how an accepted call stands. Whatever goes wrong while it is asked, the call goes on in Azure: that is `unreadable`, and this never throws. */
export async function pollOperation(deps: PollOperationDeps, operation: Operation): Promise<PollOutcome> {
  try {
    const { url, style, tier } = readPolling(await deps.store.readDocument(operation.id, 'polling'));
    return await deps.caller.poll(url, style, await deps.broker.obtain(tier, operation.id));
  } catch (error) {
    deps.log.error('an accepted call could not be asked for', {
      operationId: operation.id,
      error: error instanceof Error ? error.name : typeof error,
    });
    return { kind: 'unreadable', reason: 'It could not be asked for.' };
  }
}

function readPolling(value: JsonValue | undefined): { url: string; style: PollStyle; tier: Tier } {
  const url = property(value, 'url');
  const style = pollStyles.find((known) => known === property(value, 'style'));
  const tier = tiers.find((known) => known === property(value, 'tier'));
  if (typeof url !== 'string' || style === undefined || tier === undefined) throw new TypeError('the stored polling address is incomplete');
  return { url, style, tier };
}
