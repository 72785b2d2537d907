import { EvaluationFault } from '../template-fault.ts';
import type { TemplateValue } from '../template-value.ts';
import { asText } from './arguments.ts';

const part = /\{\{|\}\}|\{(\d{1,3})(?:,(-?\d{1,3}))?(?::([^{}]{0,40}))?\}|[{}]/g;

/**
 * .NET's composite formatting as far as templates use it: `{0}`, `{0,8}`, `{0:D3}`, `{0:000}`, `{0:N0}`, `{0:X2}`. Throws EvaluationFault for the rest.
 * Source: learn.microsoft.com/dotnet/standard/base-types/composite-formatting.
 */
export function format(pattern: string, values: readonly TemplateValue[]): string {
  return pattern.replace(part, (whole, index?: string, width?: string, specifier?: string) => {
    if (whole === '{{') return '{';
    if (whole === '}}') return '}';
    const value = index === undefined ? undefined : values[Number(index)];
    if (value === undefined) throw new EvaluationFault('the format names a value that is not there');
    return aligned(specifier === undefined ? asText(value) : formatNumber(value, specifier), Number(width ?? 0));
  });
}

function aligned(text: string, width: number): string {
  return width < 0 ? text.padEnd(-width) : text.padStart(width);
}

function formatNumber(value: TemplateValue, specifier: string): string {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new EvaluationFault('only integers have a format here');
  const [, kind = '', digits = ''] = /^([DXN])(\d{0,2})$/i.exec(specifier) ?? [];
  const sign = value < 0 ? '-' : '';
  const magnitude = Math.abs(value);
  if (/^0+$/.test(specifier)) return sign + String(magnitude).padStart(specifier.length, '0');
  if (kind === 'D' || kind === 'd') return sign + String(magnitude).padStart(Number(digits), '0');
  if ((kind === 'X' || kind === 'x') && value >= 0) {
    const hexadecimal = magnitude.toString(16).padStart(Number(digits), '0');
    return kind === 'X' ? hexadecimal.toUpperCase() : hexadecimal;
  }
  if (kind === 'N' || kind === 'n') {
    const decimals = digits === '' ? 2 : Number(digits);
    return `${sign}${magnitude.toLocaleString('en-US')}${decimals === 0 ? '' : `.${'0'.repeat(decimals)}`}`;
  }
  throw new EvaluationFault('the format of a number is not known');
}
