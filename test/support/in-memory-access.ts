import { coversAction } from '../../shared/domain/access/role-actions.ts';
import type { RoleGrant } from '../../shared/domain/access/role-grant.ts';
import { type Instant, instant } from '../../shared/domain/instant.ts';
import type { AccessGranter, GrantOutcome } from '../../shared/ports/azure.ts';
import type { AccessControl } from '../../shared/use-cases/access-control.ts';

const roles = [
  {
    id: '17d1049b-9a84-46fb-8f53-869881c3d3ab',
    name: 'Storage Account Contributor',
    actions: ['Microsoft.Storage/storageAccounts/*'],
    notActions: [],
    onlyWithCondition: false,
  },
  {
    id: '81a9662b-bebf-436f-a333-f67b29880f12',
    name: 'Storage Account Key Operator Service Role',
    actions: ['Microsoft.Storage/storageAccounts/listkeys/action'],
    notActions: [],
    onlyWithCondition: false,
  },
] as const;

export const operatorPrincipal = '66666666-6666-4666-8666-000000000002';
export const secretsPrincipal = '66666666-6666-4666-8666-000000000005';

type Kept = { readonly grant: RoleGrant; readonly description: string; readonly createdAt: Instant };

export type InMemoryAccess = AccessControl & {
  /** Role assignments as they are now, by id. */
  readonly assignments: ReadonlyMap<string, Kept>;
  /** What was granted, first to last, repetitions too. */
  readonly granted: readonly string[];
  /** Puts a role assignment there that nobody recorded. */
  plant(grant: RoleGrant, description: string): void;
  /** While it does, what was granted does not act. */
  holdBack(holds: boolean): void;
  /** While it does, what was removed acts on. */
  lingers(does: boolean): void;
  /** What the next grants come to, without being made; then they are made again. */
  answerGrants(...outcomes: readonly GrantOutcome[]): void;
  /** While it refuses, nothing is removed. */
  refuseRemovals(refuses: boolean): void;
};

/** Role assignments that act as they are told; writes `grant <role>` and `remove` into the shared list of effects. */
export function makeInMemoryAccess(effects: string[] = []): InMemoryAccess {
  const assignments = new Map<string, Kept>();
  const removed: RoleGrant[] = [];
  const granted: string[] = [];
  let outcomes: readonly GrantOutcome[] = [];
  let holding = false;
  let lingering = false;
  let keeping = false;
  const createdAt = instant('2026-11-21T20:12:00.000Z');

  const granter: AccessGranter = {
    grant: async (grant, description) => {
      effects.push(`grant ${grant.role.name}`);
      granted.push(grant.assignmentId);
      const [outcome, ...rest] = outcomes;
      outcomes = rest;
      if (outcome !== undefined) return outcome;
      assignments.set(grant.assignmentId, { grant, description, createdAt });
      return { kind: 'granted' };
    },
    remove: async (assignmentId) => {
      if (keeping) return 'unclear';
      effects.push('remove');
      const kept = assignments.get(assignmentId);
      if (kept !== undefined) removed.push(kept.grant);
      assignments.delete(assignmentId);
      return 'removed';
    },
    allows: async ({ tier }, scope, needs) => {
      const acting = [...(holding ? [] : [...assignments.values()].map(({ grant }) => grant)), ...(lingering ? removed : [])];
      const covering = acting.filter((grant) => grant.tier === tier && (scope === grant.scope || scope.startsWith(`${grant.scope}/`)));
      const held = covering.flatMap((grant) => roles.filter(({ id }) => id === grant.role.id));
      return needs.every((need) => held.some((role) => coversAction(role, need))) ? 'yes' : 'no';
    },
    list: async (principalIds) =>
      [...assignments].flatMap(([assignmentId, kept]) =>
        principalIds.includes(kept.grant.principalId)
          ? [{ assignmentId, principalId: kept.grant.principalId, description: kept.description, createdAt: kept.createdAt }]
          : [],
      ),
  };
  return {
    granter,
    rules: { roles, principals: { operator: operatorPrincipal, secrets: secretsPrincipal } },
    assignments,
    granted,
    plant: (grant, description) => {
      assignments.set(grant.assignmentId, { grant, description, createdAt });
    },
    holdBack: (holds) => {
      holding = holds;
    },
    lingers: (does) => {
      lingering = does;
    },
    answerGrants: (...next) => {
      outcomes = next;
    },
    refuseRemovals: (refuses) => {
      keeping = refuses;
    },
  };
}
