import type { Voter } from '../domain/approval.ts';
import type { Finding } from '../domain/event.ts';
import { advance } from '../domain/history.ts';
import type { Finished, Operation, OperationId } from '../domain/operation.ts';
import { RequestError } from '../domain/request-error.ts';
import type { AgentRegistry } from '../ports/agent-registry.ts';
import type { Masker } from '../ports/masker.ts';
import type { PersonInGroups, PolicyEngine } from '../ports/policy-engine.ts';
import type { Clock } from '../ports/system.ts';
import { appendAnnounced, type CommitDeps } from './announce-then-commit.ts';
import { ownsAgent } from './authorize-caller.ts';
import type { VotingCaller } from './record-vote.ts';
import { tellText } from './tell-request.ts';

export type RecordFindingDeps = CommitDeps & {
  readonly agents: AgentRegistry;
  readonly policies: PolicyEngine;
  readonly clock: Clock;
  readonly masker: Masker;
};

/** What a person says to have found; the note is the person's own words. */
export type TakenFinding = { readonly operationId: OperationId; readonly found: Finding; readonly note: string };

export type RecordFinding = (caller: VotingCaller, taken: TakenFinding) => Promise<Operation>;

/** So many findings of one operation are kept; people may correct each other and themselves. */
export const recordedFindings = 20;
const attemptsOnConflict = 5;

/**
 * Records what a person found who looked where nobody knows the outcome. The operation stays as it ended: a finding is a statement by a person, not an answer by Azure.
 * Whoever may decide on such an operation may say so, and never the agent's owner. The same said twice is recorded once. Throws {@link RequestError}.
 */
export function makeRecordFinding(deps: RecordFindingDeps): RecordFinding {
  return async (caller, unmasked) => {
    const person = personOf(caller);
    const taken = { ...unmasked, note: await tellText(deps.masker, unmasked.note) };
    for (let attempt = 0; attempt < attemptsOnConflict; attempt += 1) {
      const stored = await deps.store.read(taken.operationId);
      if (stored === undefined) throw notFound();
      const operation = findRecordable(deps, stored.operation, person);
      if (hasSaid(operation, person, taken)) return operation;
      const by: Voter = { id: person.id, name: person.name };
      const detail = { kind: 'findingRecorded', by, found: taken.found, note: taken.note } as const;
      const next = advance(operation.id, operation, [{ actor: { kind: 'person', ...by }, at: deps.clock.now(), detail }]);
      if ((await appendAnnounced(deps, stored, next)) === 'committed') return next.operation;
    }
    throw new RequestError('ConcurrentChange', 'Too many changes at once. Try again.', { retryAfterSeconds: 1 });
  };
}

type Person = Extract<VotingCaller, { kind: 'person' }>;

function personOf(caller: VotingCaller): Person {
  if (caller.kind !== 'person') throw new RequestError('PersonRequired', 'Only people look: a token of an agent was presented.');
  return caller;
}

/** The operation where this person may record a finding of it; one named check a line. */
function findRecordable(deps: RecordFindingDeps, operation: Operation, person: Person): Finished {
  const now = deps.clock.now();
  if (!mayDecide(deps, operation, person)) {
    if (!deps.policies.mayRead(person, operation, now)) throw notFound();
    throw new RequestError('VoterNotInGroup', 'You are in none of the groups that may decide on this operation.');
  }
  if (ownsAgent(deps, operation, person.id))
    throw new RequestError('VoterOwnsAgent', 'You answer for the agent that asked, so somebody else must say what came of it.');
  if (operation.status !== 'outcomeUnknown')
    throw new RequestError('OutcomeNotUnknown', `The operation is ${operation.status}: there is nothing to find out.`);
  if (operation.findings.length >= recordedFindings)
    throw new RequestError('OutcomeNotUnknown', 'So many findings are recorded already that no more are taken.');
  return operation;
}

/** What needed no approval has no groups of its own; the policies alone then say who may decide. */
function mayDecide(deps: RecordFindingDeps, operation: Operation, person: PersonInGroups): boolean {
  const { decision } = operation;
  const groups = decision.outcome === 'requireApproval' ? decision.requirements.groups : person.groups;
  return deps.policies.mayApprove(person, operation, deps.clock.now()) && person.groups.some((group) => groups.includes(group));
}

function hasSaid({ findings }: Finished, person: Person, { found, note }: TakenFinding): boolean {
  const last = findings.findLast(({ by }) => by.id === person.id);
  return last !== undefined && last.found === found && last.note === note;
}

function notFound(): RequestError {
  return new RequestError('OperationNotFound', 'There is no such operation.');
}
