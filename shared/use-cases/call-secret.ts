import { digestOf } from '../domain/digest.ts';
import { plusMs } from '../domain/instant.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Executing } from '../domain/operation.ts';
import { secretType } from '../domain/secrets/secret-action.ts';
import { maxValueBytes, reveals, type SecretGet, type SecretRequest } from '../domain/secrets/secret-request.ts';
import { keptOf, propertiesJson, type SecretState } from '../domain/secrets/secret-state.ts';
import type { Credential, CredentialBroker } from '../ports/azure.ts';
import type { SecretAnswer, SecretCaller, SecretOutcome, SecretProperties, SecretValueOutcome } from '../ports/key-vault.ts';
import type { Masker } from '../ports/masker.ts';
import type { OperationDocument } from '../ports/operation-store.ts';
import type { RecipientEncrypter } from '../ports/recipient-encrypter.ts';
import type { Clock } from '../ports/system.ts';
import { maskerOf } from './mask-known-values.ts';
import type { RecordedOutcome } from './record-outcome.ts';

export type CallSecretDeps = {
  readonly clock: Clock;
  readonly masker: Masker;
  readonly vaultCalls: {
    readonly broker: CredentialBroker;
    readonly caller: SecretCaller;
    readonly encrypter: RecipientEncrypter;
  };
};

/** So long an agent may fetch what was encrypted to its key; then it is deleted. */
export const handoverForMs = 60 * 60 * 1000;

export type SecretCallOutcome =
  | { readonly kind: 'finished'; readonly outcome: RecordedOutcome }
  | Extract<SecretOutcome, { kind: 'busy' | 'notSent' | 'doubtful' }>;

/** The one call of a vault, and what came of it as an event and a result; a value is in neither, but in the JWE that only the agent can open. */
export async function callSecret(
  deps: CallSecretDeps,
  request: SecretRequest,
  found: SecretState | undefined,
  credential: Credential,
  operation: Executing,
): Promise<SecretCallOutcome> {
  if (reveals(request)) return await revealOnce(deps, request, found, credential, operation);
  const kept = request.method === 'set' ? keptOf(found) : undefined;
  const outcome = await deps.vaultCalls.caller.callOnce(request, credential, operation.id, kept);
  const values = request.method === 'set' ? [request.value] : [];
  switch (outcome.kind) {
    case 'done':
      return await finished({ masker: maskerOf(deps.masker, values) }, operation, outcome.status, answerJson(outcome.answer), 'succeeded');
    case 'refused':
      return await refused(deps, operation, outcome);
    case 'busy':
    case 'notSent':
    case 'doubtful':
      return outcome;
  }
}

/** Reads the version that the approvers saw, and encrypts it before anything else is done with it. */
async function revealOnce(
  deps: CallSecretDeps,
  request: SecretGet & { readonly revealTo: NonNullable<SecretGet['revealTo']> },
  found: SecretState | undefined,
  credential: Credential,
  operation: Executing,
): Promise<SecretCallOutcome> {
  const shown = shownVersion(request, found);
  if (shown?.version === undefined) return failed('There is no such secret, or no such version of it.');
  const unusable = whyUnusable(shown, deps.clock.now());
  if (unusable !== undefined) return failed(unusable);
  const outcome = await deps.vaultCalls.caller.readValue(request.vault, request.name, shown.version, credential);
  switch (outcome.kind) {
    case 'value': {
      // What is larger would lie beside its row, and outlive it.
      if (Buffer.byteLength(outcome.value.reveal(), 'utf8') > maxValueBytes)
        return failed('The value is larger than Key Vault takes any.', '');
      const jwe = await deps.vaultCalls.encrypter.encryptTo(request.revealTo, outcome.value);
      const known = { masker: maskerOf(deps.masker, [outcome.value]) };
      const done = await finished(known, operation, 200, { properties: propertiesJson(outcome.properties) }, 'succeeded');
      if (done.kind !== 'finished') return done;
      const { detail, documents } = done.outcome;
      const handoverUntil = plusMs(deps.clock.now(), handoverForMs);
      const handover: OperationDocument = { name: 'handover', value: { jwe } };
      return { kind: 'finished', outcome: { detail: { ...detail, handoverUntil }, documents: [...documents, handover] } };
    }
    case 'refused':
      return await refused(deps, operation, outcome);
    case 'busy':
      return outcome;
    case 'unreadable':
      return { kind: 'notSent', reason: outcome.reason };
  }
}

function shownVersion({ version }: SecretGet, found: SecretState | undefined): SecretProperties | undefined {
  if (found?.state !== 'present') return undefined;
  return version === undefined ? found.versions[0] : found.versions.find((each) => each.version === version);
}

/** Why a version must not be used, by its owner's own word; Key Vault itself hands out expired ones. Undefined where it may. */
export function whyUnusable({ enabled, expires, notBefore }: SecretProperties, now: string): string | undefined {
  if (!enabled) return 'The secret is disabled.';
  if (expires !== undefined && now >= expires) return `The secret expired at ${expires}.`;
  if (notBefore !== undefined && now < notBefore) return `The secret is not valid before ${notBefore}.`;
  return undefined;
}

function answerJson(answer: SecretAnswer): JsonObject | undefined {
  switch (answer.of) {
    case 'list':
      return { items: answer.secrets.map(propertiesJson), ...(answer.isWhole ? {} : { more: true }) };
    case 'secret':
      return { properties: propertiesJson(answer.secret) };
    case 'deleted':
      return { deleted: propertiesJson(answer.secret) };
    case 'nothing':
      return undefined;
  }
}

type Refusal = Extract<SecretOutcome | SecretValueOutcome, { kind: 'refused' }>;

async function refused(deps: CallSecretDeps, operation: Executing, { status, code, message }: Refusal): Promise<SecretCallOutcome> {
  return await finished(
    deps,
    operation,
    status,
    { error: { code, message } },
    'failed',
    /^[A-Za-z0-9]{1,80}$/.test(code) ? ` (${code})` : '',
  );
}

function failed(reason: string, sent = ' Nothing was asked for.'): SecretCallOutcome {
  const detail = {
    kind: 'executionFinished',
    outcome: 'failed',
    detail: `${reason}${sent}`,
    result: { masked: [] },
  } as const;
  return { kind: 'finished', outcome: { detail, documents: [] } };
}

/** Properties are free texts of their owners too, who may have written the value there: they are masked as any answer is. */
async function finished(
  { masker }: Pick<CallSecretDeps, 'masker'>,
  { target }: Executing,
  status: number,
  body: JsonObject | undefined,
  outcome: 'succeeded' | 'failed',
  why = '',
): Promise<SecretCallOutcome> {
  const masked =
    body === undefined ? undefined : await masker.mask(body, { part: 'answer', action: `${secretType}/read`, path: target.path });
  const result = { status, ...(masked === undefined ? {} : { bodyDigest: digestOf(masked.value) }), masked: masked?.masked ?? [] };
  return {
    kind: 'finished',
    outcome: {
      detail: { kind: 'executionFinished', outcome, detail: `Key Vault answered ${status}${why}.`, result },
      documents: masked === undefined ? [] : [{ name: 'result', value: masked.value }],
    },
  };
}
