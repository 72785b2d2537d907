import { describe, expect, it } from 'vitest';
import { observeSecretCaller, observeSecretReader } from '../../../shared/adapters/telemetry/observed-vaults.ts';
import { makeTelemetry } from '../../../shared/adapters/telemetry/telemetry.ts';
import { instant } from '../../../shared/domain/instant.ts';
import type { Credential } from '../../../shared/ports/azure.ts';
import type { SecretCaller, SecretValueOutcome } from '../../../shared/ports/key-vault.ts';
import { operationId } from '../../domain/sample-operation.ts';
import { makeRecordedExporter } from '../../support/recorded-exporter.ts';

const credential: Credential = { tier: 'secrets', identity: 'x', token: 'token-hunter2', expiresAt: instant('2026-11-21T21:00:00.000Z') };
const vault = 'https://kv-hunter2.vault.azure.net';

async function makeExported() {
  const exporter = makeRecordedExporter();
  const telemetry = makeTelemetry(() => undefined);
  await telemetry.exportThrough(async () => exporter);
  return { telemetry, exporter };
}

describe('a call to Key Vault', () => {
  const refused: SecretValueOutcome = { kind: 'refused', status: 403, code: 'Forbidden', message: 'hunter2' };
  const caller: SecretCaller = {
    callOnce: async () => ({ kind: 'done', status: 200, answer: { of: 'nothing' }, requestId: 'hunter2' }),
    readValue: async () => refused,
  };

  it('tells method and outcome; not the vault, the name, the token, or what was answered', async () => {
    const { telemetry, exporter } = await makeExported();
    const observed = observeSecretCaller(caller, telemetry);
    await observed.callOnce({ kind: 'keyvaultSecret', method: 'purge', vault, name: 'hunter2' }, credential, operationId);
    expect(await observed.readValue(vault, 'hunter2', undefined, credential)).toBe(refused);
    expect(exporter.spans).toMatchObject([
      {
        name: 'call Key Vault',
        failure: undefined,
        attributes: { 'countersign.secret.method': 'purge', 'countersign.credential.tier': 'secrets', 'countersign.call.outcome': 'done' },
      },
      { name: 'read value from Key Vault', failure: 'refused', attributes: { 'http.response.status_code': 403 } },
    ]);
    expect(JSON.stringify(exporter.spans)).not.toContain('hunter2');
  });
});

it('a reading of Key Vault tells its state alone', async () => {
  const { telemetry, exporter } = await makeExported();
  await observeSecretReader({ read: async () => ({ state: 'unreadable', reason: 'hunter2' }) }, telemetry).read(vault, 'hunter2');
  expect(exporter.spans).toMatchObject([
    { name: 'read Key Vault', failure: 'unreadable', attributes: { 'countersign.read.state': 'unreadable' } },
  ]);
  expect(JSON.stringify(exporter.spans)).not.toContain('hunter2');
});
