import { managedIdentities } from '../seed.ts';
import { type ArmAnswer, armError } from './arm-answer.ts';
import type { Caller } from './token-check.ts';

/** An action as role definitions name it, such as `Microsoft.Storage/storageAccounts/delete`. */
export type ArmAction = {
  readonly name: string;
  /** Whether it changes or discloses nothing beyond what a GET shows: the `…/read` actions. */
  readonly readOnly: boolean;
};

/** Decides whether a principal may perform an action at a scope. */
export type Authorizer = {
  readonly allows: (principalId: string, action: ArmAction, scopeId: string, now: number) => boolean;
};

/** The rights of the seeded identities, whatever the scope; anybody else has none. */
const rights: ReadonlyMap<string, 'read' | 'everything'> = new Map([
  [managedIdentities.reader.principalId, 'read'],
  [managedIdentities.operator.principalId, 'everything'],
]);

export const seededRights: Authorizer = {
  allows: (principalId, { readOnly }) => {
    switch (rights.get(principalId)) {
      case 'everything':
        return true;
      case 'read':
        return readOnly;
      case undefined:
        return false;
    }
  },
};

/** The refusal in ARM's words. */
export function authorizationFailed({ clientId, objectId }: Caller, action: ArmAction, scopeId: string): ArmAnswer {
  const who = `The client '${clientId}' with object id '${objectId}'`;
  const what = `does not have authorization to perform action '${action.name}' over scope '${scopeId === '' ? '/' : scopeId}' or the scope is invalid.`;
  return armError(403, 'AuthorizationFailed', `${who} ${what} If access was recently granted, please refresh your credentials.`);
}
