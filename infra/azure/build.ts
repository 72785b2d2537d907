import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileTemplates, standInParameters } from './compile-templates.ts';
import { type CompilerSearch, findCompiler } from './find-compiler.ts';
import { makeRunProgram } from './run-program.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const local = fileURLToPath(new URL('../../.local', import.meta.url));

/** Exit code where no compiler can be had: nothing was checked, and nothing was found wrong. */
export const noCompiler = 3;

/** How a compiler is looked for on this machine. */
export const usualSearch: CompilerSearch = {
  run: makeRunProgram({ ...standInParameters, ...process.env }),
  fetch,
  keptIn: join(local, 'bicep'),
  platform: process.platform,
  architecture: process.arch,
};

/** Compiles and lints the templates. Answers with the exit code: 0, 1 for any warning or error, 3 where no compiler can be had. */
export async function buildTemplates(search: CompilerSearch, into: string, write: (line: string) => void): Promise<number> {
  const { found, ...others } = await findCompiler(search);
  if (found === undefined) {
    write('No Bicep compiler can be had here; the templates were not compiled. Tried:');
    for (const one of 'tried' in others ? others.tried : []) write(`  ${one}`);
    write('Install one (https://aka.ms/bicep-install), or run this where NuGet has the package.');
    return noCompiler;
  }
  write(`Bicep ${found.version}: ${found.had}.`);
  await mkdir(into, { recursive: true });
  const compilations = await compileTemplates(search.run, found, { from: here, into });
  for (const { template, messages } of compilations) {
    write(`${messages.length === 0 ? '✓' : '✗'} ${template}`);
    for (const message of messages) write(`    ${message}`);
  }
  return compilations.some(({ messages }) => messages.length > 0) ? 1 : 0;
}

const help = `Compiles and lints the templates with the Bicep compiler; a warning is an error.

  npm run infra:build     into .local/templates

Takes bicep or az bicep where one is installed, else the NuGet package of the compiler.
Ends with 0; 1 where anything is wrong; ${noCompiler} where no compiler can be had.
`;

if (import.meta.main) {
  const [argument] = process.argv.slice(2);
  if (argument === undefined) process.exitCode = await buildTemplates(usualSearch, join(local, 'templates'), console.log);
  else {
    console.log(help);
    process.exitCode = argument === '--help' ? 0 : 2;
  }
}
