import { randomBytes } from 'node:crypto';
import { CompactEncrypt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { makeJweSealer, type WrappingKey } from '../../../shared/adapters/sealing/jwe-sealer.ts';
import { SealError, type Sealer } from '../../../shared/ports/sealer.ts';

const january: WrappingKey = { kid: '2026-01', key: randomBytes(32) };
const february: WrappingKey = { kid: '2026-02', key: randomBytes(32) };
const sealer = makeJweSealer({ keys: [january] });
const secret = new TextEncoder().encode('{"adminPassword":"S3cret!"}');

async function codeOf(opening: Sealer, sealed: string, operation = 'op_a', document = 'request'): Promise<string> {
  try {
    await opening.open(operation, document, sealed);
    return 'opened';
  } catch (error) {
    return error instanceof SealError ? error.code : `another error: ${String(error)}`;
  }
}

/** Sealed as ours are, but for what the header is given besides. */
function forged(header: Record<string, string>, key = january.key): Promise<string> {
  const ours = { alg: 'A256GCMKW', enc: 'A256GCM', kid: '2026-01', operation: 'op_a', document: 'request' };
  return new CompactEncrypt(secret).setProtectedHeader({ ...ours, ...header }).encrypt(key);
}

function withChangedPart(sealed: string, part: number): string {
  const parts = sealed.split('.');
  const text = parts[part] ?? '';
  parts[part] = `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
  return parts.join('.');
}

describe('sealing', () => {
  it.each([
    ['no key', []],
    ['a short key', [{ kid: 'a', key: new Uint8Array(16) }]],
    ['a key without a name', [{ kid: '', key: new Uint8Array(32) }]],
    ['two keys of one name', [january, { kid: '2026-01', key: february.key }]],
  ])('refuses %s', (_, keys) => {
    expect(() => makeJweSealer({ keys })).toThrow(RangeError);
  });

  it('does not open what was sealed for another operation', async () => {
    expect(await codeOf(sealer, await sealer.seal('op_a', 'request', secret), 'op_b')).toBe('foreign');
  });

  it('does not open what was sealed as another document', async () => {
    expect(await codeOf(sealer, await sealer.seal('op_a', 'request', secret), 'op_a', 'result')).toBe('foreign');
  });

  it.each(['header', 'wrapped key', 'nonce', 'ciphertext', 'tag'])('does not open a document whose %s was changed', async (name) => {
    const part = ['header', 'wrapped key', 'nonce', 'ciphertext', 'tag'].indexOf(name);
    expect(await codeOf(sealer, withChangedPart(await sealer.seal('op_a', 'request', secret), part))).toBe('damaged');
  });

  it('does not open a document whose header was given another operation afterwards', async () => {
    const [header = '', ...rest] = (await sealer.seal('op_a', 'request', secret)).split('.');
    const renamed = Buffer.from(Buffer.from(header, 'base64url').toString().replace('op_a', 'op_b')).toString('base64url');
    expect(await codeOf(sealer, [renamed, ...rest].join('.'), 'op_b')).toBe('damaged');
  });

  it.each(['', '.', '....', 'not sealed', '{"adminPassword":"S3cret!"}'])('does not open "%s"', async (text) => {
    expect(await codeOf(sealer, text)).toBe('damaged');
  });

  it('does not open what was sealed with another key of the same name', async () => {
    expect(await codeOf(sealer, await forged({}, february.key))).toBe('damaged');
  });

  it('does not open what was sealed with a key that is gone', async () => {
    expect(await codeOf(makeJweSealer({ keys: [february] }), await sealer.seal('op_a', 'request', secret))).toBe('unknownKey');
  });

  it.each<Record<string, string>>([{ alg: 'dir' }, { alg: 'A256KW' }, { enc: 'A256CBC-HS512' }, { note: 'x' }])(
    'does not open what is sealed with %o',
    async (header) => {
      expect(await codeOf(sealer, await forged(header))).toBe('damaged');
    },
  );

  it('opens what an older key sealed once a newer one seals', async () => {
    const sealed = await sealer.seal('op_a', 'request', secret);
    expect(await makeJweSealer({ keys: [february, january] }).open('op_a', 'request', sealed)).toEqual(secret);
  });

  it('seals with the first key', async () => {
    const sealed = await makeJweSealer({ keys: [february, january] }).seal('op_a', 'request', secret);
    expect(decodeProtectedHeader(sealed)).toMatchObject({
      alg: 'A256GCMKW',
      enc: 'A256GCM',
      kid: '2026-02',
      operation: 'op_a',
      document: 'request',
    });
  });

  it('seals the same bytes to different texts, which hold none of them', async () => {
    const [one, two] = [await sealer.seal('op_a', 'request', secret), await sealer.seal('op_a', 'request', secret)];
    expect([one === two, Buffer.from(one.split('.')[3] ?? '', 'base64url').includes('S3cret!')]).toEqual([false, false]);
  });

  it.each([0, 1, 4 * 1024 * 1024])('opens %i bytes as they were', async (length) => {
    const bytes = new Uint8Array(randomBytes(length));
    const opened = await sealer.open('op_a', 'result', await sealer.seal('op_a', 'result', bytes));
    expect(Buffer.compare(opened, bytes)).toBe(0);
  });
});
