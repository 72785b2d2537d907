import { readFile } from 'node:fs/promises';
import { runTogether } from './run-together.ts';

/** `npm run check`: typecheck, lint and import rules at the same time, each as package.json has it. Ends with 1 where one of them fails. */
const names = ['typecheck', 'lint', 'imports'] as const;
const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(manifest);
const parts = names.map((name) => {
  const command = scripts[name];
  if (command === undefined) throw new Error(`package.json has no script ${name}`);
  return { name, command };
});
const failed = await runTogether(parts, (text) => process.stdout.write(text));
if (failed.length > 0) process.stderr.write(`Failed: ${failed.join(', ')}.\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
