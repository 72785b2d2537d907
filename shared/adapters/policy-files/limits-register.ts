import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { JsonError, type JsonValue, parseJson } from '../../domain/json.ts';
import { type Limit, limitedClasses } from '../../domain/limits.ts';
import type { LimitBook } from '../../ports/limit-ledger.ts';
import { lineOf } from './line-of.ts';
import { RegisterError } from './read-register.ts';

export const limitsFile = 'limits.json';

/** More would make the row too large that is written with every submission. */
const most = { operationsPerMinute: 1_000, waiting: 1_000, executedPerDay: 2_000 } as const;

const unlimited = 'unlimited';

function atMost(count: number) {
  const words = `must be a whole number from 0 to ${count}, or "${unlimited}"`;
  return z.union([z.int(words).min(0, words).max(count, words), z.literal(unlimited)], words).optional();
}

const limitsOfClass = z.strictObject(
  { operationsPerMinute: atMost(most.operationsPerMinute), waiting: atMost(most.waiting) },
  'must be an object of operationsPerMinute and waiting',
);
const limitsOfDeletes = z.strictObject({ ...limitsOfClass.shape, executedPerDay: atMost(most.executedPerDay) });
const limitsOfDryRuns = z.strictObject(
  { operationsPerMinute: limitsOfClass.shape.operationsPerMinute },
  'must be an object of operationsPerMinute',
);
const limitsOfAgent = z.strictObject({
  all: limitsOfClass.optional(),
  read: limitsOfClass.optional(),
  write: limitsOfClass.optional(),
  delete: limitsOfDeletes.optional(),
  action: limitsOfClass.optional(),
  assess: limitsOfDryRuns.optional(),
});
const limitsShape = z.strictObject({
  default: limitsOfAgent,
  agents: z.record(z.string(), z.union([z.literal(unlimited), limitsOfAgent])).default({}),
});

type LimitsOfAgent = z.output<typeof limitsOfAgent>;
type LimitsOfClass = z.output<typeof limitsOfClass>;

/** What holds where there is no file, and is what the shipped one says: room for an agent at work, and none for one that has run away at night. */
export const usualLimits = {
  all: { operationsPerMinute: 60, waiting: 50 },
  delete: { operationsPerMinute: 10, waiting: 10, executedPerDay: 20 },
  assess: { operationsPerMinute: 30 },
} as const satisfies LimitsOfAgent;

/**
 * Reads the limits of the agents. What an agent's entry does not name is as in `default`. Throws {@link RegisterError} naming file, line and place, also
 * for an agent that is not registered.
 */
export async function loadLimits(directory: string, agentNames: readonly string[]): Promise<LimitBook> {
  const text = await textOf(directory);
  const file = text === undefined ? { default: usualLimits, agents: {} } : parsed(text);
  for (const name of Object.keys(file.agents)) {
    if (!agentNames.includes(name)) throw wrong(text ?? '', ['agents', name], 'is no agent of agents.json.');
  }
  const others = limitsIn(file.default);
  const named = new Map(
    Object.entries(file.agents).map(([name, entry]) => [name, entry === unlimited ? [] : limitsIn(merged(file.default, entry))]),
  );
  return { limitsOf: (agentName) => named.get(agentName) ?? others };
}

async function textOf(directory: string): Promise<string | undefined> {
  try {
    return await readFile(join(directory, limitsFile), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new RegisterError('unreadable', limitsFile, '', 'The file cannot be read.', { cause: error });
  }
}

function parsed(text: string): z.output<typeof limitsShape> {
  const shaped = limitsShape.safeParse(jsonOf(text));
  if (shaped.success) return shaped.data;
  const { path, reason } = deepestOf(shaped.error.issues);
  throw wrong(text, path, reason);
}

type Fault = { readonly path: readonly string[]; readonly reason: string };

/** Of an entry that may be a word or an object, what is wrong with the object says more; of a name that nobody knows, its own place does. */
function deepestOf(issues: readonly z.core.$ZodIssue[], under: readonly string[] = []): Fault {
  const [issue] = issues;
  const path = [...under, ...(issue?.path.map(String) ?? [])];
  if (issue?.code === 'unrecognized_keys') return { path: [...path, ...issue.keys.slice(0, 1)], reason: 'is unknown here.' };
  if (issue?.code === 'invalid_union' && issue.path.length === 2 && under.length === 0) {
    const ofObject = issue.errors.at(-1) ?? [];
    const isObject = ofObject.some((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys');
    return isObject ? deepestOf(ofObject, path) : { path, reason: `must be limits by class, or "${unlimited}"` };
  }
  return { path, reason: issue?.message ?? 'The file does not hold limits.' };
}

function jsonOf(text: string): JsonValue {
  try {
    return parseJson(Buffer.from(text, 'utf8'));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const line = text.slice(0, error.where).split('\n').length;
    throw new RegisterError('invalid', limitsFile, '', error.message, { line, cause: error });
  }
}

function wrong(text: string, path: readonly string[], reason: string): RegisterError {
  return new RegisterError('invalid', limitsFile, path.join('.'), reason, { line: lineOf(text, path) ?? 1 });
}

function merged(usual: LimitsOfAgent, own: LimitsOfAgent): LimitsOfAgent {
  return {
    all: { ...usual.all, ...own.all },
    read: { ...usual.read, ...own.read },
    write: { ...usual.write, ...own.write },
    delete: { ...usual.delete, ...own.delete },
    action: { ...usual.action, ...own.action },
    assess: { ...usual.assess, ...own.assess },
  };
}

/** Those of a class before those of all: what says more is told first. */
function limitsIn(agent: LimitsOfAgent): readonly Limit[] {
  return limitedClasses.toReversed().flatMap((of) => {
    const { operationsPerMinute, waiting }: LimitsOfClass = agent[of] ?? {};
    const executedPerDay = of === 'delete' ? agent.delete?.executedPerDay : undefined;
    const named = [
      ['executedPerDay', executedPerDay],
      ['waiting', waiting],
      ['operationsPerMinute', operationsPerMinute],
    ] as const;
    return named.flatMap(([name, count]) => (typeof count === 'number' ? [{ of, name, most: count }] : []));
  });
}
