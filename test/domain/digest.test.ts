import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { digestOf, digestOfBytes, equalInConstantTime, hmacOf, isDigest } from '../../shared/domain/digest.ts';

const hex = '0123456789abcdef'.repeat(4);

describe('what is no digest', () => {
  it.each([
    ['no algorithm', hex],
    ['another algorithm', `sha512:${hex}`],
    ['upper case', `sha256:${hex.toUpperCase()}`],
    ['a digit too few', `sha256:${hex.slice(1)}`],
    ['a digit too many', `sha256:${hex}0`],
    ['a line end after it', `sha256:${hex}\n`],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(isDigest(text)).toBe(false);
  });
});

describe('a digest', () => {
  it('is SHA-256 of the canonical text', () => {
    const expected = createHash('sha256').update('{"a":"é","b":1}', 'utf8').digest('hex');
    expect(digestOf({ b: 1, a: 'é' })).toBe(`sha256:${expected}`);
  });

  it('tells a text from the number that it spells', () => {
    expect(digestOf('1')).not.toBe(digestOf(1));
  });

  it('of bytes is that of the bytes', () => {
    expect(digestOfBytes(new Uint8Array())).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });
});

describe('a keyed fingerprint', () => {
  const key = Uint8Array.from({ length: 32 }, (_, index) => index);

  it('is another with another key', () => {
    expect(hmacOf(key, 'x')).not.toBe(
      hmacOf(
        Uint8Array.from({ length: 32 }, () => 0),
        'x',
      ),
    );
  });

  it('is the same for the same value, however its names are ordered', () => {
    expect(hmacOf(key, { a: 1, b: 2 })).toBe(hmacOf(key, { b: 2, a: 1 }));
  });

  it('is not the plain digest', () => {
    expect(hmacOf(key, 'x')).toMatch(/^hmac-sha256:[0-9a-f]{64}$/);
    expect(hmacOf(key, 'x').slice(-64)).not.toBe(digestOf('x').slice(-64));
  });
});

describe('comparing', () => {
  it.each([
    ['abc', 'abd'],
    ['abc', 'ABC'],
    ['abc', 'abc '],
    ['abc', ''],
  ])('tells %j from %j', (left, right) => {
    expect(equalInConstantTime(left, right)).toBe(false);
  });

  it('finds equal texts equal', () => {
    expect(equalInConstantTime('sha256:é', 'sha256:é')).toBe(true);
  });
});
