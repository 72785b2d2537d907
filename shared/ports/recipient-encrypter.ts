import type { RecipientKey } from '../domain/secrets/recipient-key.ts';
import type { SecretText } from '../domain/secrets/secret-text.ts';

/** Encrypts a value so that only the holder of the private key can read it. */
export type RecipientEncrypter = {
  /** A compact JWE (RFC 7516); its protected header names the key's thumbprint as `kid`. Encrypting twice gives two different texts. */
  encryptTo(key: RecipientKey, value: SecretText): Promise<string>;
};
