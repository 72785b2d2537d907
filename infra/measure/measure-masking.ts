import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeSecretlintMasker } from '../../shared/adapters/secretlint/secretlint-masker.ts';
import type { JsonValue } from '../../shared/domain/json.ts';
import { judgePositive, readLookAlikes, readPositives, render } from '../../test/support/secret-corpus.ts';
import { seedResources } from '../local/resource-manager/seed-resources.ts';
import { readArguments } from './arguments.ts';
import { measureMaskingRecall } from './masking-measure.ts';
import { measureSpeed } from './masking-speed.ts';
import { measureWorstBodies } from './worst-bodies.ts';

const masker = makeSecretlintMasker({ personalData: [] });
const mebibyte = 1_048_576;
const maxListed = 20;

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const percent = (part: number, whole: number): string => (whole === 0 ? 'none' : `${((100 * part) / whole).toFixed(1)} %`);

async function reportCorpus(): Promise<boolean> {
  const kinds = new Map<string, { hidden: number; all: number }>();
  const wrong: string[] = [];
  for (const row of readPositives()) {
    const { isHidden, lost } = await judgePositive(masker, row);
    const count = kinds.get(row.kind) ?? { hidden: 0, all: 0 };
    kinds.set(row.kind, { hidden: count.hidden + (isHidden ? 1 : 0), all: count.all + 1 });
    if (!isHidden) wrong.push(`not hidden: ${row.kind}: ${row.what}`);
    for (const text of lost) wrong.push(`hidden beside ${row.what}: ${text}`);
  }
  const lookAlikes = readLookAlikes();
  let spared = 0;
  for (const row of lookAlikes) {
    const { masked } = await masker.mask(render(row, 1), row.call);
    if (masked.length === 0) spared += 1;
    else wrong.push(`no secret: ${row.kind}: ${row.what}`);
  }
  print('kind of secret                     hidden     of  recall');
  for (const [kind, { hidden, all }] of kinds)
    print(`${kind.padEnd(32)} ${String(hidden).padStart(8)} ${String(all).padStart(6)}  ${percent(hidden, all)}`);
  const totals = [...kinds.values()];
  const hidden = totals.reduce((sum, kind) => sum + kind.hidden, 0);
  const all = totals.reduce((sum, kind) => sum + kind.all, 0);
  print(`${'all'.padEnd(32)} ${String(hidden).padStart(8)} ${String(all).padStart(6)}  ${percent(hidden, all)}`);
  print(
    `look-alikes that stayed          ${String(spared).padStart(8)} ${String(lookAlikes.length).padStart(6)}  ${percent(spared, lookAlikes.length)}`,
  );
  print(`precision                                          ${percent(hidden, hidden + lookAlikes.length - spared)}`);
  for (const line of wrong) print(`  ${line}`);
  return wrong.length === 0;
}

function leaves(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 1;
  let count = 0;
  for (const inner of Object.values(value)) count += leaves(inner);
  return count;
}

function ordinaryResources(): readonly JsonValue[] {
  return seedResources(Date.parse('2026-11-21T20:12:00.000Z')).map(({ id, type, name, content }) =>
    JSON.parse(JSON.stringify({ id, type, name, ...content })),
  );
}

async function reportOrdinary(): Promise<void> {
  const resources = ordinaryResources();
  const { masked } = await masker.mask(resources);
  print(`\nordinary resources: ${resources.length}, with ${leaves(resources)} values, of which masked: ${masked.length}`);
  for (const path of masked.slice(0, maxListed)) print(`  ${path}`);
}

async function reportSpeed(): Promise<void> {
  const resources = ordinaryResources();
  const many = (size: number): JsonValue => Array.from({ length: Math.ceil(size / JSON.stringify(resources).length) }, () => resources);
  const secrets = readPositives().map((row) => render(row, 1));
  const manySecrets = Array.from({ length: Math.ceil(mebibyte / JSON.stringify(secrets).length) }, () => secrets);
  print('\nspeed                              MB/s   times JSON.parse and JSON.stringify');
  for (const [what, value] of [
    ['ordinary resources, 4 MiB', many(4 * mebibyte)],
    ['the corpus of secrets, 1 MiB', manySecrets],
  ] as const) {
    const { megabytesPerSecond, timesJson } = await measureSpeed(masker, value);
    print(`${what.padEnd(32)} ${megabytesPerSecond.toFixed(1).padStart(7)}   ${timesJson.toFixed(1)}`);
  }
}

async function reportWorst(): Promise<void> {
  const onProgress = (done: number, all: number): void => {
    if (process.stderr.isTTY) process.stderr.write(done === all ? '\n' : `\r${done} of ${all}`);
    else if (done % 50 === 0) process.stderr.write(`${done} of ${all}\n`);
  };
  const worst = await measureWorstBodies(onProgress);
  print('processor time in ms to mask 4 MiB of the worst kinds, personal data included');
  for (const { what, ms } of worst) print(`${ms.toFixed(0).padStart(8)}  ${what}`);
}

function reportTable(folder: string | undefined): boolean {
  const table = folder === undefined ? undefined : join(folder, 'arm-sensitive-properties.json');
  if (table === undefined || !existsSync(table)) {
    print(`\nSKIPPED: ${table ?? 'no folder was given'}: there is no table of sensitive properties to measure against.`);
    return true;
  }
  const { counted, masked, missed, apart, apartMasked } = measureMaskingRecall(table);
  print(`\nsensitive properties of Azure    ${String(masked).padStart(8)} ${String(counted).padStart(6)}  ${percent(masked, counted)}`);
  print(`  identifiers and endpoints      ${String(apartMasked).padStart(8)} ${String(apart).padStart(6)}  not counted`);
  for (const path of missed.slice(0, maxListed)) print(`  missed: ${path}`);
  return masked >= 0.95 * counted;
}

async function reportAll(folder: string | undefined): Promise<boolean> {
  const isCorpusGood = await reportCorpus();
  await reportOrdinary();
  const isTableGood = reportTable(folder);
  await reportSpeed();
  return isCorpusGood && isTableGood;
}

const usage = `Usage: npm run measure:masking [-- FOLDER]    what of the corpora is masked and what is not, and how fast; with a folder that holds
                                               arm-sensitive-properties.json, how much of what Azure marks as sensitive
       npm run measure:masking -- --worst      how long 4 MiB of the worst kinds take
Exits with 1 where a secret of the corpora is shown, a look-alike is masked, or less than 95 % of the table is.`;

const given = readArguments(process.argv.slice(2), usage, true);
if (given?.worst === true) await reportWorst();
else if (given !== undefined) process.exitCode = (await reportAll(given.folder)) ? 0 : 1;
