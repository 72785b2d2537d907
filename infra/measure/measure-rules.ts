import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { loadScriptReader } from '../../shared/adapters/tree-sitter/load-script-reader.ts';
import { measureRules, type RuleMeasure } from './rule-measure.ts';

/** `npm run measure:rules -- FOLDER`: how many of Azure's own actions the rules judge rightly. The folder's tables are for measuring and stay where they are. */
const shape = z.object({ actions: z.record(z.string(), z.object({ sensitiveOutputs: z.array(z.string()) })) });
const maxListed = 20;

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function percent(part: number, whole: number): string {
  return whole === 0 ? 'none' : `${((100 * part) / whole).toFixed(1)} %`;
}

function list(title: string, items: readonly string[]): void {
  if (items.length === 0) return;
  print(`${title}:`);
  for (const item of items.slice(0, maxListed)) print(`  ${item}`);
  if (items.length > maxListed) print(`  and ${items.length - maxListed} more`);
}

function report({ actions, refused, revealing, reading, levels }: RuleMeasure): void {
  print(`actions in the table                     ${actions}`);
  print(`refused, since their path is none        ${refused.length}`);
  print(`reveal secrets                           ${revealing.all}`);
  print(`  judged high or critical (recall)       ${revealing.high} (${percent(revealing.high, revealing.all)})`);
  print(`  told as revealsSecrets                 ${revealing.named} (${percent(revealing.named, revealing.all)})`);
  print(`only read                                ${reading.all}`);
  print(`  judged low, in production              ${reading.low} (${percent(reading.low, reading.all)})`);
  print(`  judged above medium, in production     ${reading.above.length}`);
  print(
    `levels outside production                low ${levels.low}, medium ${levels.medium}, high ${levels.high}, critical ${levels.critical}`,
  );
  list('Secrets that were missed', revealing.missed);
  list('Reads above medium', reading.above);
  list('Refused', refused);
}

const folder = process.argv[2];
const file = folder === undefined ? undefined : join(folder, 'arm-actions.json');
if (file === undefined || !existsSync(file)) {
  print(
    `SKIPPED: ${file ?? 'no folder was given'}: there is no table of actions to measure against. Usage: npm run measure:rules -- FOLDER`,
  );
} else {
  const { actions } = shape.parse(JSON.parse(readFileSync(file, 'utf8')));
  const measure = measureRules(actions, await loadScriptReader());
  report(measure);
  const isGood = measure.revealing.high >= 0.95 * measure.revealing.all && measure.reading.above.length === 0;
  process.exitCode = isGood ? 0 : 1;
}
