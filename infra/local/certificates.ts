import type { webcrypto } from 'node:crypto';
import { join } from 'node:path';
// @peculiar/x509 resolves its parts through this polyfill, so it must be loaded first.
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { ensurePrivateDirectory, readIfPresent, writePrivately } from './private-files.ts';

export type Certificates = {
  /** The CA's certificate as a file, for `NODE_EXTRA_CA_CERTS` and the like. */
  readonly caPath: string;
  readonly caPem: string;
  /** The server's certificate for localhost, *.localhost, *.vault.localhost and 127.0.0.1. */
  readonly certPem: string;
  readonly keyPem: string;
};

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 60 * 60 * 1000;
const caLifetimeMs = 365 * dayMs;
/** Clients on Apple systems refuse server certificates that live longer than 398 days; the CA's end comes first here anyway. */
const serverLifetimeMs = 90 * dayMs;
const renewWithinMs = 7 * dayMs;
const backdateMs = 5 * 60 * 1000;

const files = { ca: 'ca.pem', caKey: 'ca-key.pem', server: 'server.pem', serverKey: 'server-key.pem' } as const;

/** Node takes no wildcard directly below a top-level name, so the vaults' names have one of their own. */
const dnsNames = ['localhost', '*.localhost', 'vault.localhost', '*.vault.localhost'];
const ipAddress = '127.0.0.1';

type Pair = { readonly certPem: string; readonly keyPem: string };

/**
 * A CA of this directory's own and a server certificate signed by it. Both are kept (mode 0600) and used again while they
 * are valid for more than a week; the CA can sign for loopback names only, so trusting it gives nobody another host.
 */
export async function ensureCertificates(directory: string, now: () => number = Date.now): Promise<Certificates> {
  ensurePrivateDirectory(directory);
  const keptCa = readPair(directory, files.ca, files.caKey, now());
  const ca = keptCa ?? (await makeCa(now()));
  if (keptCa === undefined) {
    writePair(directory, files.ca, files.caKey, ca);
  }
  const keptServer = readPair(directory, files.server, files.serverKey, now());
  const server = keptServer !== undefined && (await isServerOf(keptServer, ca)) ? keptServer : await makeServer(ca, now());
  if (server !== keptServer) {
    writePair(directory, files.server, files.serverKey, server);
  }
  return { caPath: join(directory, files.ca), caPem: ca.certPem, certPem: server.certPem, keyPem: server.keyPem };
}

function readPair(directory: string, certFile: string, keyFile: string, now: number): Pair | undefined {
  const certPem = readIfPresent(join(directory, certFile));
  const keyPem = readIfPresent(join(directory, keyFile));
  if (certPem === undefined || keyPem === undefined) {
    return undefined;
  }
  const remainingMs = new X509Certificate(certPem).notAfter.getTime() - now;
  return remainingMs > renewWithinMs ? { certPem, keyPem } : undefined;
}

/** The key goes first: a crash between the two leaves a pair that is made anew, never a certificate without its key. */
function writePair(directory: string, certFile: string, keyFile: string, pair: Pair): void {
  writePrivately(join(directory, keyFile), pair.keyPem);
  writePrivately(join(directory, certFile), pair.certPem);
}

/** Whether the certificate is signed by this CA and has the names of today. */
async function isServerOf(server: Pair, ca: Pair): Promise<boolean> {
  const certificate = new X509Certificate(server.certPem);
  const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names.items.map(({ value }) => value) ?? [];
  const hasNames = [...dnsNames, ipAddress].every((name) => names.includes(name));
  return hasNames && certificate.verify({ publicKey: new X509Certificate(ca.certPem), signatureOnly: true });
}

async function makeCa(now: number): Promise<Pair> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Countersign local CA',
    notBefore: new Date(now - backdateMs),
    notAfter: new Date(now + caLifetimeMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      new Extension('2.5.29.30', true, loopbackNamesOnly()),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: certificate.toString('pem'), keyPem: await exportKey(keys.privateKey) };
}

/** Name constraints (RFC 5280, 4.2.1.10) in DER: permitted subtrees `localhost` with all below it, and 127.0.0.0/8. */
function loopbackNamesOnly(): ArrayBuffer {
  const dnsName = Buffer.from('localhost');
  const address = Buffer.from([127, 0, 0, 0, 255, 0, 0, 0]);
  const subtrees = [
    Buffer.from([0x30, dnsName.length + 2, 0x82, dnsName.length]),
    dnsName,
    Buffer.from([0x30, address.length + 2, 0x87, address.length]),
    address,
  ];
  const permitted = Buffer.concat(subtrees);
  return Uint8Array.from([0x30, permitted.length + 2, 0xa0, permitted.length, ...permitted]).buffer;
}

async function makeServer(ca: Pair, now: number): Promise<Pair> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const caCertificate = new X509Certificate(ca.certPem);
  const notAfter = Math.min(now + serverLifetimeMs, caCertificate.notAfter.getTime());
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: caCertificate.subject,
    notBefore: new Date(now - backdateMs),
    notAfter: new Date(notAfter),
    publicKey: keys.publicKey,
    signingKey: await importKey(ca.keyPem),
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
        { type: 'ip', value: ipAddress },
      ]),
      await AuthorityKeyIdentifierExtension.create(caCertificate.publicKey),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: certificate.toString('pem'), keyPem: await exportKey(keys.privateKey) };
}

const pemHeader = '-----BEGIN PRIVATE KEY-----';
const pemFooter = '-----END PRIVATE KEY-----';

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const encoded = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = encoded.match(/.{1,64}/g) ?? [];
  return [pemHeader, ...lines, pemFooter, ''].join('\n');
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const encoded = pem.replace(pemHeader, '').replace(pemFooter, '').replace(/\s/g, '');
  return crypto.subtle.importKey('pkcs8', Buffer.from(encoded, 'base64'), algorithm, false, ['sign']);
}
