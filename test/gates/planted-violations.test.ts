import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-gates-'));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
}

function run(tool: string, args: readonly string[]): { failed: boolean; output: string } {
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin', tool), args, { cwd: directory, encoding: 'utf8' });
  return { failed: status !== 0, output: stdout + stderr };
}

describe('typecheck', () => {
  const config = JSON.stringify({ extends: join(root, 'tsconfig.json'), include: ['planted.ts'] });

  it.each([
    ['an unchecked index', 'export const first = (list: readonly string[]): string => list[0];', 'TS2322'],
    ['an implicit any', 'export const same = (value) => value;', 'TS7006'],
    ['an undefined put where a property may only be absent', 'export const o: { a?: string } = { a: undefined };', 'TS2375'],
    ['an enum, which Node cannot strip', 'export enum Kind { A }', 'TS1294'],
  ])('fails on %s', (_, source, code) => {
    plant('tsconfig.json', config);
    plant('planted.ts', source);
    const { failed, output } = run('tsc', ['--noEmit', '-p', 'tsconfig.json']);
    expect(failed).toBe(true);
    expect(output).toContain(code);
  });
});

describe('lint', () => {
  it.each([
    ['any', 'export const value: any = 1;\n', 'noExplicitAny'],
    ['a non-null assertion', 'export const first = (list: readonly string[]) => list[0]!;\n', 'noNonNullAssertion'],
    ['the environment read outside the configuration', "export const role = process.env['ROLE'];\n", 'noProcessEnv'],
    ['a promise that nobody awaits', 'async function send() {}\nexport function run() {\n  send();\n}\n', 'noFloatingPromises'],
    ['a default export', 'export default 1;\n', 'noDefaultExport'],
    ['unformatted text', 'export const a={b:1}\n', 'format'],
  ])('fails on %s', (_, source, rule) => {
    plant('biome.json', JSON.stringify({ extends: [join(root, 'biome.json')], vcs: { enabled: false } }));
    plant('shared/domain/planted.ts', source);
    const { failed, output } = run('biome', ['check', '--error-on-warnings', 'shared']);
    expect(failed).toBe(true);
    expect(output).toContain(rule);
  });
});

describe('import rules', () => {
  const inner = 'export const inner = 1;\n';

  it.each([
    ['domain-is-pure', 'shared/domain/planted.ts', '@azure/data-tables', undefined],
    ['domain-is-pure', 'shared/domain/planted.ts', 'node:fs', undefined],
    ['domain-is-pure', 'shared/domain/planted.ts', '../ports/inner.ts', 'shared/ports/inner.ts'],
    ['ports-know-the-domain', 'shared/ports/planted.ts', '../contracts/inner.ts', 'shared/contracts/inner.ts'],
    ['contracts-know-domain-and-ports', 'shared/contracts/planted.ts', '../use-cases/inner.ts', 'shared/use-cases/inner.ts'],
    ['use-cases-know-no-edge', 'shared/use-cases/planted.ts', '../adapters/teams/inner.ts', 'shared/adapters/teams/inner.ts'],
    ['use-cases-know-no-edge', 'shared/use-cases/planted.ts', '@azure/service-bus', undefined],
    ['adapters-point-inward', 'shared/adapters/teams/planted.ts', '../cedar/inner.ts', 'shared/adapters/cedar/inner.ts'],
    ['adapters-point-inward', 'shared/adapters/teams/planted.ts', '../../use-cases/inner.ts', 'shared/use-cases/inner.ts'],
    ['nobody-imports-functions', 'shared/adapters/teams/planted.ts', '../../../functions/inner.ts', 'functions/inner.ts'],
    ['product-needs-no-infra', 'shared/adapters/teams/planted.ts', '../../../infra/local/inner.ts', 'infra/local/inner.ts'],
    ['nothing-unresolved', 'functions/planted.ts', './nowhere.ts', undefined],
  ])('%s: %s may not import %s', (rule, path, specifier, target) => {
    for (const folder of ['functions', 'shared', 'infra', 'test']) mkdirSync(join(directory, folder), { recursive: true });
    plant('package.json', '{ "type": "module", "dependencies": { "@azure/data-tables": "*", "@azure/service-bus": "*" } }');
    if (target !== undefined) plant(target, inner);
    plant(path, `import * as planted from '${specifier}';\nexport const used = planted;\n`);
    const { failed, output } = run('depcruise', [
      '--config',
      join(root, '.dependency-cruiser.cjs'),
      'functions',
      'shared',
      'infra',
      'test',
    ]);
    expect(failed).toBe(true);
    expect(output).toContain(rule);
  });

  it('no-cycles: two modules may not need each other', () => {
    for (const folder of ['functions', 'shared', 'infra', 'test']) mkdirSync(join(directory, folder), { recursive: true });
    plant('package.json', '{ "type": "module" }');
    plant('shared/domain/one.ts', "import { two } from './two.ts';\nexport const one = (): unknown => two;\n");
    plant('shared/domain/two.ts', "import { one } from './one.ts';\nexport const two = (): unknown => one;\n");
    const { failed, output } = run('depcruise', [
      '--config',
      join(root, '.dependency-cruiser.cjs'),
      'functions',
      'shared',
      'infra',
      'test',
    ]);
    expect(failed).toBe(true);
    expect(output).toContain('no-cycles');
  });
});
