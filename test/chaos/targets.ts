import { subscriptionId } from '../../infra/local/seed.ts';
import type { Target } from '../support/api-client.ts';
import type { Kind } from './kinds.ts';
import type { Dice } from './random-choice.ts';

const development = `/subscriptions/${subscriptionId}/resourceGroups/rg-dev`;
const production = `/subscriptions/${subscriptionId}/resourceGroups/rg-prod`;
const storageVersion = '2024-01-01';
const computeVersion = '2024-11-01';

/** Reads and writes share so many accounts, and commands so many machines, so that requests meet on their targets. */
const sharedTargets = 12;

/** What is done with a secret, each of which is of one request alone. `use`: a reference to it stands in the body of the target. */
export type SecretAim = {
  readonly vault: 'kv-dev-1' | 'kv-prod-1';
  readonly name: string;
  readonly method: 'set' | 'delete' | 'recover' | 'reveal' | 'use';
  /** How it must stand beforehand. */
  readonly needs: 'nothing' | 'present' | 'deleted';
};

/** Without a target, it is the secret that is aimed at. */
type Aim = { readonly target: Target | undefined; readonly needs: Target | undefined; readonly secret?: SecretAim };

/** What the request of this kind and number is aimed at. What is deleted is its own, since nobody can delete it twice. */
export function aimOf(kind: Kind, index: number, dice: Dice): Aim {
  const shared = dice.between(1, sharedTargets);
  switch (kind) {
    case 'read':
      return aim({ method: 'GET', path: `${dice.oneOf([development, production])}${accounts}`, apiVersion: storageVersion });
    case 'put':
    case 'denied':
      return aim(accountWritten(development, `stdevshared${shared}`, index));
    case 'putInProduction':
      return aim(accountWritten(production, `stprodown${index}`, index));
    case 'delete':
    case 'rejected':
    case 'unanswered':
    case 'cancelled': {
      const account = accountWritten(production, kind === 'delete' ? `stgone${index}` : `ststays${shared}`, kind === 'delete' ? index : 0);
      return { target: { method: 'DELETE', path: account.path, apiVersion: storageVersion }, needs: account };
    }
    case 'deleteMachine': {
      const machine = machineWritten(development, `vm-gone-${index}`);
      return { target: { method: 'DELETE', path: machine.path, apiVersion: computeVersion }, needs: machine };
    }
    case 'restartMachine':
      return acting(machineWritten(development, `vm-shared-${shared}`), 'restart');
    case 'runCommand': {
      const body = { commandId: 'RunShellScript', script: [`echo "run ${index}"`] };
      return acting(machineWritten(development, `vm-commanded-${index}`), 'runCommand', body);
    }
    case 'setSecret':
      return { ...nothing, secret: { ...secretOf(index, dice), method: 'set', needs: dice.oneOf(['nothing', 'present']) } };
    case 'deleteSecret':
      return { ...nothing, secret: { ...secretOf(index, dice), method: 'delete', needs: 'present' } };
    case 'recoverSecret':
      return { ...nothing, secret: { ...secretOf(index, dice), method: 'recover', needs: 'deleted' } };
    case 'revealSecret':
      // The default policies let nobody see a value of production.
      return { ...nothing, secret: { vault: 'kv-dev-1', name: `chaos-${index}`, method: 'reveal', needs: 'present' } };
    case 'useSecret': {
      const target = { method: 'PUT', path: `${development}/providers/Microsoft.Sql/servers/sqlchaos${index}`, apiVersion: '2023-08-01' };
      return { ...aim(target), secret: { vault: 'kv-dev-1', name: `chaos-${index}`, method: 'use', needs: 'present' } };
    }
  }
}

const nothing = { target: undefined, needs: undefined } as const;

function secretOf(index: number, dice: Dice): Pick<SecretAim, 'vault' | 'name'> {
  return { vault: dice.oneOf(['kv-dev-1', 'kv-prod-1']), name: `chaos-${index}` };
}

const accounts = '/providers/Microsoft.Storage/storageAccounts';

function aim(target: Target): Aim {
  return { target, needs: undefined };
}

function acting(machine: Target, action: string, body?: unknown): Aim {
  const target = { method: 'POST', path: `${machine.path}/${action}`, apiVersion: computeVersion };
  return { target: body === undefined ? target : { ...target, body }, needs: machine };
}

/** The number is in the body, so that no two of these writes are the same. */
function accountWritten(group: string, name: string, index: number): Target {
  const body = {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
    tags: { environment: group === production ? 'prod' : 'dev', release: `r-${index}` },
    properties: { minimumTlsVersion: 'TLS1_2', supportsHttpsTrafficOnly: true, allowBlobPublicAccess: false },
  };
  return { method: 'PUT', path: `${group}${accounts}/${name}`, apiVersion: storageVersion, body };
}

function machineWritten(group: string, name: string): Target {
  const body = {
    location: 'westeurope',
    tags: { environment: group === production ? 'prod' : 'dev' },
    properties: {
      hardwareProfile: { vmSize: 'Standard_D2s_v5' },
      storageProfile: { osDisk: { name: `${name}-os`, osType: 'Linux', createOption: 'FromImage' } },
    },
  };
  return { method: 'PUT', path: `${group}/providers/Microsoft.Compute/virtualMachines/${name}`, apiVersion: computeVersion, body };
}
