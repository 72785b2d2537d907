import { subscriptionId } from '../../infra/local/seed.ts';
import type { Target } from '../support/api-client.ts';

const subscription = `/subscriptions/${subscriptionId}`;
const production = `${subscription}/resourceGroups/rg-prod`;
const development = `${subscription}/resourceGroups/rg-dev`;
const account = (group: string, name: string) => `${group}/providers/Microsoft.Storage/storageAccounts/${name}`;

/** The kinds of operations that are measured, against the seeded resources; `name` is what a new one is called. */
export const readAtOnce: Target = { method: 'GET', path: development, apiVersion: '2021-04-01' };

export function writeUnasked(name: string): Target {
  const body = { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' } };
  return { method: 'PUT', path: account(development, name), apiVersion: '2024-01-01', body };
}

export const deletionInProduction: Target = { method: 'DELETE', path: account(production, 'stproddata'), apiVersion: '2024-01-01' };

export const longRunning: Target = {
  method: 'POST',
  path: `${development}/providers/Microsoft.Compute/virtualMachines/vm-dev-1/restart`,
  apiVersion: '2024-11-01',
};

export const forbidden: Target = {
  method: 'DELETE',
  path: `${production}/providers/Microsoft.Authorization/locks/keep`,
  apiVersion: '2020-05-01',
};

/** Medium in production: one person must agree. */
export function writeInProduction(name: string): Target {
  return { ...writeUnasked(name), path: account(production, name) };
}
