import { z } from 'zod';
import { type Directory, DirectoryError } from '../../ports/directory.ts';
import type { Clock } from '../../ports/system.ts';
import { type GraphClient, type GraphClientOptions, makeGraphClient } from './graph-client.ts';
import { isGuid } from './guid.ts';
import { makeRecentAnswers } from './recent-answers.ts';

export type GraphDirectoryOptions = GraphClientOptions & {
  readonly clock: Clock;
  /** So old may an answer be; a minute at most, which it also is where nothing is said. */
  readonly maxAgeMs?: number;
};

type Account = Awaited<ReturnType<Directory['account']>>;

const longestMaxAgeMs = 60_000;
const capacity = 2_000;
/** Limit of `checkMemberGroups`. Source: learn.microsoft.com/graph/api/directoryobject-checkmembergroups. */
const groupsPerQuestion = 20;

const membershipShape = z.object({ value: z.array(z.string()) });
const userShape = z.object({ id: z.string(), accountEnabled: z.boolean() });

/** The tenant's directory by Microsoft Graph, with the permissions `User.Read.All` and `GroupMember.Read.All`. Remembers answers for less than 60 s. Throws RangeError where it is to remember them longer. */
export function makeGraphDirectory({ clock, maxAgeMs = longestMaxAgeMs, ...clientOptions }: GraphDirectoryOptions): Directory {
  if (!(maxAgeMs >= 0 && maxAgeMs <= longestMaxAgeMs)) throw new RangeError('What the directory says is remembered for a minute at most.');
  const graph = makeGraphClient(clientOptions);
  const memberships = makeRecentAnswers<readonly string[]>({ clock, maxAgeMs, capacity });
  const accounts = makeRecentAnswers<Account>({ clock, maxAgeMs, capacity });
  return {
    memberOf: async (personId, groupIds) => {
      if (!groupIds.every(isGuid)) throw new DirectoryError('A group of the register is not named by a GUID.');
      if (!isGuid(personId) || groupIds.length === 0) return [];
      const asked = [...new Set(groupIds)].sort();
      return memberships(`${personId} ${asked.join(' ')}`, () => askMemberships(graph, personId, asked));
    },
    account: async (personId) => {
      if (!isGuid(personId)) return 'missing';
      return accounts(personId, () => askAccount(graph, personId));
    },
  };
}

async function askMemberships(graph: GraphClient, personId: string, groupIds: readonly string[]): Promise<readonly string[]> {
  const [now, later] = [groupIds.slice(0, groupsPerQuestion), groupIds.slice(groupsPerQuestion)];
  const { status, body } = await graph.post(`/users/${personId}/checkMemberGroups`, { groupIds: now });
  if (status === 404) return [];
  const { value } = parse(membershipShape, body);
  const found = now.filter((groupId) => value.some((id) => id.toLowerCase() === groupId));
  return later.length === 0 ? found : [...found, ...(await askMemberships(graph, personId, later))];
}

async function askAccount(graph: GraphClient, personId: string): Promise<Account> {
  const { status, body } = await graph.get(`/users/${personId}?$select=id,accountEnabled`);
  if (status === 404) return 'missing';
  const { id, accountEnabled } = parse(userShape, body);
  if (id.toLowerCase() !== personId) throw new DirectoryError('Microsoft Graph answered about somebody else.');
  return accountEnabled ? 'enabled' : 'disabled';
}

function parse<Shape extends z.ZodType>(shape: Shape, body: unknown): z.output<Shape> {
  const parsed = shape.safeParse(body);
  if (!parsed.success) throw new DirectoryError('Microsoft Graph answered in a shape that is not known.', { cause: parsed.error });
  return parsed.data;
}
