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
  const segments = segmentsOf(withBlocks(text), delimiters);
  return segments
    .map(({ kind, open, text: inner }) => (kind === 'plain' ? plainWithoutOddities(inner) : `${open}${inner}${closeOf(open)}`))
    .join('');
}

/** `.ForEach('Delete', $true)` as the block that it stands for: the grammar knows blocks only. Source: about_Arrays, ForEach. */
function withBlocks(text: string): string {
  return text.replace(
    /\.foreach\(\s{0,20}(['"])([A-Za-z_]\w{0,60})\1\s{0,20}(?:,([^()\n]{0,400}))?\)/gi,
    (_, _quote, name: string, values?: string) => {
      return `.foreach{$_.${name}(${values ?? ''})}`;
    },
  );
}

function closeOf(open: string): string {
  return delimiters.find((delimiter) => delimiter.open === open)?.close ?? '';
}

/** `… | % Delete $true`, a member of what comes down the pipeline, written as the block that it stands for. Source: ForEach-Object, -MemberName. */
const memberOfEach =
  /(\|\s{0,20}(?:%|foreach-object|foreach)\s{1,20})(?:-m[a-z]{0,12}[\s:]\s{0,20})?([A-Za-z_]\w{0,60})((?:[^\S\n]{1,20}(?!-)[^\s|;(){}]{1,200}){0,8})(?=\s{0,200}(?:$|[|;)}\n]))/gi;

function plainWithoutOddities(text: string): string {
  return text
    .replace(/(?<=\|\s{0,20}(?:%|foreach-object|foreach)\s[^|;\n]{0,200}\s)-a(?:rg[a-z]{0,12})?\s/gi, '')
    .replace(
      memberOfEach,
      (_, each: string, name: string, values: string) =>
        `${each}{$_.${name}(${values
          .trim()
          .split(/\s+/)
          .filter((value) => value !== '')
          .join(',')})}`,
    )
    .replace(/(?<=(?:^|[\s,;|{=])[A-Za-z*.\\][\w.*\\:-]{0,200}\s{0,8}),/g, ' ')
    .replace(/,(?=\s{0,200}[A-Za-z_*\\])/g, ' ')
    .replace(/(?<![\w.])(\d+(?:\.\d+)?)(?:kb|mb|gb|tb|pb)(?![\w.])/gi, '$1');
}
