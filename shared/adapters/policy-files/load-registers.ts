import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isInstant } from '../../domain/instant.ts';
import { JsonError, type JsonValue, parseJson } from '../../domain/json.ts';
import type { AgentRegistry, ApproverGroup, GroupRegistry, RegisteredAgent } from '../../ports/agent-registry.ts';

export const agentsFile = 'agents.json';
export const groupsFile = 'groups.json';

/** Raised by {@link loadRegisters}; a start that meets it must stop. `path` is the place in the file, as `deploy-agent.owner`; empty for the file as a whole. */
export class RegisterError extends Error {
  readonly code: 'unreadable' | 'invalid';
  readonly file: string;
  readonly path: string;
  constructor(code: RegisterError['code'], file: string, path: string, reason: string, options?: ErrorOptions) {
    super(path === '' ? `${file}: ${reason}` : `${file}: ${path}: ${reason}`, options);
    this.name = 'RegisterError';
    this.code = code;
    this.file = file;
    this.path = path;
  }
}

const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case letters, digits and single hyphens');
const guid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'must be a GUID in lower case');

const agentsShape = z.record(
  name,
  z.strictObject({
    tenant: guid,
    id: guid,
    owner: guid,
    groups: z.array(name).min(1),
    purpose: z.string().min(1).max(500),
    expires: z.string().refine(isInstant, 'must be an instant such as 2030-01-01T00:00:00.000Z'),
    frozen: z.boolean(),
  }),
);

const groupsShape = z.record(
  name,
  z.strictObject({
    id: guid,
    conversation: z.string().min(1).max(500).optional(),
  }),
);

/** Reads the agents and groups that an infra team has registered beside its policies. Throws {@link RegisterError} naming the file and the place. */
export async function loadRegisters(directory: string): Promise<{ readonly agents: AgentRegistry; readonly groups: GroupRegistry }> {
  const agents = Object.entries(await parseRegister(directory, agentsFile, agentsShape)).map(
    ([agentName, { tenant, id, owner, groups, purpose, expires, frozen }]): RegisteredAgent => ({
      tenantId: tenant,
      objectId: id,
      name: agentName,
      ownerId: owner,
      groups,
      purpose,
      expiresAt: expires,
      frozen,
    }),
  );
  const groups = Object.entries(await parseRegister(directory, groupsFile, groupsShape)).map(
    ([groupName, { id, conversation }]): ApproverGroup =>
      conversation === undefined ? { name: groupName, id } : { name: groupName, id, conversationId: conversation },
  );
  refuseRepeats(agentsFile, agents, ({ tenantId, objectId }) => keyOf(tenantId, objectId));
  refuseRepeats(groupsFile, groups, ({ id }) => id);
  const byKey = new Map(agents.map((agent) => [keyOf(agent.tenantId, agent.objectId), agent]));
  return { agents: { find: (tenantId, objectId) => byKey.get(keyOf(tenantId, objectId)) }, groups: { groups } };
}

function keyOf(tenantId: string, objectId: string): string {
  return `${tenantId}/${objectId}`;
}

async function parseRegister<Shape extends z.ZodType>(directory: string, file: string, shape: Shape): Promise<z.output<Shape>> {
  const parsed = shape.safeParse(await readJson(directory, file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RegisterError('invalid', file, issue?.path.map(String).join('.') ?? '', issue?.message ?? 'The file is not a register.');
}

async function readJson(directory: string, file: string): Promise<JsonValue> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(directory, file));
  } catch (error) {
    throw new RegisterError('unreadable', file, '', 'The file cannot be read.', { cause: error });
  }
  try {
    return parseJson(bytes);
  } catch (error) {
    if (error instanceof JsonError) throw new RegisterError('invalid', file, '', error.message, { cause: error });
    throw error;
  }
}

/** One identity under two names would be judged by whichever came last. */
function refuseRepeats<Entry extends { readonly name: string }>(
  file: string,
  entries: readonly Entry[],
  identityOf: (entry: Entry) => string,
): void {
  const seen = new Map<string, string>();
  for (const entry of entries) {
    const earlier = seen.get(identityOf(entry));
    if (earlier !== undefined) throw new RegisterError('invalid', file, `${entry.name}.id`, `"${earlier}" has the same id.`);
    seen.set(identityOf(entry), entry.name);
  }
}
