import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { environments, riskLevels } from '../../shared/domain/assessment.ts';
import { isInstant } from '../../shared/domain/instant.ts';
import { JsonError, type JsonValue, parseJson, property } from '../../shared/domain/json.ts';
import { type PolicyProblem, problemIn } from './policy-problem.ts';

const groups = z.array(z.string().min(1));
const tags = z.record(z.string(), z.record(z.string(), z.string()));
const instant = z.custom<string>(
  (value) => typeof value === 'string' && isInstant(value),
  'must be an instant such as 2026-11-21T20:12:00.000Z',
);

/** `reveal` is a `get` that asks for the value. */
const call = z
  .string()
  .regex(
    /^(?:[A-Z]+ \/\S*|list https:\S+|(?:get|reveal|set|delete|recover|purge) https:\S+ \S+)$/,
    'must be a method and a path, such as "DELETE /subscriptions/…", or a call of a vault, such as "purge https://kv-1.vault.azure.net db-password"',
  );

/** Where no risk is given, the call is assessed as Countersign would, with these tags and nothing else known of its target. */
const asked = {
  name: z.string().min(1),
  call,
  apiVersion: z.string().default('2024-01-01'),
  query: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
  /** Where the vault of a call stands; without it, it is one that nobody can find. */
  vaultId: z.string().optional(),
  environment: z.enum(environments).default('production'),
  exists: z.boolean().default(true),
  /** By the lower-case id of a scope. */
  tags: tags.default({}),
  /** Scopes with a lock against deletion on them. */
  locks: z.array(z.string().startsWith('/')).default([]),
  risk: z.strictObject({ level: z.enum(riskLevels), factors: groups.default([]) }).optional(),
  at: instant.default('2026-11-21T20:12:00.000Z'),
};

const agentQuestion = z.strictObject({
  ...asked,
  agent: groups,
  expect: z.strictObject({
    outcome: z.enum(['allow', 'requireApproval', 'deny']),
    risk: z.enum(riskLevels).optional(),
    approvals: z.int().min(1).optional(),
    groups: groups.optional(),
    expiresInMinutes: z.int().min(1).optional(),
    policies: groups.optional(),
    advice: z.string().optional(),
  }),
});

const personQuestion = z.strictObject({
  ...asked,
  person: groups,
  may: z.enum(['approve', 'read']),
  expect: z.strictObject({ outcome: z.enum(['yes', 'no']) }),
});

const fileShape = z.strictObject({ about: z.string().min(1), questions: z.array(z.union([agentQuestion, personQuestion])).min(1) });

export type AgentTest = z.output<typeof agentQuestion> & { readonly sentBody: JsonValue | undefined };
export type PersonTest = z.output<typeof personQuestion> & { readonly sentBody: JsonValue | undefined };
export type PolicyTest = AgentTest | PersonTest;
export type PolicyTestFile = { readonly file: string; readonly about: string; readonly questions: readonly PolicyTest[] };

export function isAgentTest(test: PolicyTest): test is AgentTest {
  return 'agent' in test;
}

/** Reads every `tests/*.json` beside the policies, in the order of their names; the second part is what is wrong with any of them. */
export async function readPolicyTests(directory: string): Promise<readonly [readonly PolicyTestFile[], readonly PolicyProblem[]]> {
  const files: PolicyTestFile[] = [];
  const problems: PolicyProblem[] = [];
  for (const name of await namesIn(join(directory, 'tests'))) {
    const read = readTestFile(`tests/${name}`, await readFile(join(directory, 'tests', name)));
    if ('reason' in read) problems.push(read);
    else files.push(read);
  }
  return [files, problems];
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function readTestFile(file: string, bytes: Uint8Array): PolicyTestFile | PolicyProblem {
  const text = new TextDecoder().decode(bytes);
  let json: JsonValue;
  try {
    json = parseJson(bytes);
  } catch (error) {
    if (error instanceof JsonError) return problemIn(file, text, [], error.message);
    throw error;
  }
  const parsed = fileShape.safeParse(json);
  if (!parsed.success) {
    const [path, reason] = deepest(parsed.error.issues);
    return problemIn(file, text, path, reason);
  }
  const bodies = property(json, 'questions');
  const questions = parsed.data.questions.map((question, index): PolicyTest => {
    const given = Array.isArray(bodies) ? bodies[index] : undefined;
    return { ...question, sentBody: property(given, 'body') };
  });
  return { file, about: parsed.data.about, questions };
}

/** Of the two kinds of question the one that fits best tells what is wrong. */
function deepest(issues: readonly z.core.$ZodIssue[], above: readonly PropertyKey[] = []): readonly [readonly string[], string] {
  const [issue] = issues;
  const path = [...above, ...(issue?.path ?? [])];
  if (issue?.code !== 'invalid_union') return [path.map(String), issue?.message ?? 'is no file of policy tests'];
  const [best] = [...issue.errors].sort((a, b) => a.length - b.length);
  return deepest(best ?? [], path);
}
