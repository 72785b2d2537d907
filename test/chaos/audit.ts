import type { LoggedRequest } from '../../infra/local/resource-manager/request-log.ts';
import type { OperationEvent } from '../../shared/domain/event.ts';
import { isTerminal } from '../../shared/domain/operation.ts';
import { auditFindings } from './audit-findings.ts';
import { auditRights, isOfRights } from './audit-rights.ts';
import { auditSecrets } from './audit-secrets.ts';
import { beforehand } from './azure-before.ts';
import type { Evidence, Finding } from './evidence.ts';
import type { PlayedRequest } from './play-request.ts';
import type { QueueContents } from './queue-contents.ts';
import type { Examined } from './stored-operations.ts';

/** Holds every promise against the evidence. */
export function audit(evidence: Evidence): readonly Finding[] {
  const operations = [...evidence.stored.values()];
  const calls = callsByOperation(evidence.requests);
  const each = (promise: string, judge: (examined: Examined, own: readonly LoggedRequest[]) => readonly string[]): Finding => ({
    promise,
    breaches: operations.flatMap((examined) =>
      judge(examined, calls.get(examined.id) ?? []).map((problem) => `${examined.id}: ${problem}`),
    ),
  });
  return [
    { promise: 'what an agent was told of is stored', breaches: lostOperations(evidence) },
    { promise: 'one request is one operation', breaches: doubledRequests(evidence) },
    { promise: 'agents and people get answers that they can use', breaches: evidence.played.flatMap(surprisesOf) },
    each('every operation has ended', ({ operation }) =>
      operation === undefined || isTerminal(operation) ? [] : [`it is ${operation.status}`],
    ),
    each('every chain of events holds', ({ faults }) => faults),
    {
      promise: 'no state is replaced but the one that was read',
      breaches: evidence.unconditionalWrites === 0 ? [] : [`${evidence.unconditionalWrites} writes without an ETag`],
    },
    { promise: 'no call without an operation', breaches: strangeCalls(evidence, calls) },
    each('no call without an intent before it', callsWithoutIntent),
    each('no call without the votes that it needs before it', callsWithoutVotes),
    each('nothing is called again after it had its effect', callsAfterEffect),
    each('a success is exactly one effect', successesWithoutEffect),
    each('a failure has no effect', failuresWithEffect),
    each('what was stopped was never called', stoppedButCalled),
    ...auditRights(evidence),
    ...auditFindings(evidence),
    ...auditSecrets(evidence),
    { promise: 'the listing tells the truth', breaches: untrueListing(evidence) },
    { promise: 'no message is left', breaches: messagesLeft(evidence.left) },
    { promise: 'every message that was set aside is about an operation', breaches: unexplainedStrays(evidence) },
  ];
}

const isRead = ({ method }: LoggedRequest): boolean => method === 'GET' || method === 'HEAD';

/** Calls that are no reads, by the operation that their client request id names. */
function callsByOperation(requests: readonly LoggedRequest[]): ReadonlyMap<string, readonly LoggedRequest[]> {
  return Map.groupBy(
    requests.filter((request) => !isRead(request) && !isOfRights(request) && request.clientRequestId?.startsWith(beforehand) !== true),
    ({ clientRequestId }) => clientRequestId ?? 'none',
  );
}

function lostOperations({ played, stored }: Evidence): readonly string[] {
  return played.flatMap(({ index, ids }) => ids.filter((id) => !stored.has(id)).map((id) => `request ${index}: ${id} is not stored`));
}

function doubledRequests({ played }: Evidence): readonly string[] {
  return played.flatMap(({ index, ids }) => (ids.length > 1 ? [`request ${index}: ${ids.join(', ')}`] : []));
}

function surprisesOf({ index, kind, surprises }: PlayedRequest): readonly string[] {
  return surprises.map((surprise) => `request ${index} (${kind}): ${surprise}`);
}

function strangeCalls({ stored }: Evidence, calls: ReadonlyMap<string, readonly LoggedRequest[]>): readonly string[] {
  return [...calls].flatMap(([id, own]) => (stored.has(id) ? [] : own.map(({ method, url }) => `${id}: ${method} ${url}`)));
}

const timesOf = (events: readonly OperationEvent[], kind: OperationEvent['detail']['kind']): readonly number[] =>
  events.filter(({ detail }) => detail.kind === kind).map(({ at }) => Date.parse(at));

/** The first call needs one intent that is older, the second one two, and so on. */
function callsWithoutIntent({ events }: Examined, own: readonly LoggedRequest[]): readonly string[] {
  const intents = timesOf(events, 'callStarted');
  return own.flatMap(({ receivedAt, method }, place) => {
    const before = intents.filter((at) => at <= Date.parse(receivedAt)).length;
    return before > place ? [] : [`call ${place + 1} (${method}) at ${receivedAt} with ${before} intents before it`];
  });
}

function callsWithoutVotes({ events }: Examined, own: readonly LoggedRequest[]): readonly string[] {
  const decision = events.flatMap(({ detail }) => (detail.kind === 'decided' ? [detail.decision] : [])).at(-1);
  if (own.length === 0) return [];
  if (decision === undefined || decision.outcome === 'deny') return ['it was called and never permitted'];
  if (decision.outcome === 'allow') return [];
  const { required } = decision.requirements;
  return own.flatMap(({ receivedAt, method }) => {
    const voters = events.flatMap(({ at, detail }) =>
      detail.kind === 'voteRecorded' && detail.vote.decision === 'approve' && Date.parse(at) <= Date.parse(receivedAt)
        ? [detail.vote.voter.id]
        : [],
    );
    const received = new Set(voters).size;
    return received >= required ? [] : [`${method} at ${receivedAt} with ${received} of ${required} approvals`];
  });
}

function callsAfterEffect(_: Examined, own: readonly LoggedRequest[]): readonly string[] {
  const first = own.findIndex(({ effect }) => effect !== null);
  return first === -1 ? [] : own.slice(first + 1).map(({ method, receivedAt, status }) => `${method} again at ${receivedAt}: ${status}`);
}

const harmless: readonly string[] = ['GET', 'HEAD', 'get', 'list'];

const effectsOf = (own: readonly LoggedRequest[]): number => own.filter(({ effect }) => effect !== null).length;

function successesWithoutEffect({ operation }: Examined, own: readonly LoggedRequest[]): readonly string[] {
  if (operation?.status !== 'succeeded') return [];
  const expected = harmless.includes(operation.target.method) ? 0 : 1;
  return effectsOf(own) === expected ? [] : [`${operation.target.method} succeeded with ${effectsOf(own)} effects`];
}

function failuresWithEffect({ operation }: Examined, own: readonly LoggedRequest[]): readonly string[] {
  if (operation?.status !== 'failed' || effectsOf(own) === 0) return [];
  return [`it failed (${operation.detail}) with ${effectsOf(own)} effects`];
}

function stoppedButCalled({ operation }: Examined, own: readonly LoggedRequest[]): readonly string[] {
  const stopped = operation !== undefined && ['denied', 'rejected', 'expired', 'cancelled'].includes(operation.status);
  const answered = own.filter(({ effect, status }) => effect !== null || (status !== null && status < 400));
  return stopped && answered.length > 0 ? [`it is ${operation.status} and was called ${answered.length} times`] : [];
}

function untrueListing({ stored, listing }: Evidence): readonly string[] {
  const untrue = [...stored.values()].flatMap(({ id, operation }) => {
    const listed = listing.statuses.get(id);
    return listed === operation?.status ? [] : [`${id} is ${operation?.status} and listed as ${listed}`];
  });
  const waiting = listing.waiting.map((id) => `${id} is ${stored.get(id)?.operation?.status} and listed as waiting`);
  return [...untrue, ...waiting];
}

function messagesLeft({ active, scheduled, dead, setAside }: QueueContents): readonly string[] {
  if (active + scheduled + dead + setAside === 0) return [];
  return [`${active} wait, ${scheduled} come later, ${dead} are dead letters, ${setAside} were set aside`];
}

/** A message's id begins with the id of the operation that it is about, which may never have been committed. */
function unexplainedStrays({ strayMessageIds }: Evidence): readonly string[] {
  return strayMessageIds.filter((id) => !/^op_[a-z2-7]{26}\./.test(id));
}
