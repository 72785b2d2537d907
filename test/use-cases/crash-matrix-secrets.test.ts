import { generateKeyPairSync } from 'node:crypto';
import type { JsonObject } from '../../shared/domain/json.ts';
import type { Submission } from '../../shared/use-cases/submit-operation.ts';
import { describeTwice, describeWays, type Way } from '../support/crash-matrix.ts';
import { account, readAccount, resourceGroup } from '../support/scenarios.ts';
import type { World } from '../support/world.ts';

const vault = 'https://kv-shop.vault.azure.net';
const vaultId = `${resourceGroup}/providers/Microsoft.KeyVault/vaults/kv-shop`;
const { kty = '', crv = '', x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });

function about(fields: JsonObject): Submission {
  const target = { kind: 'keyvaultSecret', fields: { kind: 'keyvaultSecret', vault, name: 'db-password', ...fields } } as const;
  return { ...readAccount({ repeatabilityId: 'r-1' }), target };
}

function stand(world: World): void {
  world.azure.set('/subscriptions', { value: [{ subscriptionId: '00000000-0000-4000-8000-000000000001' }] });
  world.azure.set('/subscriptions/00000000-0000-4000-8000-000000000001/resources', { value: [{ id: vaultId, name: 'kv-shop' }] });
  world.azure.set(vaultId, { id: vaultId, tags: { environment: 'prod' }, properties: { vaultUri: `${vault}/` } });
  world.keyVault.put(vault, 'db-password', 'hunter2-before');
}

function standDeleted(world: World): void {
  stand(world);
  world.keyVault.remove(vault, 'db-password');
}

const set = about({ method: 'set', value: 'hunter2-after' });
const lost = { kind: 'doubtful', reason: 'The connection broke.' } as const;
const notSent = { kind: 'notSent', reason: 'The host could not be found.' } as const;
const busy = { kind: 'busy', status: 429, retryAfterMs: 2_000 } as const;
const refused = { kind: 'refused', status: 403, code: 'ForbiddenByRbac', message: 'No.' } as const;
const perhapsSent = ['outcomeUnknown'];

/** The first call comes to this, without an effect. */
function standAnswering(outcome: typeof notSent | typeof busy | typeof refused): (world: World) => void {
  return (world) => {
    stand(world);
    world.keyVault.answerNext(outcome, 'none');
  };
}

const ways: readonly Way[] = [
  { name: 'a set', submission: set, prepare: stand, end: 'succeeded', ends: perhapsSent },
  {
    name: 'a set whose answer is lost',
    submission: set,
    prepare: (world) => {
      stand(world);
      world.keyVault.answerNext(lost, 'happens');
    },
    end: 'succeeded',
    ends: perhapsSent,
  },
  {
    name: 'a set that is not sent at first',
    submission: set,
    prepare: standAnswering(notSent),
    sentBefore: 1,
    end: 'succeeded',
    ends: perhapsSent,
  },
  {
    name: 'a set that the vault is too busy for at first',
    submission: set,
    prepare: standAnswering(busy),
    sentBefore: 1,
    end: 'succeeded',
    ends: perhapsSent,
  },
  {
    name: 'a set that the vault refuses',
    submission: set,
    prepare: standAnswering(refused),
    sentBefore: 1,
    end: 'failed',
    ends: ['outcomeUnknown', 'succeeded'],
  },
  { name: 'a deletion of a secret', submission: about({ method: 'delete' }), prepare: stand, end: 'succeeded', ends: perhapsSent },
  { name: 'a recovery', submission: about({ method: 'recover' }), prepare: standDeleted, end: 'succeeded', ends: perhapsSent },
  { name: 'a purge', submission: about({ method: 'purge' }), prepare: standDeleted, end: 'succeeded', ends: perhapsSent },
  {
    name: 'a value that is revealed',
    submission: about({ method: 'get', reveal: true, revealTo: { kty, crv, x, y } }),
    prepare: stand,
    agent: 'collects',
    end: 'succeeded',
  },
  {
    name: 'a write that uses a secret',
    submission: readAccount({
      repeatabilityId: 'r-1',
      target: {
        method: 'PUT',
        path: account,
        body: { location: 'westeurope', properties: { password: 'countersign://secret/kv-shop.vault.azure.net/db-password' } },
      },
    }),
    prepare: stand,
    end: 'succeeded',
    ends: perhapsSent,
  },
];

describeWays(ways);
describeTwice(ways.filter(({ name }) => ['a set', 'a value that is revealed'].includes(name)));
