import { createHash } from 'node:crypto';
import { JsonError, parseJsonText } from '../../../json.ts';
import type { TemplateFunction } from '../context.ts';
import { EvaluationFault } from '../template-fault.ts';
import { type TemplateValue, Unknown } from '../template-value.ts';
import { buildingText, ofExact, textAt, valueAt } from './arguments.ts';
import { uniqueString } from './unique-string.ts';

/** Functions that write texts in another way or derive them. Source: learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string. */
export const encodingFunctions: Readonly<Record<string, TemplateFunction>> = {
  base64: buildingText((given, call) => {
    const text = textAt(given, 0);
    call.context.budget.spendText(text.length);
    return Buffer.from(text, 'utf8').toString('base64');
  }),
  base64tostring: ofExact((given) => decoded(textAt(given, 0))),
  base64tojson: ofExact((given) => parsed(decoded(textAt(given, 0)))),
  datauri: buildingText((given) => `data:text/plain;charset=utf8;base64,${Buffer.from(textAt(given, 0), 'utf8').toString('base64')}`),
  datauritostring: ofExact((given) => {
    const [, content] = /^data:[^,]{0,200};base64,(.*)$/is.exec(textAt(given, 0)) ?? [];
    if (content === undefined) throw new EvaluationFault('a data address in base64 is expected');
    return decoded(content);
  }),
  json: ofExact((given, call) => {
    const text = textAt(given, 0);
    call.context.budget.spend(text.length);
    return parsed(text);
  }),
  guid: hashing((texts) => namedGuid(texts.join('-'))),
  uniquestring: hashing((texts) => uniqueString(texts.join('-'))),
  newguid: () => new Unknown('fresh', '00000000-0000-4000-8000-000000000000'),
};

/** A hash is letters and digits that nobody chooses; Azure documents no way to compute it, so that no condition is decided by it. */
function hashing(hash: (texts: readonly string[]) => string): TemplateFunction {
  return (given, call) => {
    valueAt(given, 0);
    const texts = given.map((value, index) => (value instanceof Unknown ? value.shown : textAt(given, index)));
    for (const text of texts) call.context.budget.spend(text.length);
    const hashed = hash(texts);
    const unknowns = given.filter((value) => value instanceof Unknown);
    return new Unknown(
      'fresh',
      hashed,
      unknowns.some(({ secret }) => secret),
    );
  };
}

/** Azure's namespace of {@link namedGuid}. Source: learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions-string#guid. */
const guidNamespace = '11fb06fb712d4ddd98c7e71bbd588830';

/** A version 5 UUID (RFC 9562) in the namespace that Azure uses. */
function namedGuid(text: string): string {
  const hash = createHash('sha1').update(Buffer.from(guidNamespace, 'hex')).update(text, 'utf8').digest();
  const bytes = hash.subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function decoded(base64: string): string {
  if (!/^[A-Za-z0-9+/\s]*(?:=\s*){0,2}$/.test(base64)) throw new EvaluationFault('base64 is expected');
  return Buffer.from(base64, 'base64').toString('utf8');
}

/** Numbers such as 1.0 and 1e2, which are not equal to 1 and 100 for Azure. */
export function hasWholeFraction(json: string): boolean {
  return /\d(?:\.\d*0(?!\d)|[eE])/.test(json.replace(/"(?:[^"\\]|\\.)*"/g, '""'));
}

/** Strict JSON only: Azure's own reader takes more, which is then unknown. */
function parsed(text: string): TemplateValue {
  if (hasWholeFraction(text)) throw new EvaluationFault('Azure tells 1.0 from 1, and nobody here does');
  try {
    return parseJsonText(text);
  } catch (error) {
    if (error instanceof JsonError) throw new EvaluationFault('strict JSON is expected');
    throw error;
  }
}
