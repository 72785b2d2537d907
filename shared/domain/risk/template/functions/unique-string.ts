const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const [c1, c2] = [0x239b961b, 0xab0e9789];

/**
 * What Azure's `uniqueString` gives for its arguments joined by hyphens: 64 bits of a hash of the MurmurHash3 family, as 13 letters and digits.
 * Azure documents the function but not the hash; checked against values that Azure gave.
 */
export function uniqueString(text: string): string {
  let hash = hash64(Buffer.from(text, 'utf8'));
  let letters = '';
  for (let place = 0; place < 13; place += 1) {
    letters += alphabet.charAt(Number(hash >> 59n));
    hash = BigInt.asUintN(64, hash << 5n);
  }
  return letters;
}

function hash64(data: Buffer): bigint {
  let [h1, h2] = [0, 0];
  const whole = data.length - (data.length % 8);
  for (let at = 0; at < whole; at += 8) {
    h1 ^= Math.imul(rotate(Math.imul(data.readUInt32LE(at), c1), 15), c2);
    h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= Math.imul(rotate(Math.imul(data.readUInt32LE(at + 4), c2), 17), c1);
    h2 = (Math.imul((rotate(h2, 13) + h1) | 0, 5) + 0x0bcaa747) | 0;
  }
  const tail = data.length - whole;
  if (tail > 0) h1 ^= Math.imul(rotate(Math.imul(data.readUIntLE(whole, Math.min(tail, 4)), c1), 15), c2);
  if (tail > 4) h2 ^= Math.imul(rotate(Math.imul(data.readUIntLE(whole + 4, tail - 4), c2), 17), c1);
  return finish(h1 ^ data.length, h2 ^ data.length);
}

function finish(first: number, second: number): bigint {
  let h1 = (first + second) | 0;
  let h2 = (second + h1) | 0;
  h1 = mixed(h1);
  h2 = mixed(h2);
  h1 = (h1 + h2) | 0;
  h2 = (h2 + h1) | 0;
  return (BigInt(h2 >>> 0) << 32n) | BigInt(h1 >>> 0);
}

function mixed(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
