import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { loadScriptReader } from '../../shared/adapters/tree-sitter/load-script-reader.ts';
import { readArguments } from './arguments.ts';
import { measureMaskingRecall } from './masking-measure.ts';
import { measureRules, type RuleMeasure } from './rule-measure.ts';

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

/** A table of the folder, or undefined, said aloud, where there is none. */
function tableIn(folder: string | undefined, name: string): string | undefined {
  const file = folder === undefined ? undefined : join(folder, name);
  if (file !== undefined && existsSync(file)) return file;
  print(
    `SKIPPED: ${file === undefined ? `no folder with ${name} was given` : `${file} does not exist`}: there is nothing to measure against.`,
  );
  return undefined;
}

async function reportActions(file: string): Promise<boolean> {
  const { actions } = shape.parse(JSON.parse(readFileSync(file, 'utf8')));
  const measure = measureRules(actions, await loadScriptReader());
  report(measure);
  return measure.revealing.high >= 0.95 * measure.revealing.all && measure.reading.above.length === 0;
}

function reportMasking(file: string): boolean {
  const { counted, masked, missed, apart, apartMasked } = measureMaskingRecall(file);
  print(`sensitive properties masked (recall)     ${masked} of ${counted} (${percent(masked, counted)})`);
  print(`  identifiers and endpoints masked       ${apartMasked} of ${apart} (over-masking, not counted)`);
  list('Sensitive properties that were missed', missed);
  return masked >= 0.95 * counted;
}

const usage = `Usage: npm run measure:rules -- FOLDER    how many of Azure's own actions the rules judge rightly, and how many of its sensitive properties
                                          are masked; FOLDER holds arm-actions.json and arm-sensitive-properties.json

  arm-actions.json               { "actions": { "Microsoft.Storage/storageAccounts/listKeys": { "sensitiveOutputs": ["keys[].value"] } } }
  arm-sensitive-properties.json  { "resourceTypes": { "Microsoft.Compute/virtualMachines": ["properties.osProfile.adminPassword"] } }

The first has each POST action and the outputs that Azure marks as sensitive, by their path; the second each type and its properties that are. Both are in Azure's
published Bicep types (github.com/Azure/bicep-types-az): functions of resources, and strings that are "sensitive". A table that FOLDER lacks is skipped, and that is said.
Exits with 1 where less than 95 % of the secrets are found, or an action that only reads is judged above medium.`;

const given = readArguments(process.argv.slice(2), usage, false);
if (given !== undefined) {
  const actions = tableIn(given.folder, 'arm-actions.json');
  const areActionsGood = actions === undefined || (await reportActions(actions));
  const properties = tableIn(given.folder, 'arm-sensitive-properties.json');
  const isMaskingGood = properties === undefined || reportMasking(properties);
  process.exitCode = areActionsGood && isMaskingGood ? 0 : 1;
}
