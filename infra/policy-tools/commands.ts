import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPolicies } from '../../shared/adapters/cedar/load-policies.ts';
import { loadScriptReader } from '../../shared/adapters/tree-sitter/load-script-reader.ts';
import { ArmRequestError } from '../../shared/domain/arm-request.ts';
import type { ScriptReader } from '../../shared/domain/risk/scripts/script-reader.ts';
import { checkPolicies } from './check-policies.ts';
import { problemText } from './policy-problem.ts';
import { type PolicyTest, type PolicyTestFile, readPolicyTests } from './policy-test-file.ts';
import { type Judges, runPolicyTest, type TestOutcome } from './run-policy-tests.ts';
import { textTable } from './text-table.ts';

export type Write = (text: string) => void;

const ownDirectory = fileURLToPath(new URL('../policy', import.meta.url));

/** `policy:check [DIRECTORY]`: prints what is wrong with the policies, schema, registers and tests, as `file:line: reason`. Answers with the exit code. */
export async function checkCommand(args: readonly string[], write: Write): Promise<number> {
  if (args.includes('--help')) return usage('policy:check', write, 0);
  const directory = directoryOf(args);
  if (directory === undefined) return usage('policy:check', write, 2);
  const problems = await checkPolicies(directory);
  for (const problem of problems) write(`${problemText(problem)}\n`);
  write(problems.length === 0 ? `Nothing is wrong with ${directory}.\n` : `\n${count(problems.length, 'problem')} in ${directory}.\n`);
  return problems.length === 0 ? 0 : 1;
}

/** `policy:test [DIRECTORY]`: puts the questions of `tests/*.json` to the policies and prints a table. Answers with the exit code: 1 for any miss. */
export async function testCommand(args: readonly string[], write: Write): Promise<number> {
  if (args.includes('--help')) return usage('policy:test', write, 0);
  const directory = directoryOf(args);
  if (directory === undefined) return usage('policy:test', write, 2);
  const problems = await checkPolicies(directory);
  if (problems.length > 0) {
    for (const problem of problems) write(`${problemText(problem)}\n`);
    return 1;
  }
  const [files] = await readPolicyTests(directory);
  if (files.length === 0) {
    write(`There is no tests/*.json in ${directory}: nothing was tested.\n`);
    return 1;
  }
  const policies = await loadPolicies(directory, { protectedScopes: [] });
  const judges: Judges = { policies, scripts: await scriptReader() };
  const outcomes = files.flatMap((file) => runFile(file, judges, write));
  const missed = outcomes.filter(({ misses }) => misses.length > 0).length;
  write(`\n${count(outcomes.length, 'question')}, ${missed === 0 ? 'all answered as expected' : `${missed} not answered as expected`}.\n`);
  return missed === 0 ? 0 : 1;
}

let loaded: Promise<ScriptReader> | undefined;

/** The grammars are loaded once a process, however many directories are tested. */
function scriptReader(): Promise<ScriptReader> {
  loaded ??= loadScriptReader();
  return loaded;
}

function directoryOf(args: readonly string[]): string | undefined {
  const [given, ...others] = args;
  if (others.length > 0 || given?.startsWith('-')) return undefined;
  return given === undefined ? ownDirectory : resolve(given);
}

type Command = 'policy:check' | 'policy:test';

const about: Readonly<Record<Command, string>> = {
  'policy:check': 'Says what is wrong with policies, schema, registers and tests, as file:line: reason. Ends with 1 where anything is.',
  'policy:test': 'Puts the questions of tests/*.json to the policies and prints the answers. Ends with 1 where one is not as expected.',
};

function usage(command: Command, write: Write, exitCode: number): number {
  const calls = [
    `  npm run ${command}                  the policies in infra/policy`,
    `  npm run ${command} -- DIRECTORY     those of another directory`,
  ];
  write(`${about[command]}\n\n${calls.join('\n')}\n`);
  return exitCode;
}

function runFile({ file, about, questions }: PolicyTestFile, judges: Judges, write: Write): readonly TestOutcome[] {
  const outcomes = questions.map((question) => runOrMiss(question, judges));
  const head = ['', 'question', 'answer', 'by', 'risk'];
  const rows = outcomes.map(({ name, answer, by, risk, misses }) => [misses.length === 0 ? '✓' : '✗', name, answer, by, risk]);
  write(`\n${file}: ${about}\n${textTable([head, ...rows])}\n`);
  for (const { name, misses } of outcomes) for (const miss of misses) write(`  ✗ ${name}: ${miss}\n`);
  return outcomes;
}

function runOrMiss(question: PolicyTest, judges: Judges): TestOutcome {
  try {
    return runPolicyTest(question, judges);
  } catch (error) {
    if (!(error instanceof ArmRequestError)) throw error;
    return { name: question.name, risk: '', answer: 'no call', by: '', misses: [`${error.field}: ${error.message}`] };
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
