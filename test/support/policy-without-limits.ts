import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { defaultPolicy } from '../../infra/local/function-settings.ts';

const limitsFile = z.looseObject({ agents: z.record(z.string(), z.unknown()) });

/** The policy as it is shipped, but a run asks for more in its minutes than an agent may in a day. */
export async function policyWithoutLimits(directory: string): Promise<string> {
  const policy = join(directory, 'policy');
  await cp(defaultPolicy, policy, { recursive: true });
  const path = join(policy, 'limits.json');
  const { agents, ...others } = limitsFile.parse(JSON.parse(await readFile(path, 'utf8')));
  await writeFile(path, JSON.stringify({ ...others, agents: Object.fromEntries(Object.keys(agents).map((name) => [name, 'unlimited'])) }));
  return policy;
}
