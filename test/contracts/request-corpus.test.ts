import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseSubmission } from '../../shared/contracts/operation-request.ts';
import { parseJson } from '../../shared/domain/json.ts';
import { RequestError } from '../../shared/domain/request-error.ts';
import { actionOfTarget, isTargetError, type ParsedTarget, parseTarget, targetRequestJson } from '../../shared/domain/target-request.ts';

/**
 * Requests that Azure documents, and what each of them is; and bodies of submissions that are refused, with the field that the refusal names. In both `{guid}` is a
 * GUID, `{sub}` a subscription, `{group}` a group in it, `{rg}` the providers of that group and `{vm}` a machine in it. `text` is a body that no serializer writes.
 */
const acceptedShape = z.array(
  z.strictObject({ call: z.string(), action: z.string(), on: z.string(), scope: z.string(), name: z.string().optional() }),
);
const refusedShape = z.array(
  z.union([
    z.strictObject({ case: z.string(), target: z.record(z.string(), z.json()), field: z.string(), says: z.string() }),
    z.strictObject({ case: z.string(), text: z.string(), field: z.string(), says: z.string() }),
  ]),
);

function corpus<Shape extends z.ZodType>(file: string, shape: Shape): z.output<Shape> {
  return shape.parse(parseJson(readFileSync(new URL(`../corpus/requests/${file}`, import.meta.url))));
}

const places: readonly (readonly [string, string])[] = [
  ['{vm}', '{rg}/Microsoft.Compute/virtualMachines/VM-1'],
  ['{rg}', '{group}/providers'],
  ['{group}', '{sub}/resourceGroups/RG-One'],
  ['{sub}', '/subscriptions/{guid}'],
  ['{guid}', '00000000-0000-0000-0000-00000000000a'],
  ['{2000}', 'a'.repeat(2000)],
];

function spelledOut(text: string): string {
  return places.reduce((spelled, [short, long]) => spelled.replaceAll(short, long), text);
}

function submit(text: string): ParsedTarget {
  const { target } = parseSubmission('application/json', new TextEncoder().encode(spelledOut(text)));
  return parseTarget(target);
}

const asText = (target: object) =>
  JSON.stringify({ target: { kind: 'arm', method: 'GET', path: '{vm}', apiVersion: '2024-01-01', ...target }, justification: 'Needed.' });

function refusalOf(text: string): { readonly field: string | undefined; readonly says: string } {
  try {
    submit(text);
    return { field: undefined, says: 'accepted' };
  } catch (error) {
    if (isTargetError(error)) return { field: error.field, says: error.message };
    if (error instanceof RequestError) return { field: error.target, says: error.message };
    throw error;
  }
}

describe('a submission is refused, and the field at fault is named', () => {
  it.each(corpus('refused.json', refusedShape).map((row) => [row.case, row] as const))('%s', (_, row) => {
    const { field, says } = refusalOf('text' in row ? row.text : asText(row.target));
    expect([field, says]).toEqual([row.field, expect.stringContaining(row.says)]);
  });
});

describe('a request that Azure documents is accepted as what it is', () => {
  it.each(corpus('accepted.json', acceptedShape).map((row) => [row.call, row] as const))('%s', (_, row) => {
    const [method = '', path = ''] = row.call.split(' ');
    const parsed = submit(asText({ method, path }));
    if (parsed.path === undefined) throw new Error('It has no path.');
    const { resourceId, scope, name } = parsed.path;
    const { on, ...expected } = { ...row, on: spelledOut(row.on).toLowerCase() };
    expect({ call: row.call, action: actionOfTarget(parsed), scope, name }).toEqual({
      ...expected,
      name: row.name === undefined ? undefined : spelledOut(row.name),
    });
    expect(resourceId).toBe(on);
    expect(submit(asText(targetRequestJson(parsed.request)))).toEqual(parsed);
  });
});
