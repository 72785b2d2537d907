import { type Directory, DirectoryError } from '../../shared/ports/directory.ts';

export type InMemoryDirectory = Directory & {
  /** Puts a person into exactly these groups, by their object ids. */
  place(personId: string, groupIds: readonly string[]): void;
  setAccount(personId: string, account: 'enabled' | 'disabled' | 'missing'): void;
  /** While it is away every question throws. */
  setAway(away: boolean): void;
};

/** A directory whose people are enabled until somebody says otherwise; whom nobody placed is missing. */
export function makeInMemoryDirectory(): InMemoryDirectory {
  const groupsOf = new Map<string, readonly string[]>();
  const accounts = new Map<string, 'enabled' | 'disabled' | 'missing'>();
  let isAway = false;
  const asked = () => {
    if (isAway) throw new DirectoryError('the directory cannot be reached');
  };
  return {
    place: (personId, groupIds) => {
      groupsOf.set(personId, groupIds);
      if (!accounts.has(personId)) accounts.set(personId, 'enabled');
    },
    setAccount: (personId, account) => {
      accounts.set(personId, account);
    },
    setAway: (away) => {
      isAway = away;
    },
    memberOf: async (personId, groupIds) => {
      asked();
      return (groupsOf.get(personId) ?? []).filter((id) => groupIds.includes(id));
    },
    account: async (personId) => {
      asked();
      return accounts.get(personId) ?? 'missing';
    },
  };
}
