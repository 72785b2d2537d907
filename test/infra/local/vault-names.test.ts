import dns from 'node:dns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findVaultsHere } from '../../../infra/local/vault-names.ts';

describe('names of vaults', () => {
  const asFound = dns.lookup;
  beforeAll(() => findVaultsHere());
  afterAll(() => void Object.assign(dns, { lookup: asFound }));
  const find = (name: string, options: dns.LookupOptions): Promise<unknown> =>
    new Promise((resolve, reject) => {
      dns.lookup(name, options, (error, address, family) => (error === null ? resolve([address, family]) : reject(error)));
    });

  it('lead to this machine, alone or in a list, whatever their case', async () => {
    expect(await find('kv-dev-1.vault.localhost', {})).toEqual(['127.0.0.1', 4]);
    expect(await find('KV-dev-1.Vault.Localhost', { all: true })).toEqual([[{ address: '127.0.0.1', family: 4 }], undefined]);
  });

  it('are only those below vault.localhost: others are looked up as before', async () => {
    await expect(find('vault.localhost.invalid', {})).rejects.toThrow('ENOTFOUND');
    await expect(find('kvvault.localhost.invalid', {})).rejects.toThrow('ENOTFOUND');
    expect(await find('127.0.0.1', {})).toEqual(['127.0.0.1', 4]);
  });

  it('are found in the same way however often it is said', () => {
    const once = dns.lookup;
    findVaultsHere();
    expect(dns.lookup).toBe(once);
  });
});
