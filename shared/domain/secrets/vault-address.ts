import type { JsonValue } from '../json.ts';

/** `https://NAME.SUFFIX`, or with a port; letters of hosts are compared without case, and nothing else is forgiven. */
const shape = /^https:\/\/([a-z0-9](?:[a-z0-9-]{1,22})[a-z0-9])(\.[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[1-9]\d{0,4})?)$/;

/** A hostile address of a vault in its canonical form, lower case; undefined for anything that is not exactly one. Whether its suffix is ours, {@link isVaultOf} says. */
export function parseVault(address: JsonValue | undefined): string | undefined {
  if (typeof address !== 'string' || address.length > 300) return undefined;
  const lower = asciiLower(address);
  return shape.test(lower) && !lower.includes('--') ? lower : undefined;
}

/** Only A to Z: other letters have lower cases that are other letters' too (the Kelvin sign's is k). */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Whether a canonical address is that of a vault right below the suffix: `.vault.azure.net`, or with a port where the configuration has one. */
export function isVaultOf(vault: string, suffix: string): boolean {
  return shape.exec(vault)?.[2] === suffix;
}

/** The vault's name, which is one of a kind in its cloud. */
export function vaultNameOf(vault: string): string {
  return shape.exec(vault)?.[1] ?? '';
}
