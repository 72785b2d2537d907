import type { TemplateFunction } from '../context.ts';
import { EvaluationFault } from '../template-fault.ts';
import { Unknown } from '../template-value.ts';
import { integerAt, ofExact, textAt } from './arguments.ts';

/** A format of .NET that can print nothing but digits, names of days and months, and what stands between them. */
const plainFormat = /^[yMdHhmsfFtTzZKuRrsoO:./\-\s_%]{1,40}$/;
const someTime = '20260101T000000Z';

/** Functions over times. Source: learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-date. */
export const dateFunctions: Readonly<Record<string, TemplateFunction>> = {
  utcnow: (given, call) => {
    const [format] = given;
    if (format === undefined) return new Unknown('fresh', someTime);
    return typeof format === 'string' && plainFormat.test(format)
      ? new Unknown('fresh', format.replace(/[yMdHhmsfF]/g, '0'))
      : new Unknown('anything', `[${call.source}]`);
  },
  /** The sum is as little known as its format lets it be; without one it is a time. */
  datetimeadd: (given, call) => {
    const [base, , format] = given;
    if (base === undefined) throw new EvaluationFault('a time is expected');
    const isTime = typeof base === 'string' ? time(base) !== undefined : base instanceof Unknown && base.kind === 'fresh';
    const isPlain = format === undefined || (typeof format === 'string' && plainFormat.test(format));
    return isTime && isPlain ? new Unknown('fresh', someTime) : new Unknown('anything', `[${call.source}]`);
  },
  datetimefromepoch: ofExact((given) => {
    const date = new Date(integerAt(given, 0) * 1000);
    if (Number.isNaN(date.getTime())) throw new EvaluationFault('seconds since 1970 are expected');
    return date.toISOString().replace('.000Z', 'Z');
  }),
  datetimetoepoch: ofExact((given) => {
    const epochMs = time(textAt(given, 0));
    if (epochMs === undefined) throw new EvaluationFault('a time is expected');
    return Math.floor(epochMs / 1000);
  }),
};

function time(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,7})?Z$/.test(text)) return undefined;
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? undefined : epochMs;
}
