import type { SecretText } from './secret-text.ts';

/** What can be asked of Key Vault's secrets. */
export const secretMethods = ['list', 'get', 'set', 'delete', 'recover', 'purge'] as const;
export type SecretMethod = (typeof secretMethods)[number];

/**
 * One call of a vault's secrets in its one canonical form. `vault` is `https://NAME.SUFFIX`, and `name` is lower case: Key Vault folds both. A field is there only where
 * its method takes it.
 */
export type SecretRequest =
  | { readonly kind: 'keyvaultSecret'; readonly method: 'list'; readonly vault: string }
  | {
      readonly kind: 'keyvaultSecret';
      readonly method: 'get';
      readonly vault: string;
      readonly name: string;
      /** 32 lower-case hexadecimal digits; absent for the newest. */
      readonly version?: string;
    }
  | { readonly kind: 'keyvaultSecret'; readonly method: 'set'; readonly vault: string; readonly name: string; readonly value: SecretText }
  | { readonly kind: 'keyvaultSecret'; readonly method: 'delete' | 'recover' | 'purge'; readonly vault: string; readonly name: string };
