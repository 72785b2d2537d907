import { botAppId, groups, tenantId } from '../seed.ts';
import { approversConversationId, generalConversationId, type TeamsUser, teamsUsers } from './conversation.ts';

/** The Playground wants exactly five people beside the one whose page it is; those who are missing are strangers to the directory. */
const othersWanted = 5;

const strangers: readonly TeamsUser[] = [1, 2].map((number) => ({
  id: `29:${'0'.repeat(31)}${number}`,
  seedName: `stranger-${number}`,
  name: `Stranger ${number}`,
  userPrincipalName: `stranger-${number}@elsewhere.example`,
  aadObjectId: `99999999-9999-4999-8999-00000000000${number}`,
}));

/** Everybody whom a Playground may speak for. */
export const playgroundUsers: readonly TeamsUser[] = [...teamsUsers, ...strangers];

/** Conversation of one person with the bot, which differs from person to person as in Teams. */
export function personalConversationId(user: TeamsUser): string {
  return `a:personal-${user.seedName}`;
}

/** Content of `.m365agentsplayground.yml` for the page of one person; JSON is YAML too. */
export function playgroundConfig(owner: TeamsUser): string {
  const others = playgroundUsers.filter((user) => user.id !== owner.id).slice(0, othersWanted);
  const config = {
    version: '0.1.1',
    tenantId,
    bot: { id: `28:${botAppId}`, name: 'Countersign' },
    currentUser: configUser(owner),
    users: others.map(configUser),
    personalChat: { id: personalConversationId(owner) },
    groupChat: { id: '19:countersign-chat@thread.v2', name: 'Off duty' },
    team: {
      id: generalConversationId,
      name: 'Platform',
      aadGroupId: groups.approvers,
      channels: [{ id: approversConversationId, name: 'Approvals' }],
    },
  };
  return JSON.stringify(config, undefined, 2);
}

function configUser({ id, name, userPrincipalName, aadObjectId }: TeamsUser): Record<string, string> {
  const [givenName = name, surname = name] = name.split(' ');
  // The misspelt name is the one in the Playground's schema.
  return { id, name, userPrincipleName: userPrincipalName, aadObjectId, givenName, surname, email: userPrincipalName };
}
