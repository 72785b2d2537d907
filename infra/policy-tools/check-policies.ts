import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadPolicies } from '../../shared/adapters/cedar/load-policies.ts';
import { PolicyError } from '../../shared/adapters/cedar/policy-error.ts';
import { loadLimits } from '../../shared/adapters/policy-files/limits-register.ts';
import { loadRegisters, RegisterError } from '../../shared/adapters/policy-files/load-registers.ts';
import { type PolicyProblem, problemIn } from './policy-problem.ts';
import { readPolicyTests } from './policy-test-file.ts';

/** Everything that is wrong with the policies, schema, registers and tests of a directory; of each register the first problem. */
export async function checkPolicies(directory: string): Promise<readonly PolicyProblem[]> {
  const [, inTests] = await readPolicyTests(directory);
  return [...(await checkPolicyFiles(directory)), ...inTests];
}

/** The same without the tests, which a start does not read. */
export async function checkPolicyFiles(directory: string): Promise<readonly PolicyProblem[]> {
  const policies = await orProblems(() => loadPolicies(directory, { protectedScopes: [] }), directory);
  const registers = await orProblems(() => loadRegisters(directory), directory);
  const limits = 'problems' in registers ? registers : await orProblems(() => loadLimits(directory, registers.agentNames), directory);
  const found = [...new Set([policies, registers, limits])].flatMap((outcome) => ('problems' in outcome ? outcome.problems : []));
  if ('problems' in policies || 'problems' in registers) return found;
  return [...found, ...policies.groupFaults({ ...registers, groups: registers.groups.groups }).map(asProblem)];
}

type Problems = { readonly problems: readonly PolicyProblem[] };

async function orProblems<Loaded extends object>(load: () => Promise<Loaded>, directory: string): Promise<Loaded | Problems> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof PolicyError) return { problems: [error, ...error.further].map(asProblem) };
    if (error instanceof RegisterError) return { problems: [await inRegister(error, directory)] };
    throw error;
  }
}

async function inRegister({ file, path, line, reason }: RegisterError, directory: string): Promise<PolicyProblem> {
  if (line !== undefined) return { file, line, reason: path === '' ? reason : `${path}: ${reason}` };
  const text = await readFile(join(directory, file), 'utf8').catch(() => '');
  return problemIn(file, text, path === '' ? [] : path.split('.'), reason);
}

function asProblem({ file, line, reason }: PolicyError): PolicyProblem {
  return { file, line, reason };
}
