import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { actionOf } from '../../../../shared/domain/action.ts';
import { parseArmRequest } from '../../../../shared/domain/arm-request.ts';
import type { RiskFactor } from '../../../../shared/domain/assessment.ts';
import { type JsonValue, parseJson, property } from '../../../../shared/domain/json.ts';
import { inspectScripts } from '../../../../shared/domain/risk/scripts/inspect-scripts.ts';
import type { CommandLanguage } from '../../../../shared/domain/risk/scripts/invocation.ts';
import { judgeScript, sessionOf } from '../../../../shared/domain/risk/scripts/judge-script.ts';
import type { ScriptReader } from '../../../../shared/domain/risk/scripts/script-reader.ts';

/** One row of a corpus of scripts: what it is, the script, and what is to be found in it as `line code`. */
const scriptRowShape = z.strictObject({
  what: z.string(),
  script: z.union([z.string(), z.array(z.string())]),
  found: z.array(z.string()),
});
export type ScriptRow = z.output<typeof scriptRowShape>;

/** One row of the corpus of requests: a call, the codes that it must have, and parts of their evidence. */
const carrierRowShape = z.strictObject({
  what: z.string(),
  method: z.string(),
  path: z.string(),
  body: z.unknown(),
  codes: z.array(z.string()),
  evidence: z.record(z.string(), z.string()).default({}),
});
export type CarrierRow = z.output<typeof carrierRowShape> & { readonly json: JsonValue | undefined };

export function scriptRows(name: string): readonly ScriptRow[] {
  return z.array(scriptRowShape).parse(corpus(name));
}

export function carrierRows(): readonly CarrierRow[] {
  const json = corpus('carriers');
  return z
    .array(carrierRowShape)
    .parse(json)
    .map((row, index) => ({ ...row, json: Array.isArray(json) ? (property(json[index], 'body') ?? undefined) : undefined }));
}

function corpus(name: string): JsonValue {
  return parseJson(readFileSync(new URL(`../../../corpus/scripts/${name}.json`, import.meta.url)));
}

/** Everything that is found in a script, as `line code`, without repetitions and in order. */
export function foundIn(reader: ScriptReader, language: CommandLanguage, script: string | readonly string[]): readonly string[] {
  const found = new Set<string>();
  const session = sessionOf(reader, ({ code, line }) => found.add(`${line} ${code}`));
  judgeScript(session, { language, text: textOf(script), given: new Map(), positional: undefined });
  return [...found].sort();
}

export function textOf(script: string | readonly string[]): string {
  return typeof script === 'string' ? script : script.join('\n');
}

/** What is found in a call of Azure Resource Manager. */
export function factorsOf(reader: ScriptReader, method: string, path: string, body: JsonValue | undefined): readonly RiskFactor[] {
  const parsed = parseArmRequest({ method, path, apiVersion: '2024-03-01', query: {}, headers: {}, body });
  return inspectScripts({
    ...parsed,
    action: actionOf(parsed.request.method, parsed.path),
    environment: 'nonProduction',
    exists: true,
    tags: {},
    current: undefined,
    locks: [],
    contents: undefined,
    scripts: reader,
  });
}
