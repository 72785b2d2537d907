import { z } from 'zod';
import { readIfPresent, writePrivately } from '../private-files.ts';
import { groups, people, type SeededPerson } from '../seed.ts';

/** A person as the directory knows them now; whoever was deleted is not in the directory. */
export type DirectoryPerson = {
  readonly name: string;
  readonly objectId: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly accountEnabled: boolean;
  /** Object ids of the groups they are a member of. */
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
};

const groupId = z.enum([groups.approvers, groups.auditors]);

/** What an administrator may change of a person; what is absent stays. `deleted: false` restores. */
export const personChange = z.strictObject({
  accountEnabled: z.boolean().exactOptional(),
  groups: z.array(groupId).exactOptional(),
  deleted: z.boolean().exactOptional(),
});
export type PersonChange = z.infer<typeof personChange>;

const changesFile = z.record(z.string(), personChange);

export type Directory = {
  readonly byName: (name: string) => DirectoryPerson | undefined;
  /** By object id or user principal name, either in any case, as Graph and the sign-in take them. */
  readonly find: (idOrUserPrincipalName: string) => DirectoryPerson | undefined;
  /** Keeps the change, then applies it. False where no such person was ever seeded. */
  readonly change: (name: string, change: PersonChange) => boolean;
};

/** The seeded people with the changes kept in the file. */
export function openDirectory(path: string): Directory {
  const text = readIfPresent(path);
  let changes: Readonly<Record<string, PersonChange>> = text === undefined ? {} : changesFile.parse(JSON.parse(text));
  const present = (): readonly DirectoryPerson[] => people.flatMap((person) => asChanged(person, changes[person.name] ?? {}));
  return {
    byName: (name) => present().find((person) => person.name === name),
    find: (id) => present().find((person) => sameText(person.objectId, id) || sameText(person.userPrincipalName, id)),
    change: (name, change) => {
      if (!people.some((person) => person.name === name)) {
        return false;
      }
      const next = { ...changes, [name]: { ...changes[name], ...change } };
      writePrivately(path, `${JSON.stringify(next, null, 2)}\n`);
      changes = next;
      return true;
    },
  };
}

function asChanged(person: SeededPerson, change: PersonChange): readonly DirectoryPerson[] {
  if (change.deleted === true) {
    return [];
  }
  const { name, objectId, displayName, userPrincipalName, roles, scopes } = person;
  const accountEnabled = change.accountEnabled ?? true;
  return [{ name, objectId, displayName, userPrincipalName, accountEnabled, groups: change.groups ?? person.groups, roles, scopes }];
}

function sameText(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
