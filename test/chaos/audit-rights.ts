import type { LoggedRequest } from '../../infra/local/resource-manager/request-log.ts';
import { managedIdentities } from '../../infra/local/seed.ts';
import type { OperationEvent } from '../../shared/domain/event.ts';
import type { Evidence, Finding } from './evidence.ts';
import type { Examined } from './stored-operations.ts';

/** Whether somebody gives or takes a right for an operation; such a request names no operation, its role assignment does. */
export function isOfRights({ principalId, url }: LoggedRequest): boolean {
  return principalId === managedIdentities.granter.principalId && /\/roleAssignments\//i.test(url);
}

/** A right may stay for so long after the attempt that it was for: the removal waits for outages, and what is forgotten for the check of every quarter of an hour. */
const graceMs = 2 * 3_600_000;

/** Every role assignment that was made is held against the operation that it was for. */
export function auditRights({ stored, requests, rightsLeft }: Evidence): readonly Finding[] {
  const wanted = new Map([...stored.values()].flatMap(wantedBy).map((right) => [right.assignmentId, right]));
  const made = requests.filter((request) => isOfRights(request) && request.method === 'PUT' && request.effect !== null);
  const removals = requests.filter(({ effect }) => effect?.kind === 'delete');
  const each = (judge: (right: WantedRight | undefined, making: LoggedRequest) => string | undefined) =>
    made.flatMap((making) => {
      const problem = judge(wanted.get(assignmentOf(making)), making);
      return problem === undefined ? [] : [`${assignmentOf(making)}: ${problem}`];
    });
  return [
    { promise: 'no right without an intent of its operation before it', breaches: each(madeWithoutIntent) },
    { promise: 'no right stays when its attempt is past', breaches: each((right, making) => stayedTooLong(right, making, removals)) },
    { promise: 'no right is left', breaches: [...rightsLeft, ...[...stored.values()].flatMap(stillHeld)] },
  ];
}

/** How many rights were given in Azure. */
export function rightsGiven(requests: readonly LoggedRequest[]): number {
  return requests.filter((request) => isOfRights(request) && request.method === 'PUT' && request.effect !== null).length;
}

/** How many of them outlived their operation and were found by the scheduled check. */
export function leftoversRemoved(stored: Evidence['stored']): number {
  return [...stored.values()].flatMap(({ events }) => events).filter(({ detail }) => detail.kind === 'leftoverAccessRemoved').length;
}

type WantedRight = {
  /** In lower case. */
  readonly assignmentId: string;
  readonly requestedAt: string;
  /** When the attempt was over; undefined where it never was. */
  readonly pastAt: string | undefined;
};

function wantedBy({ events }: Examined): readonly WantedRight[] {
  return events.flatMap(({ at, detail }, index) => {
    if (detail.kind !== 'accessRequested') return [];
    const past = events.slice(index).find(endsAttempt);
    return [{ assignmentId: detail.grant.assignmentId.toLowerCase(), requestedAt: at, pastAt: past?.at }];
  });
}

function endsAttempt({ detail: { kind } }: OperationEvent): boolean {
  return kind === 'executionFinished' || kind === 'executionReleased' || kind === 'executionDeferred' || kind === 'executionStopped';
}

function assignmentOf({ effect }: LoggedRequest): string {
  return effect?.resourceId.toLowerCase() ?? '';
}

function madeWithoutIntent(right: WantedRight | undefined, { receivedAt }: LoggedRequest): string | undefined {
  if (right === undefined) return 'no operation wanted it';
  return Date.parse(right.requestedAt) <= Date.parse(receivedAt)
    ? undefined
    : `it was made at ${receivedAt} and wanted at ${right.requestedAt}`;
}

/** It goes when it is deleted, or with the target that it is for. */
function stayedTooLong(right: WantedRight | undefined, making: LoggedRequest, removals: readonly LoggedRequest[]): string | undefined {
  const id = assignmentOf(making);
  const removal = removals.find(
    ({ sequence, effect }) => sequence > making.sequence && effect !== null && `${id}/`.startsWith(`${effect.resourceId.toLowerCase()}/`),
  );
  if (right?.pastAt === undefined) return 'its attempt never ended';
  if (removal === undefined) return 'nobody removed it';
  const neededUntil = Math.max(Date.parse(right.pastAt), Date.parse(making.receivedAt));
  const stayedMs = Date.parse(removal.receivedAt) - neededUntil;
  const times = `wanted at ${right.requestedAt}, made at ${making.receivedAt}, its attempt past at ${right.pastAt}, gone at ${removal.receivedAt}`;
  return stayedMs <= graceMs ? undefined : `it stayed for ${Math.round(stayedMs / 60_000)} minutes: ${times}`;
}

function stillHeld({ id, operation }: Examined): readonly string[] {
  return (operation?.grants ?? []).map(({ attempt, standing }) => `${id}: attempt ${attempt} still holds a right that is ${standing}`);
}
