import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadScriptReader } from '../../../../shared/adapters/tree-sitter/load-script-reader.ts';
import { actionOf } from '../../../../shared/domain/action.ts';
import { parseArmRequest } from '../../../../shared/domain/arm-request.ts';
import { type Assessment, riskLevels, type TargetFacts } from '../../../../shared/domain/assessment.ts';
import { instant } from '../../../../shared/domain/instant.ts';
import { type JsonValue, parseJson, property } from '../../../../shared/domain/json.ts';
import { assess } from '../../../../shared/domain/risk/assess.ts';
import { carriedCalls } from '../../../../shared/domain/risk/template/inspect-template.ts';
import { templateFactors } from '../../../../shared/domain/risk/template/template-factors.ts';

/** One file of the corpus: a call that carries a template, what was read of its target, and what must be found. */
const caseShape = z.strictObject({
  about: z.string(),
  call: z.strictObject({
    method: z.string(),
    path: z.string(),
    query: z.record(z.string(), z.string()).default({}),
    body: z.unknown().optional(),
  }),
  facts: z
    .strictObject({
      existence: z.enum(['present', 'absent', 'unreadable']).default('present'),
      /** What is in the group already; null where that could not be listed. */
      contents: z
        .array(z.strictObject({ id: z.string(), tags: z.record(z.string(), z.string()) }))
        .nullable()
        .default([]),
      current: z.unknown().optional(),
    })
    .default({ existence: 'present', contents: [] }),
  expected: z.strictObject({ level: z.enum(riskLevels), codes: z.array(z.string()), without: z.array(z.string()).default([]) }),
});
type Case = z.output<typeof caseShape> & { readonly body: JsonValue | undefined; readonly current: JsonValue | undefined };

const directory = join(import.meta.dirname, '../../../corpus/templates');
const cases = readdirSync(directory)
  .sort()
  .map((file): readonly [string, Case] => {
    const json = parseJson(readFileSync(join(directory, file)));
    const body = property(property(json, 'call'), 'body');
    const current = property(property(json, 'facts'), 'current');
    return [file, { ...caseShape.parse(json), body, current }];
  });

const scripts = await loadScriptReader();

/** The group that is deployed to is tagged as development, and nothing else is tagged. What a template writes is new where its group does not list it. */
function assessed({ call, facts, body, current }: Case): Assessment {
  const { request, path } = parseArmRequest({ ...call, apiVersion: '2024-03-01', headers: {}, body });
  const scopes = [path.resourceId, ...path.containers].filter((scope) => scope !== '/');
  const target: TargetFacts = {
    existence: facts.existence,
    scopes: scopes.map((scope) => ({ scope, tags: scope.endsWith('/resourcegroups/rg-dev') ? { environment: 'dev' } : {} })),
    readAt: instant('2026-11-21T20:12:00.000Z'),
    locks: [],
    ...(facts.contents === null ? {} : { contents: facts.contents }),
    carried: carriedCalls({ request, path }).calls.flatMap(({ path: text }) => {
      const id = text.toLowerCase();
      const isListed = (facts.contents ?? []).some((resource) => resource.id === id);
      return isListed ? [] : [{ id, existence: 'absent', current: undefined, tags: {} } as const];
    }),
    ...(current === undefined ? {} : { current }),
  };
  return assess(request, path, actionOf(request.method, path), target, scripts);
}

describe('the corpus of templates', () => {
  it('has them all', () => {
    expect(cases.length).toBeGreaterThanOrEqual(100);
  });

  it.each(cases)('%s', (_, given) => {
    const { level, factors } = assessed(given);
    const codes = factors.map(({ code }) => code);
    expect({ level, missing: given.expected.codes.filter((code) => !codes.includes(code)) }, codes.join(' ')).toEqual({
      level: given.expected.level,
      missing: [],
    });
    expect(codes.filter((code) => given.expected.without.includes(code))).toEqual([]);
  });

  it('shows every factor that templates add', () => {
    const shown = new Set(cases.flatMap(([, { expected }]) => expected.codes));
    expect(templateFactors.map(({ code }) => code).filter((code) => !shown.has(code))).toEqual([]);
  });
});
