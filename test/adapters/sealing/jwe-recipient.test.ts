import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { compactDecrypt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { makeJweRecipientEncrypter } from '../../../shared/adapters/sealing/jwe-recipient.ts';
import { makeJweSealer } from '../../../shared/adapters/sealing/jwe-sealer.ts';
import { largestInlineBytes } from '../../../shared/adapters/table-storage/document-store.ts';
import { canonicalJson } from '../../../shared/domain/canonical-json.ts';
import { parseRecipientKey, type RecipientKey } from '../../../shared/domain/secrets/recipient-key.ts';
import { maxValueBytes } from '../../../shared/domain/secrets/secret-request.ts';
import { SecretText } from '../../../shared/domain/secrets/secret-text.ts';

const { encryptTo } = makeJweRecipientEncrypter();

function recipient({ publicKey, privateKey }: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }) {
  const { kty = '', crv, x, y, n, e } = publicKey.export({ format: 'jwk' });
  const parsed = parseRecipientKey(kty === 'EC' ? { kty, crv: crv ?? '', x: x ?? '', y: y ?? '' } : { kty, n: n ?? '', e: e ?? '' });
  if (!parsed.ok) throw new RangeError(parsed.problem);
  return { key: parsed.key satisfies RecipientKey, privateKey };
}

const ec = recipient(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const rsa = recipient(generateKeyPairSync('rsa', { modulusLength: 4096 }));
const others = [
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
];

describe.each([
  ['EC P-256', ec],
  ['RSA of 4,096 bits', rsa],
])('what is encrypted to a key of %s', (_, { key, privateKey }) => {
  it.each(['x', 'planted\n"value" ✓', 'é'.repeat(maxValueBytes / 2)])('opens with it, to the letter', async (value) => {
    const { plaintext } = await compactDecrypt(await encryptTo(key, new SecretText(value)), privateKey);
    expect(new TextDecoder().decode(plaintext)).toBe(value);
  });

  it('opens with no other', async () => {
    const jwe = await encryptTo(key, new SecretText('planted'));
    for (const other of others) await expect(compactDecrypt(jwe, other)).rejects.toThrow();
  });

  it('is another text each time, by authenticated encryption', async () => {
    const [one, two] = [await encryptTo(key, new SecretText('x')), await encryptTo(key, new SecretText('x'))];
    expect(one).not.toBe(two);
    expect(decodeProtectedHeader(one).enc).toBe('A256GCM');
  });

  it('fits into a row when it is as large as a value may be: with the row it is gone', async () => {
    const sealer = makeJweSealer({ keys: [{ kid: 'k', key: new Uint8Array(32).fill(1) }] });
    const jwe = await encryptTo(key, new SecretText('x'.repeat(maxValueBytes)));
    const sealed = await sealer.seal('op_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'handover', new TextEncoder().encode(canonicalJson({ jwe })));
    expect(sealed.length).toBeLessThanOrEqual(largestInlineBytes);
  });
});
