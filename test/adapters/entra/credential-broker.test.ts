import { describe, expect, it } from 'vitest';
import { makeManagedIdentityBroker } from '../../../shared/adapters/entra/credential-broker.ts';
import { instant } from '../../../shared/domain/instant.ts';

const clock = { now: () => instant('2026-11-21T20:12:00.000Z') };
const scope = 'https://management.azure.com/.default';
const operation = 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa';
const clientIds = { reader: 'reader-client', operator: 'operator-client', secrets: 'secrets-client' };

describe('a credential', () => {
  it('is refused for a tier that the app does not hold', async () => {
    const makeCredential = () => ({ getToken: async () => ({ token: 't', expiresOnTimestamp: 4102444800000 }) });
    const broker = makeManagedIdentityBroker({ clientIds: { reader: 'reader-client' }, scope, clock, makeCredential });
    await expect(broker.obtain('operator', operation)).rejects.toMatchObject({ code: 'credentialRefused' });
  });

  it.each([
    ['the platform has none', async () => null],
    ['the platform fails', () => Promise.reject(new Error('secret detail'))],
    ['it has expired', async () => ({ token: 't', expiresOnTimestamp: 1795291920000 })],
  ])('is refused where %s', async (_, getToken) => {
    const broker = makeManagedIdentityBroker({ clientIds, scope, clock, makeCredential: () => ({ getToken }) });
    const refusal = await broker.obtain('operator', operation).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'AzureError', code: 'credentialRefused' });
    expect(String(refusal)).not.toContain('secret detail');
  });

  it('is of the identity of its tier, for the configured scope, with its end', async () => {
    const makeCredential = (clientId: string) => ({
      getToken: async (scopes: string | string[]) => ({ token: `${clientId} for ${String(scopes)}`, expiresOnTimestamp: 1795295520000 }),
    });
    const broker = makeManagedIdentityBroker({ clientIds, scope, clock, makeCredential });
    expect(await broker.obtain('operator', operation)).toEqual({
      tier: 'operator',
      identity: 'operator-client',
      token: 'operator-client for https://management.azure.com/.default',
      expiresAt: '2026-11-21T21:12:00.000Z',
    });
    expect(await broker.obtain('reader', operation)).toMatchObject({ tier: 'reader', identity: 'reader-client' });
    expect(await broker.obtain('secrets', operation)).toMatchObject({ tier: 'secrets', identity: 'secrets-client' });
  });

  it('never shares an identity between tiers', () => {
    expect(() => makeManagedIdentityBroker({ clientIds: { reader: 'same', operator: 'same' }, scope, clock })).toThrow(RangeError);
    expect(() => makeManagedIdentityBroker({ clientIds: { operator: 'same', secrets: 'same' }, scope, clock })).toThrow(RangeError);
  });
});
