import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildTemplates } from '../../../infra/azure/build.ts';
import type { CompilerSearch } from '../../../infra/azure/find-compiler.ts';
import type { ProgramEnd } from '../../../infra/azure/run-program.ts';
import { zipOf } from '../../../infra/package/zip-archive.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-bicep-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const good: ProgramEnd = { exitCode: 0, stdout: '', stderr: '' };
const version: ProgramEnd = { exitCode: 0, stdout: 'Bicep CLI version 0.38.33 (abc)\n', stderr: '' };

/** A machine on which these programs are, and answer so. */
function machine(programs: Readonly<Record<string, (args: readonly string[]) => ProgramEnd>>) {
  const calls: string[] = [];
  const asked: string[] = [];
  const search: CompilerSearch = {
    run: async (program, args) => {
      const name = program.split('/').at(-1) ?? '';
      const isKept = program.startsWith(directory);
      if (isKept && !(await exists(program))) return undefined;
      const answer = programs[isKept ? 'kept' : name];
      if (answer === undefined) return undefined;
      calls.push(`${name} ${args[0]} ${args[1] ?? ''}`.trim());
      return answer(args);
    },
    fetch: async (url) => {
      asked.push(url);
      return new Response('', { status: 404 });
    },
    keptIn: directory,
    platform: 'linux',
    architecture: 'x64',
  };
  return { search, calls, asked };
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function build(search: CompilerSearch): Promise<{ readonly exitCode: number; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const exitCode = await buildTemplates(search, join(directory, 'out'), (line) => lines.push(line));
  return { exitCode, lines };
}

describe('infra:build', () => {
  it('says that no compiler can be had, with an exit code of its own', async () => {
    const { search, asked } = machine({});
    const { exitCode, lines } = await build(search);
    expect(exitCode).toBe(3);
    expect(lines).toEqual([
      'No Bicep compiler can be had here; the templates were not compiled. Tried:',
      '  bicep: is not there',
      '  the compiler of an earlier download: is not there',
      '  az bicep: is not there',
      '  NuGet, azure.bicep.commandline.linux-x64: answers 404',
      'Install one (https://aka.ms/bicep-install), or run this where NuGet has the package.',
    ]);
    expect(asked).toEqual(['https://api.nuget.org/v3-flatcontainer/azure.bicep.commandline.linux-x64/index.json']);
  });

  it('fails on a warning of the compiler', async () => {
    const warning = '/x/main.bicep(3,7) : Warning no-unused-params: Parameter "x" is declared but never used.';
    const { search } = machine({
      bicep: ([what, file]) =>
        what === '--version' ? version : { ...good, stderr: what === 'build' && file?.endsWith('main.bicep') === true ? warning : '' },
    });
    const { exitCode, lines } = await build(search);
    expect(exitCode).toBe(1);
    expect(lines.slice(0, 4)).toEqual(['Bicep 0.38.33: bicep, as it is installed.', '✗ main.bicep', `    ${warning}`, '✓ secret.bicep']);
  });

  it('fails where the compiler does, even without a word', async () => {
    const { search } = machine({ bicep: ([what]) => (what === '--version' ? version : { exitCode: 134, stdout: '', stderr: '' }) });
    const { exitCode, lines } = await build(search);
    expect(exitCode).toBe(1);
    expect(lines).toContain('    build: ended with 134: ');
  });

  it('compiles and lints every template with bicep where it is installed', async () => {
    const { search, calls, asked } = machine({ bicep: ([what]) => (what === '--version' ? version : good) });
    const { exitCode } = await build(search);
    expect(exitCode).toBe(0);
    expect(calls.map((call) => call.replace(/\/.*\//, ''))).toEqual([
      'bicep --version',
      'bicep build main.bicep',
      'bicep lint main.bicep',
      'bicep build secret.bicep',
      'bicep lint secret.bicep',
      'bicep build first-key.bicep',
      'bicep lint first-key.bicep',
      'bicep build entra.bicep',
      'bicep lint entra.bicep',
      'bicep build entra-permissions.bicep',
      'bicep lint entra-permissions.bicep',
      'bicep build-params main.bicepparam',
      'bicep lint main.bicepparam',
    ]);
    expect(asked).toEqual([]);
  });

  it('takes az bicep where there is no bicep', async () => {
    const { search, calls } = machine({ az: ([, what]) => (what === 'version' ? version : good) });
    expect((await build(search)).lines[0]).toBe('Bicep 0.38.33: az bicep.');
    expect(calls[1]).toBe('az bicep build');
  });

  it('takes the newest release from NuGet where nothing is installed, and keeps it', async () => {
    const { search } = machine({ kept: ([what]) => (what === '--version' ? version : good) });
    const program = new TextEncoder().encode('the compiler');
    const urls: string[] = [];
    const withRegistry: CompilerSearch = {
      ...search,
      fetch: async (url) => {
        urls.push(url.replace('https://api.nuget.org/v3-flatcontainer/azure.bicep.commandline.linux-x64/', ''));
        return url.endsWith('index.json')
          ? Response.json({ versions: ['0.37.4', '0.38.33', '0.39.0-preview'] })
          : new Response(new Uint8Array(zipOf({ 'tools/bicep': program, LICENSE: program })));
      },
    };
    expect((await build(withRegistry)).lines[0]).toBe('Bicep 0.38.33: azure.bicep.commandline.linux-x64 0.38.33 from NuGet.');
    expect(urls).toEqual(['index.json', '0.38.33/azure.bicep.commandline.linux-x64.0.38.33.nupkg']);
    const kept = join(directory, 'linux-x64/bicep');
    expect([await readFile(kept, 'utf8'), (await stat(kept)).mode & 0o777]).toEqual(['the compiler', 0o755]);
    expect((await build(withRegistry)).lines[0]).toBe('Bicep 0.38.33: the compiler that was downloaded from NuGet before.');
  });
});
