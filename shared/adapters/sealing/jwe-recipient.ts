import { CompactEncrypt, importJWK } from 'jose';
import { thumbprintOf } from '../../domain/secrets/recipient-key.ts';
import type { RecipientEncrypter } from '../../ports/recipient-encrypter.ts';

/** How a content key is given to each type of key; source: RFC 7518, 4.3 and 4.6. */
const algorithms = { EC: 'ECDH-ES+A256KW', RSA: 'RSA-OAEP-256' } as const;

/** Values for agents as compact JWE with A256GCM, which any JOSE library opens. */
export function makeJweRecipientEncrypter(): RecipientEncrypter {
  return {
    encryptTo: async (key, value) => {
      const alg = algorithms[key.kty];
      return await new CompactEncrypt(new TextEncoder().encode(value.reveal()))
        .setProtectedHeader({ alg, enc: 'A256GCM', kid: thumbprintOf(key) })
        .encrypt(await importJWK({ ...key }, alg));
    },
  };
}
