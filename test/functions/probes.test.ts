import { expect, it } from 'vitest';
import { makeProbes } from '../../functions/probes.ts';
import { instant } from '../../shared/domain/instant.ts';
import type { SecretState } from '../../shared/ports/key-vault.ts';
import { makeReadHealth } from '../../shared/use-cases/read-health.ts';

const clock = { now: () => instant('2026-11-21T20:12:00.000Z') };

async function healthWith(vaults: Readonly<Record<string, SecretState>>) {
  const asked: string[] = [];
  const probes = makeProbes({
    store: { read: async () => undefined },
    ids: { operationId: () => 'op_none' },
    hasDocuments: async () => true,
    reachQueues: async () => undefined,
    reader: { read: async () => ({ state: 'present', body: {} }) },
    directory: { account: async () => 'missing' },
    telemetry: { lastSending: () => 'off' },
    vaults: {
      watched: Object.keys(vaults),
      reader: {
        read: async (vault, name) => {
          asked.push(`${vault} ${name}`);
          return vaults[vault] ?? { state: 'absent' };
        },
      },
    },
  });
  const health = await makeReadHealth({ probes, clock, pause: () => Promise.withResolvers<void>().promise })();
  return { asked, status: health.status, vaults: health.dependencies.filter(({ name }) => name.startsWith('keyVault')) };
}

it('each vault that is watched has its own line, and none of them is vital', async () => {
  const found = await healthWith({
    'https://kv-1.vault.azure.net': { state: 'absent' },
    'https://kv-2.vault.azure.net': { state: 'unreadable', reason: 'The identity has no right to this in the vault.' },
    'https://kv-3.vault.azure.net': { state: 'unreadable', reason: 'hunter2', passing: true },
  });
  const message = 'Look whether the vault is there, lets this app in (firewall), and the reader identity is Key Vault Reader on it.';
  expect(found.status).toBe('up');
  expect(found.vaults).toEqual([
    { name: 'keyVault kv-1', status: 'up', latencyMs: 0 },
    { name: 'keyVault kv-2', status: 'down', latencyMs: 0, error: { code: 'refused', message } },
    { name: 'keyVault kv-3', status: 'down', latencyMs: 0, error: { code: 'unreachable', message } },
  ]);
  expect(found.asked).toContain('https://kv-1.vault.azure.net countersign-health');
});

it('without any, nothing is asked of a vault', async () => {
  expect(await healthWith({})).toMatchObject({ asked: [], vaults: [] });
});
