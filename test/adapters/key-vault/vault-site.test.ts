import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';
import { vaultSite } from '../../../shared/adapters/key-vault/vault-site.ts';

const tenantId = '11111111-1111-4111-8111-111111111111';
const site = vaultSite({
  suffix: '.vault.azure.net',
  authorities: ['https://login.microsoftonline.com', 'https://login.windows.net'],
  tenantId,
});
const local = vaultSite({ suffix: '.vault.localhost:7083', authorities: ['http://127.0.0.1:7081'], tenantId });
const challenge = (header: string) => createHttpHeaders({ 'www-authenticate': header });

describe('a vault', () => {
  it.each([
    'http://kv-1.vault.azure.net',
    'https://vault.azure.net',
    'https://a.kv-1.vault.azure.net',
    'https://kv-1.vault.azure.net.evil.example',
    'https://kv-1.vault.azure.net:8443',
    'https://kv-1.vault.azure.net/',
    'https://kv-1.vault.azure.net?a',
    'https://kv-1.vault.azure.net#a',
    'https://user@kv-1.vault.azure.net',
    'https://kv-1.vault.azure.cn',
    'https://evil.example#.vault.azure.net',
    'https://KV-1.vault.azure.net',
    'https://kv_1.vault.azure.net',
    'https://ⓚv-1.vault.azure.net',
    'https://kv-1.vault.azure.net\n',
    'https://kv-1.vault.localhost:7083',
    '',
  ])('is not %j', (address) => {
    expect(site.isVault(address)).toBe(false);
  });

  it('is exactly one name before the suffix, with a port only where the suffix has it', () => {
    expect(site.isVault('https://kv-1.vault.azure.net')).toBe(true);
    expect(local.isVault('https://kv-1.vault.localhost:7083')).toBe(true);
    expect(local.isVault('https://kv-1.vault.localhost')).toBe(false);
    expect(local.isVault('https://kv-1.vault.localhost:7084')).toBe(false);
  });

  it('takes tokens for what is above it, without a port', () => {
    expect(site.resource).toBe('https://vault.azure.net');
    expect(local.resource).toBe('https://vault.localhost');
  });
});

describe('a challenge', () => {
  const own = `authorization="https://login.windows.net/${tenantId}"`;

  it.each([
    '',
    `Bearer ${own}`,
    'Bearer resource="https://vault.azure.net"',
    `Bearer authorization="https://login.evil.example/${tenantId}", resource="https://vault.azure.net"`,
    `Bearer authorization="http://login.windows.net/${tenantId}", resource="https://vault.azure.net"`,
    `Bearer authorization="https://login.windows.net.evil.example/${tenantId}", resource="https://vault.azure.net"`,
    'Bearer authorization="https://login.windows.net/22222222-2222-4222-8222-222222222222", resource="https://vault.azure.net"',
    'Bearer authorization="https://login.windows.net/common", resource="https://vault.azure.net"',
    `Bearer ${own}, resource="https://management.azure.com"`,
    `Bearer ${own}, resource="https://azure.net"`,
    `Bearer ${own}, resource="https://net"`,
    `Bearer ${own}, resource="https://vault.azure.net/"`,
    `Bearer ${own}, resource="https://kv-1.vault.azure.net"`,
    `Bearer ${own}, resource="https://vault.azure.net", resource="https://evil.example"`,
    `Bearer ${own}, authorization="https://login.evil.example/${tenantId}", resource="https://vault.azure.net"`,
    `Bearer ${own}, scope="https://vault.azure.net/.default"`,
  ])('that is not ours gets no token: %j', (header) => {
    expect(site.isOwnChallenge(challenge(header))).toBe(false);
  });

  it('is ours with our tenant, at an authority of ours, for exactly the resource', () => {
    expect(site.isOwnChallenge(challenge(`Bearer ${own}, resource="https://vault.azure.net"`))).toBe(true);
    const other = `Bearer authorization="https://login.microsoftonline.com/${tenantId}", resource="https://vault.azure.net"`;
    expect(site.isOwnChallenge(challenge(other))).toBe(true);
    const here = `Bearer authorization="http://127.0.0.1:7081/${tenantId}", resource="https://vault.localhost"`;
    expect(local.isOwnChallenge(challenge(here))).toBe(true);
  });
});
