import type { SecretCaller, SecretOutcome, SecretReader, SecretValueOutcome } from '../../ports/key-vault.ts';
import type { RunningStep, Telemetry } from '../../ports/telemetry.ts';

export function observeSecretReader(reader: SecretReader, telemetry: Telemetry): SecretReader {
  return {
    read: (vault, name) =>
      telemetry.during({ name: 'read Key Vault', kind: 'client' }, async (running) => {
        const outcome = await reader.read(vault, name);
        running.note({ 'countersign.read.state': outcome.state });
        if (outcome.state === 'unreadable') running.fail('unreadable');
        return outcome;
      }),
  };
}

export function observeSecretCaller(caller: SecretCaller, telemetry: Telemetry): SecretCaller {
  return {
    callOnce: (...asked) => {
      const [request, credential] = asked;
      const attributes = { 'countersign.secret.method': request.method, 'countersign.credential.tier': credential.tier };
      return telemetry.during({ name: 'call Key Vault', kind: 'client', attributes }, async (running) =>
        noted(await caller.callOnce(...asked), running),
      );
    },
    readValue: (vault, name, version, credential) => {
      const attributes = { 'countersign.credential.tier': credential.tier };
      return telemetry.during({ name: 'read value from Key Vault', kind: 'client', attributes }, async (running) =>
        noted(await caller.readValue(vault, name, version, credential), running),
      );
    },
  };
}

/** Of an outcome only its kind and its status: the rest may name a vault or a secret, or hold one. */
function noted<Outcome extends SecretOutcome | SecretValueOutcome>(outcome: Outcome, running: RunningStep): Outcome {
  running.note({ 'countersign.call.outcome': outcome.kind });
  if ('status' in outcome) running.note({ 'http.response.status_code': outcome.status });
  if (outcome.kind !== 'done' && outcome.kind !== 'value') running.fail(outcome.kind);
  return outcome;
}
