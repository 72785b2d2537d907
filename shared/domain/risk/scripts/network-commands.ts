/** Commands that print or store what another host sends. */
const downloaders: ReadonlySet<string> = new Set([
  'curl',
  'wget',
  'fetch',
  'aria2c',
  'axel',
  'lynx',
  'links',
  'w3m',
  'http',
  'https',
  'xh',
  'ftp',
  'tftp',
  'lwp-download',
  'lwp-request',
  'GET',
  'nc',
  'ncat',
  'netcat',
  'socat',
  'invoke-webrequest',
  'invoke-restmethod',
  'start-bitstransfer',
  'bitsadmin',
  'certutil',
  'wget2',
  'curlie',
  'telnet',
  'get',
]);

export function isDownloader(name: string): boolean {
  return downloaders.has(name);
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?|0\.0\.0\.0)$/i;

/** The host that a URL, `user@host:path` or plain host name means; undefined where it cannot be told. */
export function hostOf(address: string): string | undefined {
  const match = /^(?:[a-z][a-z0-9+.-]*:)?\/\/(?:[^/@]*@)?(\[[0-9a-f:.]*\]|[^/:?#]+)/i.exec(address);
  return match?.[1];
}

export function isLoopback(host: string | undefined): boolean {
  return host !== undefined && loopback.test(host);
}

/**
 * The address at which a machine on Azure gets tokens, in every way to write it, and the one of the fabric's key store.
 * Source: learn.microsoft.com/azure/virtual-machines/instance-metadata-service, …/virtual-network/what-is-ip-address-168-63-129-16.
 */
const metadataAddress =
  /169\.254\.169\.254|(?<![\d.])2852039166(?![\d.])|0xa9fea9fe|0xa9\.0xfe\.0xa9\.0xfe|0?251\.0?376\.0?251\.0?376|a9fe:a9fe|169\.16689662|169\.254\.43518|metadata\/identity|https?:\/\/168\.63\.129\.16|169\.254\.170\.2/i;

export function namesMetadataEndpoint(text: string): boolean {
  return metadataAddress.test(text);
}
