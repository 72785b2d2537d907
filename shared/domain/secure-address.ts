const loopbackHosts: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];

/** `localhost` and all below it never leave the machine (RFC 6761, 6.3). */
function isLoopback(host: string): boolean {
  return loopbackHosts.includes(host) || host.endsWith('.localhost');
}

/**
 * An address that tokens and keys may travel to: https, or http that does not leave the machine.
 * Throws RangeError for anything else, and for credentials or a fragment in it.
 */
export function secureAddress(text: string): URL {
  if (!isSecureAddress(text)) throw new RangeError('not a secure address: https is needed, or http on this machine');
  return new URL(text);
}

export function isSecureAddress(text: string): boolean {
  const url = URL.parse(text);
  const secure = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)));
  return secure && url.username === '' && url.password === '' && url.hash === '';
}
