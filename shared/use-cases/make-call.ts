import type { ArmRequest } from '../domain/arm-request.ts';
import type { EventDetail } from '../domain/event.ts';
import { mayBeRepeated } from '../domain/execution.ts';
import { plusMs } from '../domain/instant.ts';
import type { SecretRequest } from '../domain/secrets/secret-request.ts';
import type { SecretState } from '../domain/secrets/secret-state.ts';
import type { AzureCaller, CallOutcome, Credential } from '../ports/azure.ts';
import type { Masker } from '../ports/masker.ts';
import type { OperationDocument, StoredOperation } from '../ports/operation-store.ts';
import { type CallSecretDeps, callSecret } from './call-secret.ts';
import { type DeferDeps, deferredOrFailed } from './defer-execution.ts';
import { outcomeDoubted } from './doubt-outcome.ts';
import type { ExecutionPace } from './execution-pace.ts';
import { maskerOf } from './mask-known-values.ts';
import type { PreparedCall } from './prepare-call.ts';
import { finishedBy, recordOutcome } from './record-outcome.ts';
import { type SecretsInUse, withSecrets } from './use-secrets.ts';
import type { VerifiedClaim } from './verify-claim.ts';
import { giveBack, type WriteClaimedDeps, writeClaimed } from './write-claimed.ts';

export type MakeCallDeps = WriteClaimedDeps &
  DeferDeps &
  CallSecretDeps & { readonly caller: AzureCaller; readonly masker: Masker; readonly pace: ExecutionPace };

/** The one call, and what came of it. That is known only here: it is written although nobody can be told of it at the moment. */
export async function makeCall(
  deps: MakeCallDeps,
  prepared: PreparedCall,
  { request, secret }: VerifiedClaim,
  secrets: SecretsInUse,
): Promise<void> {
  if (request.kind === 'arm') return await makeArmCall(deps, prepared, request, secrets);
  return await makeSecretCall(deps, prepared, request, secret);
}

async function makeSecretCall(
  deps: MakeCallDeps,
  { stored, credential }: PreparedCall,
  request: SecretRequest,
  secret: SecretState | undefined,
): Promise<void> {
  const { operation } = stored;
  if (operation.status !== 'executing') return;
  const outcome = await callSecret(deps, request, secret, credential, operation);
  const write = async (detail: EventDetail, documents: readonly OperationDocument[] = []) =>
    await writeClaimed(deps, stored, [detail], { documents, evenUnannounced: true });
  switch (outcome.kind) {
    case 'finished':
      return await recordOutcome(outcome.outcome, ({ detail, documents }) => write(detail, documents));
    case 'busy':
      await write(deferredOrFailed(deps, operation, outcome));
      return;
    case 'notSent':
      return await giveBack(deps, stored, outcome.reason, { evenUnannounced: true });
    case 'doubtful':
      if (mayBeRepeated(request)) return await giveBack(deps, stored, outcome.reason, { evenUnannounced: true });
      await write(outcomeDoubted(deps.pace, { reason: outcome.reason, accepted: false }, deps.clock.now()));
      return;
  }
}

async function makeArmCall(
  deps: MakeCallDeps,
  { stored, credential }: PreparedCall,
  request: ArmRequest,
  secrets: SecretsInUse,
): Promise<void> {
  const { operation } = stored;
  const outcome = await deps.caller.callOnce(withSecrets(request, secrets), credential, operation.id);
  if (operation.status !== 'executing') return;
  const write = async (detail: EventDetail, documents: readonly OperationDocument[] = []) =>
    await writeClaimed(deps, stored, [detail], { documents, evenUnannounced: true });
  switch (outcome.kind) {
    case 'answered':
      return await recordOutcome(
        await finishedBy(maskerOf(deps.masker, secrets.values.values()), operation, outcome.answer),
        ({ detail, documents }) => write(detail, documents),
      );
    case 'accepted':
      return await recordAcceptance(deps, stored, credential, outcome);
    case 'busy':
      await write(deferredOrFailed(deps, operation, outcome));
      return;
    case 'notSent':
      return await giveBack(deps, stored, outcome.reason, { evenUnannounced: true });
    case 'doubtful':
      if (mayBeRepeated(request)) return await giveBack(deps, stored, outcome.reason, { evenUnannounced: true });
      await write(outcomeDoubted(deps.pace, { reason: outcome.reason, accepted: outcome.accepted === true }, deps.clock.now()));
      return;
  }
}

/** The address is durable before anybody asks there. */
async function recordAcceptance(
  deps: MakeCallDeps,
  stored: StoredOperation,
  { tier }: Credential,
  { status, pollUrl: url, pollStyle: style, retryAfterMs }: Extract<CallOutcome, { kind: 'accepted' }>,
): Promise<void> {
  const now = deps.clock.now();
  const accepted: EventDetail = { kind: 'callAccepted', status, pollUntil: plusMs(now, deps.pace.pollForMs) };
  await writeClaimed(deps, stored, [accepted], {
    documents: [{ name: 'polling', value: { url, style, tier } }],
    also: [{ purpose: 'poll', notBefore: plusMs(now, retryAfterMs) }],
    evenUnannounced: true,
  });
}
