import { typesAskedFor } from '../arm-call.ts';
import { isGuid } from '../arm-names.ts';
import type { ArmPath } from '../arm-path.ts';
import { text } from '../arm-property.ts';
import type { ArmRequest } from '../arm-request.ts';
import type { JsonValue } from '../json.ts';
import { assignmentCondition } from './assignment-condition.ts';
import { assignmentName, type GrantOwner } from './assignment-name.ts';
import { type GrantableRole, leastRole } from './least-role.ts';
import { anyAction } from './role-actions.ts';
import type { RoleGrant } from './role-grant.ts';
import type { GrantedTier } from './tiers.ts';

export type GrantQuestion = {
  readonly owner: GrantOwner;
  readonly action: string;
  readonly request: ArmRequest;
  readonly path: ArmPath;
  readonly tier: GrantedTier;
  /** State of the target as it was just read; undefined where it does not exist, `unread` where nobody could say. */
  readonly current: JsonValue | undefined | 'unread';
};

/** What may be granted at all, and to whom; configuration, never part of a request. */
export type GrantRules = {
  readonly roles: readonly GrantableRole[];
  /** Object id of each tier's identity. */
  readonly principals: Readonly<Record<GrantedTier, string>>;
};

export type GrantPlan = { readonly ok: true; readonly grant: RoleGrant } | { readonly ok: false; readonly reason: string };

const roleAssignments = 'microsoft.authorization/roleassignments';

/** The least right by which the call can be made, and nothing beyond: role, scope and condition follow from the verified request alone. */
export function planGrant(question: GrantQuestion, { roles, principals }: GrantRules): GrantPlan {
  const { owner, action, path, tier } = question;
  const scope = grantScope(question);
  if (scope === undefined) {
    return refuse('No right is given above a subscription. Somebody who administers the tenant must do this.');
  }
  const needs = needsOf(action, path);
  const conditional = path.type === roleAssignments && !action.endsWith('/read');
  const role = leastRole(
    roles.filter(({ onlyWithCondition }) => onlyWithCondition === conditional),
    needs,
  );
  if (role === undefined) {
    return refuse(
      `No grantable role covers ${action}. Add a built-in role that does to grantable-roles.json, or let an administrator do this.`,
    );
  }
  const principalId = principals[tier];
  const assignmentId = `${scope}/providers/Microsoft.Authorization/roleAssignments/${assignmentName(owner)}`;
  const grant = { attempt: owner.attempt, tier, assignmentId, scope, role: { id: role.id, name: role.name }, principalId, needs };
  if (!conditional) return { ok: true, grant };
  const assigned = assignedIn(question);
  if (assigned === undefined) return refuse('Which role the assignment gives to whom is not clear, so that no right can be limited to it.');
  if (Object.values(principals).includes(assigned.principalId)) {
    return refuse('The identities of Countersign hold no standing right, and no operation may give them one.');
  }
  const condition = assignmentCondition({ roleIds: [assigned.roleId], principalIds: [assigned.principalId] });
  return { ok: true, grant: { ...grant, condition } };
}

function refuse(reason: string): GrantPlan {
  return { ok: false, reason };
}

/** A deployment writes what its template says, with the rights of who deploys it; only a role for everything covers that. */
function needsOf(action: string, path: ArmPath): readonly string[] {
  const deploys = /^microsoft\.resources\/deployment(?:s|stacks)$/.test(path.type) && !/\/(?:read|delete|cancel\/action)$/.test(action);
  const needs = [action, ...typesAskedFor(path).map((type) => `${type}/action`), ...(deploys ? [anyAction] : [])];
  return [...new Set(needs)];
}

/** Resources that extend what they stand on and are no scope of their own. */
const extensions = /\/providers\/(?:microsoft\.authorization|microsoft\.resources|microsoft\.insights\/diagnosticsettings)\/.*$/;

/** The narrowest scope at which the right helps: the target; what it extends; what will contain it where it does not exist yet. */
function grantScope({ path, request, current }: GrantQuestion): string | undefined {
  const extended = path.scope === 'resource' ? path.resourceId.slice(0, path.resourceId.lastIndexOf('/providers/')) : path.resourceId;
  const own = extended.replace(extensions, '');
  const creates = request.method === 'PUT' && current === undefined && own === path.resourceId;
  const scope = creates ? path.containers[0] : own;
  return scope !== undefined && /^\/subscriptions\/[^/]+/.test(scope) ? scope : undefined;
}

/** What an assignment gives to whom: by its body when it is written, as it stands when it is deleted. */
function assignedIn({ request, current }: GrantQuestion): { readonly roleId: string; readonly principalId: string } | undefined {
  const source = request.method === 'PUT' ? request.body : current;
  if (source === undefined || source === 'unread') return undefined;
  const [, roleId = ''] = /\/roledefinitions\/([^/]+)$/.exec(text(source, 'properties', 'roledefinitionid')?.toLowerCase() ?? '') ?? [];
  const principalId = text(source, 'properties', 'principalid')?.toLowerCase() ?? '';
  return isGuid(roleId) && isGuid(principalId) ? { roleId, principalId } : undefined;
}
