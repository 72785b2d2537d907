import { join } from 'node:path';
import type { Compiler } from './find-compiler.ts';
import type { ProgramEnd, RunProgram } from './run-program.ts';

/** What is deployed by itself; everything else is a module of these. */
export const templates = ['main.bicep', 'secret.bicep', 'first-key.bicep', 'entra.bicep', 'entra-permissions.bicep'] as const;

/** The values of main.bicep, which read the environment. */
const parameters = 'main.bicepparam';

/** What stands in for what `main.bicepparam` reads and nobody has said: the file is compiled, and nothing is deployed. */
export const standInParameters: Readonly<Record<string, string>> = {
  AZURE_ENV_NAME: 'compiled',
  AZURE_LOCATION: 'westeurope',
  COUNTERSIGN_API_CLIENT_ID: '00000000-0000-0000-0000-000000000000',
  COUNTERSIGN_API_IDENTIFIER_URI: 'api://countersign',
  COUNTERSIGN_PERSON_CLIENT_IDS: '00000000-0000-0000-0000-000000000000',
  COUNTERSIGN_AUDIT_CLIENT_ID: '00000000-0000-0000-0000-000000000000',
  COUNTERSIGN_MANAGED_SUBSCRIPTIONS: '00000000-0000-0000-0000-000000000000',
};

export type Compilation = { readonly template: string; readonly output: string; readonly messages: readonly string[] };

/**
 * Compiles and lints each template, and the file of parameters, into a directory. A message is a warning or an error, as the compiler words it; a compiler that fails without a word is one too.
 * Rules of the linter are errors by bicepconfig.json; what remains a warning is treated as one here.
 */
export async function compileTemplates(
  run: RunProgram,
  compiler: Compiler,
  { from, into }: { readonly from: string; readonly into: string },
): Promise<readonly Compilation[]> {
  const done: Compilation[] = [];
  for (const template of [...templates, parameters]) {
    const source = join(from, template);
    const output = join(into, template.replace(/\.bicep$/, '.json').replace(/\.bicepparam$/, '.parameters.json'));
    const fileArgument = compiler.before.length === 0 ? [source] : ['--file', source];
    const build = template === parameters ? 'build-params' : 'build';
    const built = await run(compiler.program, [...compiler.before, build, ...fileArgument, '--outfile', output]);
    const linted = await run(compiler.program, [...compiler.before, 'lint', ...fileArgument]);
    done.push({ template, output, messages: [...new Set([...messagesOf('build', built), ...messagesOf('lint', linted)])] });
  }
  return done;
}

function messagesOf(what: string, end: ProgramEnd | undefined): readonly string[] {
  if (end === undefined) return [`${what}: the compiler has gone`];
  const lines = `${end.stderr}\n${end.stdout}`.split('\n').map((line) => line.trim());
  const messages = lines.filter((line) => /(?:^|[:\s])(?:warning|error)\b/i.test(line));
  return end.exitCode === 0 || messages.length > 0 ? messages : [`${what}: ended with ${end.exitCode}: ${end.stderr.trim()}`];
}
