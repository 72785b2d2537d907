const named: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const escapeSequence = /\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|c([\s\S])|([\s\S]))/g;

/** The text of a bash `$'…'` string. Source: the Bash manual, 3.1.2.4 ANSI-C Quoting. */
export function ansiText(inner: string): string {
  return inner.replace(
    escapeSequence,
    (_, hex?: string, short?: string, long?: string, octal?: string, control?: string, plain?: string) => {
      const code = hex ?? short ?? long;
      if (code !== undefined) return fromCode(Number.parseInt(code, 16));
      if (octal !== undefined) return fromCode(Number.parseInt(octal, 8) & 0xff);
      if (control !== undefined) return fromCode(control.charCodeAt(0) & 0x1f);
      return named[plain ?? ''] ?? (/[\\'"?]/.test(plain ?? '') ? (plain ?? '') : `\\${plain ?? ''}`);
    },
  );
}

function fromCode(code: number): string {
  return code > 0x10ffff ? '' : String.fromCodePoint(code);
}
