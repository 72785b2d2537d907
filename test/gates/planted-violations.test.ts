import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/*
 * Each tool looks once at a folder with a file for each violation; that the tool fails, and what it says of each file, is asserted apart.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const toolTimeoutMs = 60_000;
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-gates-'));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
}

type Outcome = { readonly failed: boolean; readonly lines: readonly string[] };

function run(folder: string, tool: string, args: readonly string[]): Outcome {
  const cwd = join(directory, folder);
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin', tool), args, { cwd, encoding: 'utf8' });
  return { failed: status !== 0, lines: `${stdout}\n${stderr}`.split('\n').map((line) => line.trim()) };
}

describe('typecheck', () => {
  const violations = [
    ['an unchecked index', 'index.ts', 'export const first = (list: readonly string[]): string => list[0];', 'TS2322'],
    ['an implicit any', 'implicit-any.ts', 'export const same = (value) => value;', 'TS7006'],
    [
      'an undefined put where a property may only be absent',
      'undefined.ts',
      'export const o: { a?: string } = { a: undefined };',
      'TS2375',
    ],
    ['an enum, which Node cannot strip', 'enum.ts', 'export enum Kind { A }', 'TS1294'],
  ] as const;
  let outcome: Outcome;

  beforeAll(() => {
    plant('types/tsconfig.json', JSON.stringify({ extends: join(root, 'tsconfig.json'), include: ['.'] }));
    plant('types/package.json', '{ "type": "module" }');
    plant('types/sound.ts', 'export const sound = 1;\n');
    for (const [, file, source] of violations) plant(`types/${file}`, source);
    outcome = run('types', 'tsc', ['--noEmit', '--pretty', 'false', '-p', 'tsconfig.json']);
  }, toolTimeoutMs);

  it.each(violations)('fails on %s', (_, file, __, code) => {
    expect(outcome.failed).toBe(true);
    expect(outcome.lines).toContainEqual(expect.stringMatching(new RegExp(`^${file}\\(.*: error ${code}:`)));
  });

  it('says nothing of a file without one', () => {
    expect(outcome.lines.filter((line) => line.includes('sound.ts'))).toEqual([]);
  });
});

describe('lint', () => {
  const violations = [
    ['any', 'any.ts', 'export const value: any = 1;\n', 'noExplicitAny'],
    ['a non-null assertion', 'non-null.ts', 'export const first = (list: readonly string[]) => list[0]!;\n', 'noNonNullAssertion'],
    ['the environment read outside the configuration', 'environment.ts', "export const role = process.env['ROLE'];\n", 'noProcessEnv'],
    [
      'a promise that nobody awaits',
      'promise.ts',
      'async function send() {}\nexport function run() {\n  send();\n}\n',
      'noFloatingPromises',
    ],
    ['a default export', 'default-export.ts', 'export default 1;\n', 'noDefaultExport'],
    ['unformatted text', 'unformatted.ts', 'export const a={b:1}\n', 'format'],
  ] as const;
  let outcome: Outcome;

  beforeAll(() => {
    plant('lint/biome.json', JSON.stringify({ extends: [join(root, 'biome.json')], vcs: { enabled: false } }));
    plant('lint/shared/domain/sound.ts', 'export const sound = 1;\n');
    for (const [, file, source] of violations) plant(`lint/shared/domain/${file}`, source);
    outcome = run('lint', 'biome', ['check', '--error-on-warnings', '--reporter=github', 'shared']);
  }, toolTimeoutMs);

  it.each(violations)('fails on %s', (_, file, __, rule) => {
    expect(outcome.failed).toBe(true);
    // What is an error or a warning makes it fail; what is a notice does not.
    expect(outcome.lines).toContainEqual(
      expect.stringMatching(new RegExp(`^::(error|warning) title=(lint/\\w+/)?${rule},file=\\S*/shared/domain/${file},`)),
    );
  });

  it('says nothing of a file without one', () => {
    expect(outcome.lines.filter((line) => line.includes('sound.ts'))).toEqual([]);
  });
});

describe('import rules', () => {
  const inner = 'export const inner = 1;\n';
  const violations = [
    ['domain-is-pure', 'shared/domain/uses-package.ts', '@azure/data-tables', undefined],
    ['domain-is-pure', 'shared/domain/uses-node.ts', 'node:fs', undefined],
    ['domain-is-pure', 'shared/domain/uses-port.ts', '../ports/inner.ts', 'shared/ports/inner.ts'],
    ['ports-know-the-domain', 'shared/ports/planted.ts', '../contracts/inner.ts', 'shared/contracts/inner.ts'],
    ['contracts-know-domain-and-ports', 'shared/contracts/planted.ts', '../use-cases/inner.ts', 'shared/use-cases/inner.ts'],
    ['use-cases-know-no-edge', 'shared/use-cases/uses-adapter.ts', '../adapters/teams/inner.ts', 'shared/adapters/teams/inner.ts'],
    ['use-cases-know-no-edge', 'shared/use-cases/uses-package.ts', '@azure/service-bus', undefined],
    ['adapters-point-inward', 'shared/adapters/teams/uses-adapter.ts', '../cedar/inner.ts', 'shared/adapters/cedar/inner.ts'],
    ['adapters-point-inward', 'shared/adapters/teams/uses-use-case.ts', '../../use-cases/inner.ts', 'shared/use-cases/inner.ts'],
    ['nobody-imports-functions', 'shared/adapters/teams/uses-function.ts', '../../../functions/inner.ts', 'functions/inner.ts'],
    ['product-needs-no-infra', 'shared/adapters/teams/uses-infra.ts', '../../../infra/local/inner.ts', 'infra/local/inner.ts'],
    ['nothing-unresolved', 'functions/planted.ts', './nowhere.ts', undefined],
  ] as const;
  const folders = ['functions', 'shared', 'infra', 'test'];
  let outcome: Outcome;

  beforeAll(() => {
    for (const folder of folders) mkdirSync(join(directory, 'imports', folder), { recursive: true });
    plant('imports/package.json', '{ "type": "module", "dependencies": { "@azure/data-tables": "*", "@azure/service-bus": "*" } }');
    for (const [, path, specifier, target] of violations) {
      if (target !== undefined) plant(`imports/${target}`, inner);
      plant(`imports/${path}`, `import * as planted from '${specifier}';\nexport const used = planted;\n`);
    }
    plant('imports/shared/domain/one.ts', "import { two } from './two.ts';\nexport const one = (): unknown => two;\n");
    plant('imports/shared/domain/two.ts', "import { one } from './one.ts';\nexport const two = (): unknown => one;\n");
    plant('imports/shared/domain/sound.ts', "import { inner } from './inner.ts';\nexport const sound = inner;\n");
    plant('imports/shared/domain/inner.ts', inner);
    outcome = run('imports', 'depcruise', ['--config', join(root, '.dependency-cruiser.cjs'), ...folders]);
  }, toolTimeoutMs);

  it.each(violations)('%s: %s may not import %s', (rule, path) => {
    expect(outcome.failed).toBe(true);
    expect(outcome.lines).toContainEqual(expect.stringContaining(`error ${rule}: ${path} → `));
  });

  it('no-cycles: two modules may not need each other', () => {
    expect(outcome.failed).toBe(true);
    expect(outcome.lines).toContainEqual(expect.stringMatching(/^error no-cycles: shared\/domain\/(one|two)\.ts →$/));
  });

  it('says nothing of a file without one', () => {
    expect(outcome.lines.filter((line) => line.includes('sound.ts'))).toEqual([]);
  });
});
