import { createHash } from 'node:crypto';
import { people } from '../seed.ts';

/** The channel where the approvers are asked, as Teams names a channel's conversation. Fixed, so that `groups.json` can name it. */
export const approversConversationId = '19:countersign-approvals@thread.tacv2';

/** The general channel of the same team; Teams always has one, and the bot never posts there. */
export const generalConversationId = '19:countersign-general@thread.tacv2';

/** A person of the tenant as Teams knows them: `id` is the one of this bot's conversations, `aadObjectId` the directory's. */
export type TeamsUser = {
  readonly id: string;
  readonly seedName: string;
  readonly name: string;
  readonly userPrincipalName: string;
  readonly aadObjectId: string;
};

export const teamsUsers: readonly TeamsUser[] = people.map(({ name, displayName, userPrincipalName, objectId }) => ({
  id: teamsIdOf(objectId),
  seedName: name,
  name: displayName,
  userPrincipalName,
  aadObjectId: objectId,
}));

/** In the cloud this is an opaque id that differs from bot to bot. */
function teamsIdOf(objectId: string): string {
  return `29:${createHash('sha256').update(objectId).digest('hex').slice(0, 32)}`;
}

export function teamsUser(seedName: string): TeamsUser {
  const user = teamsUsers.find((candidate) => candidate.seedName === seedName);
  if (user === undefined) throw new Error(`Nobody in the seed is called "${seedName}".`);
  return user;
}
