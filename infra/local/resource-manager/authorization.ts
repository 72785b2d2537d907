import { type ArmAnswer, armError } from './arm-answer.ts';
import { idKey } from './arm-path.ts';
import { deployedGrants, type Rights } from './deployed-grants.ts';
import { type GrantInForce, grantOf, isAssignment } from './grants.ts';
import { type ConditionFacts, letsPass } from './role-condition.ts';
import { type Permission, permissionsOfRole, permits } from './role-table.ts';
import type { StateStore, StoredResource } from './state-store.ts';
import type { Caller } from './token-check.ts';

/** An action as role definitions name it, such as `Microsoft.Storage/storageAccounts/delete`. */
export type ArmAction = {
  readonly name: string;
  /** Whether it changes or discloses nothing beyond what a GET shows: the `…/read` actions. */
  readonly readOnly: boolean;
};

/** Decides by role assignments what a principal may do at a scope; what is assigned at a scope holds for everything below it. */
export type Authorizer = {
  /** `facts` are what conditions of assignments ask for; an assignment whose condition asks for what is not told gives nothing. */
  readonly allows: (principalId: string, action: ArmAction, scopeId: string, now: number, facts?: ConditionFacts) => boolean;
  /** All that a principal may do at a scope, an entry for each permission of each assignment. */
  readonly permissions: (principalId: string, scopeId: string, now: number) => readonly HeldPermission[];
  /** Told of an assignment that is deleted, which acts on for a while. */
  readonly removed: (assignment: StoredResource, now: number) => void;
  /** Deploys anew: from now on the identities of operations have what the other mode gives them. */
  readonly changeRights: (rights: Rights) => void;
  /** What the deployment assigned, and nobody has taken away since. */
  readonly deployed: () => readonly GrantInForce[];
  /** Somebody takes away what the deployment assigned to a principal. */
  readonly withdraw: (principalId: string) => void;
};

export type HeldPermission = Permission & { readonly condition?: string | undefined };

/** How long an assignment takes to act, and a deleted one to cease; some minutes in the cloud, none unless it is said. */
export type RightsPropagation = { readonly grantMs: number; readonly removalMs: number };

export type AuthorizerOptions = {
  readonly store: StateStore;
  readonly rights: Rights;
  /** Principals that own everything beside them: whoever made what there is. */
  readonly owners?: readonly string[];
  /** Under which condition the granter may assign roles. */
  readonly granterCondition: string;
  readonly propagation?: RightsPropagation;
};

export function makeAuthorizer({ store, rights, owners = [], granterCondition, propagation }: AuthorizerOptions): Authorizer {
  const { grantMs, removalMs } = propagation ?? { grantMs: 0, removalMs: 0 };
  let deployed = deployedGrants(rights, owners, granterCondition);
  let lingering: readonly (GrantInForce & { readonly until: number })[] = [];
  const inForce = (principalId: string, scopeId: string, now: number): readonly GrantInForce[] => {
    lingering = lingering.filter(({ until }) => until > now);
    const assigned = store.all().flatMap((resource) => {
      const grant = isAssignment(resource) ? grantOf(resource) : undefined;
      return grant === undefined || Date.parse(resource.createdAt) + grantMs > now ? [] : [grant];
    });
    const holds = (grant: GrantInForce) => grant.principalId === principalId.toLowerCase() && isAtOrBelow(scopeId, grant.scopeId);
    return [...deployed, ...lingering, ...assigned].filter(holds);
  };
  const permissions = (principalId: string, scopeId: string, now: number): readonly HeldPermission[] =>
    inForce(principalId, scopeId, now).flatMap(({ roleId, condition }) =>
      (permissionsOfRole(store, roleId) ?? []).map((permission) => ({ ...permission, condition })),
    );
  return {
    permissions,
    allows: (principalId, { name }, scopeId, now, facts = {}) =>
      permissions(principalId, scopeId, now).some(
        (held) => permits(held, name) && (held.condition === undefined || letsPass(held.condition, name, facts)),
      ),
    removed: (assignment, now) => {
      const grant = grantOf(assignment);
      if (grant !== undefined && removalMs > 0) {
        lingering = [...lingering, { ...grant, until: now + removalMs }];
      }
    },
    changeRights: (next) => {
      deployed = deployedGrants(next, owners, granterCondition);
    },
    deployed: () => deployed,
    withdraw: (principalId) => {
      deployed = deployed.filter((grant) => grant.principalId !== principalId);
    },
  };
}

function isAtOrBelow(scopeId: string, ancestorId: string): boolean {
  return idKey(scopeId) === idKey(ancestorId) || idKey(scopeId).startsWith(`${idKey(ancestorId)}/`);
}

/** The refusal in ARM's words. */
export function authorizationFailed({ clientId, objectId }: Caller, action: ArmAction, scopeId: string): ArmAnswer {
  const who = `The client '${clientId}' with object id '${objectId}'`;
  const what = `does not have authorization to perform action '${action.name}' over scope '${scopeId === '' ? '/' : scopeId}' or the scope is invalid.`;
  return armError(403, 'AuthorizationFailed', `${who} ${what} If access was recently granted, please refresh your credentials.`);
}
