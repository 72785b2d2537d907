import type { ProcessTelemetry } from '../shared/adapters/telemetry/telemetry.ts';
import { vaultNameOf } from '../shared/domain/secrets/vault-address.ts';
import type { AzureReader } from '../shared/ports/azure.ts';
import type { Directory } from '../shared/ports/directory.ts';
import type { SecretReader } from '../shared/ports/key-vault.ts';
import type { OperationStore } from '../shared/ports/operation-store.ts';
import type { Ids } from '../shared/ports/system.ts';
import type { Probe, ProbeAnswer } from '../shared/use-cases/read-health.ts';

export type ProbesDeps = {
  readonly store: Pick<OperationStore, 'read'>;
  readonly ids: Pick<Ids, 'operationId'>;
  /** Whether the container of documents is there. */
  readonly hasDocuments: () => Promise<boolean>;
  /** Rejects where the queues take nothing. */
  readonly reachQueues: () => Promise<void>;
  readonly reader: AzureReader;
  readonly directory: Pick<Directory, 'account'>;
  readonly telemetry: Pick<ProcessTelemetry, 'lastSending'>;
  /** `watched`: canonical addresses. */
  readonly vaults: { readonly reader: SecretReader; readonly watched: readonly string[] };
};

const up: ProbeAnswer = { status: 'up' };

/** What Countersign needs, and the cheapest question that tells whether it is there and lets us in. */
export function makeProbes({ store, ids, hasDocuments, reachQueues, reader, directory, telemetry, vaults }: ProbesDeps): readonly Probe[] {
  return [
    {
      name: 'storage',
      isVital: true,
      check: async () => {
        const [, isThere] = await Promise.all([store.read(ids.operationId()), hasDocuments()]);
        return isThere ? up : { status: 'down', code: 'ContainerNotFound' };
      },
      nextStep:
        'Look whether the storage account is there, lets this app in (firewall), and has given its identity the data roles for tables and blobs.',
    },
    {
      name: 'messages',
      isVital: true,
      check: async () => {
        await reachQueues();
        return up;
      },
      nextStep: 'Look whether the Service Bus namespace and its queues are there, and whether this app may send to them.',
    },
    {
      name: 'azureResourceManager',
      isVital: false,
      check: async () => {
        const outcome = await reader.read('/subscriptions', '2022-12-01');
        return outcome.state === 'present' ? up : { status: 'down', code: outcome.state };
      },
      nextStep: 'Look whether the reader identity is assigned to this app and may read, and how Azure is. Requests are put off meanwhile.',
    },
    {
      name: 'microsoftGraph',
      isVital: false,
      check: async () => {
        // Somebody whom nobody knows: what is remembered of people says nothing of how the directory is.
        await directory.account(crypto.randomUUID());
        return up;
      },
      nextStep: 'Look whether the directory identity has User.Read.All and GroupMember.Read.All. Agents and voters are refused meanwhile.',
    },
    ...vaults.watched.map((vault) => vaultProbe(vaults.reader, vault)),
    {
      name: 'telemetry',
      isVital: false,
      check: async () => answerOf(telemetry.lastSending()),
      nextStep: 'Look whether Application Insights can be reached and takes what is sent. Nothing else waits for it.',
    },
  ];
}

/** A secret that nobody has: whoever may read its properties is told that it is not there. */
function vaultProbe(reader: SecretReader, vault: string): Probe {
  return {
    name: `keyVault ${vaultNameOf(vault)}`,
    isVital: false,
    check: async () => {
      const state = await reader.read(vault, 'countersign-health');
      return state.state === 'unreadable' ? { status: 'down', code: state.passing === true ? 'unreachable' : 'refused' } : up;
    },
    nextStep: 'Look whether the vault is there, lets this app in (firewall), and the reader identity is Key Vault Reader on it.',
  };
}

/** Nothing that was not sent yet can have failed. */
function answerOf(sending: ReturnType<ProbesDeps['telemetry']['lastSending']>): ProbeAnswer {
  if (sending === 'off') return { status: 'off' };
  if (sending === undefined) return up;
  const { isGood, code, durationMs: latencyMs } = sending;
  return isGood ? { status: 'up', latencyMs } : { status: 'down', code, latencyMs };
}
