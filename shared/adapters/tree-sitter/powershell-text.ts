import { type Delimiter, segmentsOf } from '../../domain/risk/scripts/segments.ts';

/** PowerShell takes typographic dashes, quotes and blanks for the plain ones; the grammar does not. Source: about_Quoting_Rules, about_Operators. */
export function preparePowershell(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .replace(/[\u2013\u2014\u2015]/g, '-')
    .replace(/[\u2018\u2019\u201a\u201b]/g, "'")
    .replace(/[\u201c\u201d\u201e]/g, '"')
    .replace(/[\u00a0\u0085\v\f\u1680\u2000-\u200a\u202f\u205f\u3000]/g, ' ');
}

const delimiters: readonly Delimiter[] = [
  { open: '<#', close: '#>', kind: 'comment', escape: '' },
  { open: '#', close: '\n', kind: 'comment', escape: '' },
  { open: "@'\n", close: "\n'@", kind: 'quoted', escape: '' },
  { open: '@"\n', close: '\n"@', kind: 'quoted', escape: '' },
  { open: "'", close: "'", kind: 'quoted', escape: '' },
  { open: '"', close: '"', kind: 'quoted', escape: '`' },
];

/**
 * What the grammar of PowerShell does not know, written so that it does: the comma between words without quotes (`Select-Object Name, Id`) becomes a blank,
 * and a number loses its unit (`1GB`). Lines stay where they are.
 */
export function withoutOddities(text: string): string {
  const segments = segmentsOf(text, delimiters);
  return segments
    .map(({ kind, open, text: inner }) => (kind === 'plain' ? plainWithoutOddities(inner) : `${open}${inner}${closeOf(open)}`))
    .join('');
}

function closeOf(open: string): string {
  return delimiters.find((delimiter) => delimiter.open === open)?.close ?? '';
}

function plainWithoutOddities(text: string): string {
  return text
    .replace(/(?<=(?:^|[\s,;|{=])[A-Za-z*.\\][\w.*\\:-]{0,200}\s{0,8}),/g, ' ')
    .replace(/,(?=\s{0,200}[A-Za-z_*\\])/g, ' ')
    .replace(/(?<![\w.])(\d+(?:\.\d+)?)(?:kb|mb|gb|tb|pb)(?![\w.])/gi, '$1');
}
