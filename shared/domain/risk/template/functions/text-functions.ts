import type { Call, TemplateFunction } from '../context.ts';
import { EvaluationFault } from '../template-fault.ts';
import { isArray, isObject, type TemplateValue, Unknown } from '../template-value.ts';
import { arrayAt, asciiAt, asText, buildingText, cuttingText, integerAt, ofExact, textAt, valueAt } from './arguments.ts';
import { format } from './format.ts';

/** Functions over texts. Source: learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string. */
export const textFunctions: Readonly<Record<string, TemplateFunction>> = {
  concat: (given, call) => (given.some(isArray) ? concatArrays(given, call) : concatTexts(given, call)),
  format: buildingText((given, call) => charged(format(textAt(given, 0), given.slice(1)), call)),
  join: buildingText((given, call) => charged(arrayAt(given, 0).map(asText).join(textAt(given, 1)), call)),
  string: (given, call) => {
    const value = valueAt(given, 0);
    const written = writtenOut([value], call);
    return typeof written === 'string' && (isArray(value) || isObject(value)) ? new Unknown('place', written) : written;
  },
  tolower: buildingText((given) => asciiAt(given, 0).toLowerCase()),
  toupper: buildingText((given) => asciiAt(given, 0).toUpperCase()),
  trim: buildingText((given) => asciiAt(given, 0).trim()),
  padleft: cuttingText((given, call) => {
    const [pad, width] = [given[2] === undefined ? ' ' : textAt(given, 2), integerAt(given, 1)];
    if (pad.length !== 1 || width < 0 || width > 16_384) throw new EvaluationFault('a width and one character are expected');
    return charged(asText(valueAt(given, 0)).padStart(width, pad), call);
  }),
  replace: cuttingText((given, call) => {
    const [text, old, by] = [textAt(given, 0), textAt(given, 1), textAt(given, 2)];
    if (old === '') throw new EvaluationFault('nothing cannot be replaced');
    const parts = text.split(old);
    call.context.budget.spendText(text.length + parts.length * by.length);
    return parts.join(by);
  }),
  substring: cuttingText((given) => {
    const [text, start] = [textAt(given, 0), integerAt(given, 1)];
    const length = given[2] === undefined ? text.length - start : integerAt(given, 2);
    if (start < 0 || length < 0 || start + length > text.length) throw new EvaluationFault('the piece is not within the text');
    return text.slice(start, start + length);
  }),
  split: ofExact((given, call) => {
    const [text, by] = [textAt(given, 0), valueAt(given, 1)];
    const delimiters = isArray(by) ? by.map((_, index) => textAt(by, index)) : [textAt(given, 1)];
    const parts = splitAtAll(text, delimiters, call);
    call.context.budget.spend(parts.length);
    return parts;
  }),
  startswith: ofExact((given) => asciiAt(given, 0).toLowerCase().startsWith(asciiAt(given, 1).toLowerCase())),
  endswith: ofExact((given) => asciiAt(given, 0).toLowerCase().endsWith(asciiAt(given, 1).toLowerCase())),
  uri: ofExact((given) => {
    const uri = URL.parse(textAt(given, 1), textAt(given, 0));
    if (uri === null) throw new EvaluationFault('an address is expected');
    return new Unknown('place', uri.href);
  }),
  uricomponent: buildingText((given, call) => {
    const text = textAt(given, 0);
    if (!text.isWellFormed()) throw new EvaluationFault('the text is not well formed');
    return charged(encodeURIComponent(text), call);
  }),
  uricomponenttostring: ofExact((given) => {
    try {
      return decodeURIComponent(textAt(given, 0));
    } catch {
      throw new EvaluationFault('an encoded component is expected');
    }
  }),
};

function charged(text: string, call: Call): string {
  call.context.budget.spendText(text.length);
  return text;
}

const writtenOut: TemplateFunction = buildingText((given, call) => charged(stringOf(valueAt(given, 0)), call));

const concatTexts: TemplateFunction = buildingText((given, call) => charged(given.map(asText).join(''), call));

function concatArrays(given: readonly TemplateValue[], call: Call): TemplateValue {
  const arrays = given.map((value, index) => (value instanceof Unknown ? undefined : arrayAt(given, index)));
  if (arrays.includes(undefined)) return new Unknown('anything', `[${call.source}]`);
  const all = arrays.flatMap((array) => array ?? []);
  call.context.budget.spend(all.length);
  return all;
}

function splitAtAll(text: string, delimiters: readonly string[], call: Call): readonly string[] {
  let parts: readonly string[] = [text];
  for (const delimiter of delimiters) {
    if (delimiter === '') throw new EvaluationFault('a text cannot be split at nothing');
    call.context.budget.spendText(text.length + parts.length);
    parts = parts.flatMap((part) => part.split(delimiter));
  }
  return parts;
}

/** As `string` writes it: texts as they are, everything else as JSON; how exactly, spaces and escapes, only Azure knows. */
function stringOf(value: TemplateValue): string {
  return isArray(value) || isObject(value) || value === null ? JSON.stringify(value) : asText(value);
}
