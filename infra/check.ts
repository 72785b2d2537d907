import { readFile } from 'node:fs/promises';
import { runTogether } from './run-together.ts';

const names = ['typecheck', 'lint', 'imports'] as const;

const help = `Runs typecheck, lint and import rules at the same time, each as package.json has it, and prints what they say in this order.

  npm run check                                all three
  npm run ${names.join(' | ')}           one of them

Ends with 0 where all pass, 1 where one of them fails, 2 where it was called with anything but --help.
`;

async function main(args: readonly string[]): Promise<number> {
  const [first] = args;
  if (first === '--help' || first === '-h') {
    process.stdout.write(help);
    return 0;
  }
  if (first !== undefined) {
    process.stderr.write(`"${first}" is not an option.\n\n${help}`);
    return 2;
  }
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(manifest);
  const parts = names.map((name) => {
    const command = scripts[name];
    if (command === undefined) throw new Error(`package.json has no script ${name}`);
    return { name, command };
  });
  const failed = await runTogether(parts, (text) => process.stdout.write(text));
  if (failed.length > 0) process.stderr.write(`Failed: ${failed.join(', ')}.\n`);
  return failed.length > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
