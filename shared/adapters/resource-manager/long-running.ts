import type { HttpHeaders } from '@azure/core-rest-pipeline';
import { type JsonValue, property } from '../../domain/json.ts';
import type { PollStyle } from '../../ports/azure.ts';

/** Where an accepted call is asked about. Source: learn.microsoft.com/azure/azure-resource-manager/management/async-operations. */
export type PollAddress = { readonly style: PollStyle; readonly address: string };

/** How an operation stands, by its status document or by the `provisioningState` of a resource. */
export type Standing = 'succeeded' | 'failed' | 'goingOn';

/** The address to ask, where Azure goes on with the call; undefined where the answer is final. */
export function pollAddressOf(status: number, headers: HttpHeaders, body: JsonValue | undefined): PollAddress | undefined {
  const asyncOperation = headers.get('azure-asyncoperation');
  const location = headers.get('location');
  if (status === 202) {
    if (asyncOperation !== undefined) return { style: 'asyncOperation', address: asyncOperation };
    return location === undefined ? undefined : { style: 'location', address: location };
  }
  if ((status !== 200 && status !== 201) || asyncOperation === undefined) return undefined;
  const state = property(property(body, 'properties'), 'provisioningState');
  return standingOf(state) === 'goingOn' ? { style: 'asyncOperation', address: asyncOperation } : undefined;
}

/** Any other word than the three final ones, and none at all, means that it goes on. */
export function standingOf(status: JsonValue | undefined): Standing {
  switch (typeof status === 'string' ? status.toLowerCase() : '') {
    case 'succeeded':
      return 'succeeded';
    case 'failed':
    case 'canceled':
      return 'failed';
    default:
      return 'goingOn';
  }
}
