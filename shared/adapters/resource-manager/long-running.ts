import type { HttpHeaders } from '@azure/core-rest-pipeline';
import type { ArmMethod } from '../../domain/arm-method.ts';
import { type JsonValue, property } from '../../domain/json.ts';
import type { PollStyle } from '../../ports/azure.ts';

/** Where an accepted call is asked about. Source: learn.microsoft.com/azure/azure-resource-manager/management/async-operations. */
export type PollAddress = { readonly style: PollStyle; readonly address: string };

/** How an operation stands, by its status document or by the `provisioningState` of a resource. */
export type Standing = 'succeeded' | 'failed' | 'goingOn';

/** What is needed of a call to know where to ask about it; `targetAddress` is that of a GET of the resource that it addresses. */
export type AskedCall = { readonly method: ArmMethod; readonly targetAddress: string };

/**
 * The address to ask, where Azure goes on with the call; `lost` where it does and gives none, `final` where the answer is. What was created or changed without an
 * address is asked itself, by its provisioningState; also where that could not be read, since `body` is undefined, and not null as where there was none.
 */
export function pollAddressOf(
  { method, targetAddress }: AskedCall,
  status: number,
  headers: HttpHeaders,
  body: JsonValue | undefined,
): PollAddress | 'lost' | 'final' {
  const asyncOperation = headers.get('azure-asyncoperation');
  const location = headers.get('location');
  const writes = method === 'PUT' || method === 'PATCH';
  const target: PollAddress = { style: 'target', address: targetAddress };
  if (status === 202) {
    if (asyncOperation !== undefined) return { style: 'asyncOperation', address: asyncOperation };
    if (location !== undefined) return { style: 'location', address: location };
    return 'lost';
  }
  if (status !== 200 && status !== 201) return 'final';
  const state = provisioningStateOf(body);
  if (standingOf(state) !== 'goingOn') return 'final';
  if (asyncOperation !== undefined) return { style: 'asyncOperation', address: asyncOperation };
  return writes && (state !== undefined || body === undefined) ? target : 'final';
}

/** The `provisioningState` of a resource; undefined where it has none, which means that it is as it should be. */
export function provisioningStateOf(body: JsonValue | undefined): JsonValue | undefined {
  const state = property(property(body, 'properties'), 'provisioningState');
  return typeof state === 'string' ? state : undefined;
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
