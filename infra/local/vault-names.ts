import dns from 'node:dns';
import { vaultResource } from './seed.ts';

const suffix = `.${new URL(vaultResource).hostname}`;

/** Marks the replacement, so that it is not put over itself. */
const findsVaults: unique symbol = Symbol('findsVaults');

/**
 * Lets this process find the vaults of the stand-in, since not every system knows that names below localhost are its own (RFC 6761, 6.3): those below
 * `vault.localhost` are 127.0.0.1, and every other name is looked up as before.
 */
export function findVaultsHere(): void {
  const original = dns.lookup;
  if (Object.hasOwn(original, findsVaults)) return;
  const lookup = (hostname: string, ...rest: readonly unknown[]): void => {
    const callback = rest.at(-1);
    if (!hostname.toLowerCase().endsWith(suffix) || typeof callback !== 'function') {
      Reflect.apply(original, dns, [hostname, ...rest]);
      return;
    }
    const answer = wantsAll(rest[0]) ? [[{ address: '127.0.0.1', family: 4 }]] : ['127.0.0.1', 4];
    process.nextTick(() => callback(null, ...answer));
  };
  Object.assign(dns, { lookup: Object.assign(lookup, { [findsVaults]: true }) });
}

function wantsAll(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'all' in options && options.all === true;
}
