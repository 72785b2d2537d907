import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { usualSearch } from '../../../infra/azure/build.ts';
import { compileTemplates } from '../../../infra/azure/compile-templates.ts';
import { findCompiler } from '../../../infra/azure/find-compiler.ts';
import { compiledResources } from './compiled.ts';
import { azureDirectory } from './deployed.ts';
import { expectHardened } from './hardening.ts';

const search = await findCompiler(usualSearch);
if (search.found === undefined)
  console.warn(`No Bicep compiler can be had here (${search.tried.join('; ')}): nothing is compiled in this run.`);

const into = await mkdtemp(join(tmpdir(), 'countersign-templates-'));
afterAll(async () => {
  await rm(into, { recursive: true, force: true });
});

describe('the templates', () => {
  it.skipIf(search.found === undefined)(
    'compile without a warning, and are as hard compiled as written (skipped where no Bicep compiler can be had)',
    async () => {
      if (search.found === undefined) return;
      const compilations = await compileTemplates(usualSearch.run, search.found, { from: azureDirectory, into });
      expect(compilations.map(({ template, messages }) => [template, ...messages])).toEqual([
        ['main.bicep'],
        ['secret.bicep'],
        ['first-key.bicep'],
        ['entra.bicep'],
        ['entra-permissions.bicep'],
        ['main.bicepparam'],
      ]);
      const main = compilations.find(({ template }) => template === 'main.bicep');
      expectHardened(compiledResources(JSON.parse(await readFile(main?.output ?? '', 'utf8'))));
    },
  );
});
