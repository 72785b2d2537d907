/** The text of a base64 literal, UTF-16LE where every other byte is zero, as PowerShell has it; undefined where it is no base64 of a text. */
export function base64Text(encoded: string): string | undefined {
  const compact = encoded.replace(/\s+/g, '');
  if (compact.length < 4 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(compact)) return undefined;
  return textOfBytes(Buffer.from(compact, 'base64'));
}

export function hexText(encoded: string): string | undefined {
  const digits = encoded.replace(/\\x|0x|[\s,:]+/gi, '');
  if (digits.length < 2 || digits.length % 2 === 1 || !/^[0-9a-f]+$/i.test(digits)) return undefined;
  return textOfBytes(Buffer.from(digits, 'hex'));
}

const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function base32Text(encoded: string): string | undefined {
  const digits = encoded.replace(/[\s=]+/g, '').toUpperCase();
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (const digit of digits) {
    const value = base32Alphabet.indexOf(digit);
    if (value < 0) return undefined;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
  }
  return bytes.length === 0 ? undefined : textOfBytes(Buffer.from(bytes));
}

function textOfBytes(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return undefined;
  if (looksUtf16(bytes)) return bytes.toString('utf16le').replace(/^\uFEFF/, '');
  const text = bytes.toString('utf8');
  return isText(text) ? text : undefined;
}

function looksUtf16(bytes: Buffer): boolean {
  if (bytes.length < 4 || bytes.length % 2 === 1) return false;
  let zeros = 0;
  for (let at = 1; at < bytes.length; at += 2) if (bytes[at] === 0) zeros += 1;
  return zeros * 2 > bytes.length * 0.8;
}

/** Bytes that are no text are a program or a compressed file. */
function isText(text: string): boolean {
  let odd = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code === 0xfffd || (code < 0x20 && code !== 9 && code !== 10 && code !== 13)) odd += 1;
  }
  return odd * 20 <= text.length;
}
