import type { ArmRequest } from '../domain/arm-request.ts';
import type { EventDetail, UsedSecret } from '../domain/event.ts';
import type { Stop } from '../domain/execution.ts';
import type { Instant } from '../domain/instant.ts';
import { findReferences, parseReference, type SecretReference, withValues } from '../domain/secrets/secret-references.ts';
import type { SecretProperties, SecretState } from '../domain/secrets/secret-state.ts';
import type { SecretText } from '../domain/secrets/secret-text.ts';
import type { AgentRegistry } from '../ports/agent-registry.ts';
import { AzureError, type Credential } from '../ports/azure.ts';
import type { SecretReader } from '../ports/key-vault.ts';
import type { Masker } from '../ports/masker.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import { type CallSecretDeps, whyUnusable } from './call-secret.ts';
import { type DeferDeps, deferredOrFailed } from './defer-execution.ts';
import type { Judgement } from './judge-request.ts';
import { findHiddenBySecrets, type JudgeResolvedDeps } from './judge-resolved.ts';
import { maskerOf } from './mask-known-values.ts';
import type { VerifiedClaim } from './verify-claim.ts';
import { giveBack, type WriteClaimedDeps, writeClaimed } from './write-claimed.ts';

export type UseSecretsDeps = WriteClaimedDeps &
  DeferDeps &
  CallSecretDeps &
  JudgeResolvedDeps & { readonly agents: AgentRegistry; readonly vaults: { readonly reader: SecretReader } };

/** The values that a request names, by the text of the reference; held for the time of the call and stored nowhere. */
export type SecretsInUse = {
  readonly values: ReadonlyMap<string, SecretText>;
  readonly used: readonly UsedSecret[];
  readonly credential: Credential | undefined;
};

const none: SecretsInUse = { values: new Map(), used: [], credential: undefined };

/**
 * Reads the values that a verified request names, right before its call. Undefined where one cannot be used: nothing was sent, and the operation has failed, with the reason, or
 * comes again.
 */
export async function fetchSecrets(
  deps: UseSecretsDeps,
  claimed: StoredOperation,
  { request, judgement }: Pick<VerifiedClaim, 'request' | 'judgement'>,
): Promise<SecretsInUse | undefined> {
  if (request.kind !== 'arm') return none;
  const references = findReferences(request.body).map(({ reference }) => reference);
  if (references.length === 0) return none;
  const credential = await obtain(deps, claimed);
  if (credential === undefined) return undefined;
  const values = new Map<string, SecretText>();
  const used: UsedSecret[] = [];
  for (const reference of references) {
    if (values.has(reference.text)) continue;
    const read = await readOne(deps, claimed, reference, credential);
    if (read === undefined) return undefined;
    values.set(reference.text, read.value);
    used.push({ reference: reference.text, version: read.version });
  }
  const secrets: SecretsInUse = { values, used, credential };
  const stop = stopOf(deps, claimed, judgement, withSecrets(request, secrets));
  if (stop === undefined) return secrets;
  await writeClaimed(deps, claimed, [{ kind: 'executionStopped', ...stop }]);
  return undefined;
}

function stopOf(deps: UseSecretsDeps, { operation }: StoredOperation, judgement: Judgement, resolved: ArmRequest): Stop | undefined {
  const agent = deps.agents.find(operation.agent.tenantId, operation.agent.id);
  if (agent === undefined) return { code: 'agentRefused', end: 'denied', detail: 'The agent is no longer registered.' };
  const detail = findHiddenBySecrets(deps, agent, judgement, resolved);
  return detail === undefined ? undefined : { code: 'policyRefuses', end: 'denied', detail };
}

/** The request as it is sent: what is named is replaced by what it names, and nothing else differs. */
export function withSecrets(request: ArmRequest, { values }: SecretsInUse): ArmRequest {
  if (values.size === 0 || request.body === undefined) return request;
  const valueFor = ({ text }: SecretReference): string => {
    const value = values.get(text);
    if (value === undefined) throw new RangeError('a reference without its value');
    return value.reveal();
  };
  return { ...request, body: withValues(request.body, valueFor) };
}

/**
 * The masker for an answer that comes after the call, as of a poll: the values are read again, in the versions that were used. Undefined where they cannot be: then nothing of
 * the answer may be kept, since a value in it could not be told.
 */
export async function maskerForAnswer(deps: CallSecretDeps, { operation, events }: StoredOperation): Promise<Masker | undefined> {
  const used = events.flatMap(({ detail }) => (detail.kind === 'callStarted' ? (detail.secretsUsed ?? []) : []));
  if (used.length === 0) return deps.masker;
  const values: SecretText[] = [];
  try {
    const credential = await deps.vaultCalls.broker.obtain('secrets', operation.id);
    for (const { reference, version } of used) {
      const { vault, name } = parseReference(reference) ?? { vault: '', name: '' };
      const outcome = await deps.vaultCalls.caller.readValue(vault, name, version, credential);
      if (outcome.kind !== 'value') return undefined;
      values.push(outcome.value);
    }
  } catch (error) {
    if (error instanceof AzureError) return undefined;
    throw error;
  }
  return maskerOf(deps.masker, values);
}

async function obtain(deps: UseSecretsDeps, claimed: StoredOperation): Promise<Credential | undefined> {
  try {
    return await deps.vaultCalls.broker.obtain('secrets', claimed.operation.id);
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    await giveBack(deps, claimed, 'No credential could be had.');
    return undefined;
  }
}

async function readOne(
  deps: UseSecretsDeps,
  claimed: StoredOperation,
  reference: SecretReference,
  credential: Credential,
): Promise<{ readonly value: SecretText; readonly version: string } | undefined> {
  const { operation } = claimed;
  if (operation.status !== 'executing') return undefined;
  const end = async (reason: string) => {
    await writeClaimed(deps, claimed, [failed(`${reference.text}: ${reason} Nothing was sent.`)]);
    return undefined;
  };
  const state = await deps.vaults.reader.read(reference.vault, reference.name);
  if (state.state === 'unreadable') {
    await giveBack(deps, claimed, `${reference.text} cannot be read: ${state.reason}`);
    return undefined;
  }
  const chosen = chooseVersion(reference, state, deps.clock.now());
  if ('unusable' in chosen) return await end(chosen.unusable);
  const shownAt = operation.shown?.preview.readAt;
  if (reference.version === undefined && shownAt !== undefined && !(chosen.created !== undefined && chosen.created <= shownAt)) {
    const detail = `${reference.text}: The secret got a new version since the approvers were asked. Submit it again.`;
    await writeClaimed(deps, claimed, [{ kind: 'executionStopped', code: 'drifted', end: 'expired', detail }]);
    return undefined;
  }
  const outcome = await deps.vaultCalls.caller.readValue(reference.vault, reference.name, chosen.version, credential);
  switch (outcome.kind) {
    case 'value':
      return { value: outcome.value, version: chosen.version };
    case 'refused':
      return await end(`Key Vault answered ${outcome.status} (${outcome.code}).`);
    case 'busy':
      await writeClaimed(deps, claimed, [deferredOrFailed(deps, operation, outcome)]);
      return undefined;
    case 'unreadable':
      await giveBack(deps, claimed, `${reference.text} cannot be read: ${outcome.reason}`);
      return undefined;
  }
}

type ReadState = Exclude<SecretState, { state: 'unreadable' }>;

function chooseVersion(
  { version }: SecretReference,
  state: ReadState,
  now: Instant,
): { readonly version: string; readonly created: Instant | undefined } | { readonly unusable: string } {
  if (state.state === 'absent') return { unusable: 'There is no such secret.' };
  if (state.state === 'deleted') return { unusable: 'The secret is deleted.' };
  const found: SecretProperties | undefined =
    version === undefined ? state.versions[0] : state.versions.find((each) => each.version === version);
  if (found?.version === undefined) return { unusable: 'The secret has no such version.' };
  const unusable = whyUnusable(found, now);
  return unusable === undefined ? { version: found.version, created: found.created } : { unusable };
}

function failed(detail: string): EventDetail {
  return { kind: 'executionFinished', outcome: 'failed', detail, result: { masked: [] } };
}
