import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { textTable } from '../../infra/policy-tools/text-table.ts';
import { type Mutant, mutants } from './mutants.ts';

const usage = `Usage: node test/chaos/try-mutants.ts [--chaos N] [--seed S] [--no-matrix] [NAME...]

Takes one safety after the other away in a copy of the tree and sees whether anybody notices: the crash matrix, and chaos with N operations (200 unless
given, 0 leaves it out; --no-matrix leaves the matrix out). Without names all are tried: ${mutants.map(({ name }) => name).join(', ')}.

Ends with 0 where every mutant was noticed.`;

const root = fileURLToPath(new URL('../..', import.meta.url));
const copied = ['functions', 'shared', 'infra', 'test', 'host.json', 'package.json', 'vitest.config.ts', 'tsconfig.json'];

/** What one check says of a mutant. */
type Verdict = { readonly noticed: boolean; readonly told: string };
const notTried: Verdict = { noticed: false, told: 'not tried' };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    chaos: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    'no-matrix': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const chosen = positionals.length === 0 ? mutants : mutants.filter(({ name }) => positionals.includes(name));
if (values.help || chosen.length === 0 || !/^\d{1,6}$/.test(values.chaos)) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  const rows = chosen.map((mutant) => tryOne(mutant, Number(values.chaos), values.seed));
  console.log(textTable([['safety taken away', 'crash matrix', 'chaos'], ...rows.map(({ cells }) => cells)], 120));
  process.exitCode = rows.every(({ noticed }) => noticed) ? 0 : 1;
}

type Tried = { readonly noticed: boolean; readonly cells: readonly string[] };

function tryOne(mutant: Mutant, operations: number, seed: string): Tried {
  const tree = mkdtempSync(join(tmpdir(), `countersign-mutant-${mutant.name}-`));
  try {
    for (const name of copied) cpSync(join(root, name), join(tree, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    for (const edit of mutant.edits) mutate(join(tree, edit.file), edit.find, edit.replace);
    const matrix = values['no-matrix'] ? notTried : tryMatrix(tree);
    const chaos = operations === 0 ? notTried : tryChaos(tree, operations, seed);
    return { noticed: matrix.noticed || chaos.noticed, cells: [mutant.removes, matrix.told, chaos.told] };
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** The text must be there exactly once, or the mutant is none any more. */
function mutate(path: string, find: string, replace: string): void {
  const parts = readFileSync(path, 'utf8').split(find);
  if (parts.length !== 2) throw new Error(`${basename(path)} has ${parts.length - 1} of: ${find}`);
  writeFileSync(path, parts.join(replace));
}

function tryMatrix(tree: string): Verdict {
  const json = join(tree, 'matrix.json');
  const args = ['run', '--project', 'unit', 'test/use-cases/crash-matrix.test.ts', '--reporter', 'json', '--outputFile', json];
  const vitest = join(tree, 'node_modules/vitest/vitest.mjs');
  spawnSync(process.execPath, [vitest, ...args], { cwd: tree, stdio: ['ignore', 'ignore', 'inherit'] });
  const report = existsSync(json) ? readFileSync(json, 'utf8') : '';
  const failed = /"numFailedTests":(\d+)/.exec(report)?.[1];
  const first = /(?:died|undisturbed)[^:"\\]*: ([^:"\\]{1,60})/.exec(report)?.[1];
  if (failed === undefined) return { noticed: false, told: 'it did not run' };
  return { noticed: failed !== '0', told: failed === '0' ? 'not noticed' : `${failed} tests fail: ${first ?? 'it throws'}` };
}

function tryChaos(tree: string, operations: number, seed: string): Verdict {
  const json = join(tree, 'chaos.json');
  const args = ['test/chaos/run-chaos.ts', '--operations', String(operations), '--seed', seed, '--kill', '--json', json];
  const { status } = spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8', stdio: ['ignore', 'ignore', 'inherit'] });
  if (status === 0) return { noticed: false, told: 'not noticed' };
  return { noticed: status === 1, told: status === 1 ? brokenPromises(json) : 'it did not run' };
}

function brokenPromises(path: string): string {
  const report: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const findings = typeof report === 'object' && report !== null && 'findings' in report ? report.findings : [];
  if (!Array.isArray(findings)) return 'its report cannot be read';
  return findings
    .flatMap((finding: { promise?: unknown; breaches?: unknown }) =>
      Array.isArray(finding.breaches) && finding.breaches.length > 0 ? [`${String(finding.promise)} (${finding.breaches.length})`] : [],
    )
    .join('; ');
}
