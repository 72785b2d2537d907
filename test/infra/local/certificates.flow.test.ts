import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Certificates, ensureCertificates } from '../../../infra/local/certificates.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'certificates-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function statusOf(host: string, { certPem, keyPem, caPem }: Certificates, trusted: boolean): Promise<number | string | undefined> {
  const server = createServer({ cert: certPem, key: keyPem }, (_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const options = { host: '127.0.0.1', servername: host, headers: { host }, port, agent: false, ...(trusted ? { ca: caPem } : {}) };
  const outcome = await new Promise<number | string | undefined>((resolve) => {
    get(options, (response) => resolve(response.resume().statusCode)).on('error', (error) =>
      resolve('code' in error ? String(error.code) : error.message),
    );
  });
  await new Promise((resolve) => server.close(resolve));
  return outcome;
}

describe('the local certificates', () => {
  it('are not trusted by a client that does not know the CA', async () => {
    expect(await statusOf('localhost', await ensureCertificates(directory), false)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('are not valid for a host outside loopback', async () => {
    expect(await statusOf('management.azure.com', await ensureCertificates(directory), true)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it.each(['localhost', 'vault.localhost', 'kv-dev-1.vault.localhost'])('are valid for %s', async (host) => {
    expect(await statusOf(host, await ensureCertificates(directory), true)).toBe(200);
  });

  it('are valid for the address 127.0.0.1', async () => {
    const { certPem } = await ensureCertificates(directory);
    expect(new X509Certificate(certPem).checkIP('127.0.0.1')).toBe('127.0.0.1');
  });

  it('keep their keys from everybody else', async () => {
    await ensureCertificates(directory);
    const modes = ['ca-key.pem', 'server-key.pem'].map((file) => statSync(join(directory, file)).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600]);
  });

  it('are used again while they are valid for more than a week', async () => {
    const begin = Date.parse('2026-01-01T00:00:00Z');
    const first = await ensureCertificates(directory, () => begin);
    const later = await ensureCertificates(directory, () => Date.parse('2026-03-20T00:00:00Z'));
    expect(later).toEqual(first);
  });

  it('get a new server certificate from the same CA in the last week', async () => {
    const first = await ensureCertificates(directory, () => Date.parse('2026-01-01T00:00:00Z'));
    const later = await ensureCertificates(directory, () => Date.parse('2026-03-26T00:00:00Z'));
    expect(later.caPem).toBe(first.caPem);
    expect(later.certPem).not.toBe(first.certPem);
    expect(new X509Certificate(later.certPem).verify(new X509Certificate(first.caPem).publicKey)).toBe(true);
  });

  it('are made anew altogether with a new CA', async () => {
    const first = await ensureCertificates(directory, () => Date.parse('2026-01-01T00:00:00Z'));
    const later = await ensureCertificates(directory, () => Date.parse('2026-12-28T00:00:00Z'));
    expect(later.caPem).not.toBe(first.caPem);
    expect(new X509Certificate(later.certPem).verify(new X509Certificate(later.caPem).publicKey)).toBe(true);
  });
});
