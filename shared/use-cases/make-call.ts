import type { EventDetail } from '../domain/event.ts';
import { mayBeRepeated, type VerifiedRequest } from '../domain/execution.ts';
import { plusMs } from '../domain/instant.ts';
import type { AzureCaller } from '../ports/azure.ts';
import type { Masker } from '../ports/masker.ts';
import type { OperationDocument } from '../ports/operation-store.ts';
import type { ExecutionPace } from './execution-pace.ts';
import type { PreparedCall } from './prepare-call.ts';
import { finishedBy, recordOutcome } from './record-outcome.ts';
import { giveBack, type WriteClaimedDeps, writeClaimed } from './write-claimed.ts';

export type MakeCallDeps = WriteClaimedDeps & { readonly caller: AzureCaller; readonly masker: Masker; readonly pace: ExecutionPace };

/** The one call, and what came of it. */
export async function makeCall(deps: MakeCallDeps, { stored, credential }: PreparedCall, { request }: VerifiedRequest): Promise<void> {
  const { operation } = stored;
  const outcome = await deps.caller.callOnce(request, credential, operation.id);
  switch (outcome.kind) {
    case 'answered':
      await recordOutcome(await finishedBy(deps.masker, stored.operation, outcome.answer), ({ detail, documents }) =>
        writeClaimed(deps, stored, [detail], documents),
      );
      return;
    case 'accepted': {
      const now = deps.clock.now();
      const polling: OperationDocument = {
        name: 'polling',
        value: { url: outcome.pollUrl, style: outcome.pollStyle, tier: credential.tier },
      };
      const accepted: EventDetail = { kind: 'callAccepted', status: outcome.status, pollUntil: plusMs(now, deps.pace.pollForMs) };
      await writeClaimed(deps, stored, [accepted], [polling], [{ purpose: 'poll', notBefore: plusMs(now, outcome.retryAfterMs) }]);
      return;
    }
    case 'notSent':
      await giveBack(deps, stored, outcome.reason);
      return;
    case 'doubtful':
      if (mayBeRepeated(request)) await giveBack(deps, stored, outcome.reason);
      else
        await writeClaimed(deps, stored, [
          { kind: 'executionFinished', outcome: 'outcomeUnknown', detail: outcome.reason, result: { masked: [] } },
        ]);
      return;
  }
}
