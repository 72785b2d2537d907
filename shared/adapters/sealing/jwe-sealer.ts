import { CompactEncrypt, type CompactJWEHeaderParameters, compactDecrypt, decodeProtectedHeader, errors } from 'jose';
import { z } from 'zod';
import { SealError, type Sealer } from '../../ports/sealer.ts';

/** A wrapping key: 32 bytes, and the name by which a sealed document says that it needs this one. */
export type WrappingKey = { readonly kid: string; readonly key: Uint8Array };

/** Each document has its own data key, wrapped by ours. Source: RFC 7518, 4.7 and 5.3. */
const algorithms = { alg: 'A256GCMKW', enc: 'A256GCM' } as const;

/** Strict, since a header may also ask for what we never write: compression, another algorithm, an extension. */
const header = z.strictObject({
  alg: z.literal(algorithms.alg),
  enc: z.literal(algorithms.enc),
  kid: z.string(),
  operation: z.string(),
  document: z.string(),
  iv: z.string(),
  tag: z.string(),
});

/**
 * Seals as JWE compact serialisation (RFC 7516) without compression, which would tell lengths of what is repeated.
 * The first key seals, every key opens, so that keys can be replaced. Throws RangeError where the keys are none.
 */
export function makeJweSealer({ keys }: { readonly keys: readonly WrappingKey[] }): Sealer {
  const [sealing] = keys;
  const byKid = new Map(keys.map(({ kid, key }) => [kid, key]));
  if (sealing === undefined) throw new RangeError('sealing needs a key');
  if (byKid.size !== keys.length || byKid.has('')) throw new RangeError('every sealing key needs a name of its own');
  if (keys.some(({ key }) => key.byteLength !== 32)) throw new RangeError('a sealing key has 32 bytes');
  return {
    seal: (operation, document, bytes) => {
      const protectedHeader: CompactJWEHeaderParameters = { ...algorithms, kid: sealing.kid, operation, document };
      return new CompactEncrypt(bytes).setProtectedHeader(protectedHeader).encrypt(sealing.key);
    },
    open: async (operation, document, sealed) => {
      const claimed = readHeader(sealed);
      const key = byKid.get(claimed.kid);
      if (key === undefined) throw new SealError('unknownKey', 'a document is sealed with a key that is not known here');
      const bytes = await decrypt(sealed, key);
      if (claimed.operation !== operation || claimed.document !== document) {
        throw new SealError('foreign', 'a document was sealed for another operation or name');
      }
      return bytes;
    },
  };
}

function readHeader(sealed: string): z.output<typeof header> {
  try {
    return header.parse(decodeProtectedHeader(sealed));
  } catch (error) {
    throw new SealError('damaged', 'a sealed document has no header of ours', { cause: error });
  }
}

async function decrypt(sealed: string, key: Uint8Array): Promise<Uint8Array> {
  try {
    const { plaintext } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: [algorithms.alg],
      contentEncryptionAlgorithms: [algorithms.enc],
    });
    return plaintext;
  } catch (error) {
    if (error instanceof errors.JOSEError) throw new SealError('damaged', 'a sealed document cannot be opened', { cause: error });
    throw error;
  }
}
