import { readFileSync } from 'node:fs';
import type { CommandLanguage } from '../../../../shared/domain/risk/scripts/invocation.ts';
import { judgeScript, sessionOf } from '../../../../shared/domain/risk/scripts/judge-script.ts';
import type { ScriptReader } from '../../../../shared/domain/risk/scripts/script-reader.ts';

/** One row of a corpus: what a script is, the script, and what is to be found in it as `line code`. */
export type ScriptRow = { readonly what: string; readonly script: string | readonly string[]; readonly found: readonly string[] };

export function scriptRows(name: string): readonly ScriptRow[] {
  const rows: unknown = JSON.parse(readFileSync(new URL(`../../../corpus/scripts/${name}.json`, import.meta.url), 'utf8'));
  if (!Array.isArray(rows) || !rows.every(isRow)) throw new Error(`${name}.json holds a row that is none.`);
  return rows;
}

function isRow(row: unknown): row is ScriptRow {
  return typeof row === 'object' && row !== null && 'what' in row && 'script' in row && 'found' in row && Array.isArray(row.found);
}

/** Everything that is found in a script, as `line code`, without repetitions and in order. */
export function foundIn(reader: ScriptReader, language: CommandLanguage, script: string | readonly string[]): readonly string[] {
  const found = new Set<string>();
  const session = sessionOf(reader, ({ code, line }) => found.add(`${line} ${code}`));
  judgeScript(session, {
    language,
    text: typeof script === 'string' ? script : script.join('\n'),
    given: new Map(),
    positional: undefined,
  });
  return [...found].sort();
}
