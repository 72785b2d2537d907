import type { OperationEvent } from '../event.ts';
import type { HeldGrant } from '../operation.ts';

type Grants = readonly HeldGrant[];

/**
 * What an event makes of the grants of an operation, whatever its status: removal goes on after the end. Undefined where the event tells nothing of grants, or of one
 * that is not held.
 */
export function followGrants(grants: Grants, { detail }: OperationEvent): Grants | undefined {
  switch (detail.kind) {
    case 'accessGranted':
      return moved(grants, detail.attempt, ['requested', 'granted'], 'granted');
    case 'accessRemoved':
      return moved(grants, detail.attempt, ['requested', 'granted', 'propagated', 'removed'], 'removed');
    case 'accessRevoked':
      return grants.some(({ attempt, standing }) => attempt === detail.attempt && standing === 'removed')
        ? grants.filter(({ attempt }) => attempt !== detail.attempt)
        : undefined;
    case 'leftoverAccessRemoved':
      return grants.filter(({ assignmentId }) => assignmentId !== detail.assignmentId);
    default:
      return undefined;
  }
}

/** The grants with the one of an attempt at a new standing; undefined where it is not held, or already further. */
export function moved(
  grants: Grants,
  attempt: number,
  from: readonly HeldGrant['standing'][],
  to: HeldGrant['standing'],
): Grants | undefined {
  const held = grants.find((grant) => grant.attempt === attempt);
  if (held === undefined || !from.includes(held.standing)) return undefined;
  return grants.map((grant) => (grant === held ? { ...held, standing: to } : grant));
}
