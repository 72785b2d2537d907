import type { ArmRequest } from '../../shared/domain/arm-request.ts';
import { instant } from '../../shared/domain/instant.ts';
import type { JsonValue } from '../../shared/domain/json.ts';
import {
  type ActivityLog,
  type AzureCaller,
  AzureError,
  type AzureReader,
  type CallOutcome,
  type Credential,
  type CredentialBroker,
  type LoggedOutcome,
  type PollOutcome,
  type ReadOutcome,
} from '../../shared/ports/azure.ts';

export type MadeCall = { readonly request: ArmRequest; readonly credential: Credential; readonly clientRequestId: string };

export type InMemoryAzure = {
  readonly reader: AzureReader;
  readonly caller: AzureCaller;
  readonly broker: CredentialBroker;
  readonly activityLog: ActivityLog;
  /** Paths that were read, as they were asked for. */
  readonly reads: readonly string[];
  readonly calls: readonly MadeCall[];
  readonly polls: readonly string[];
  /** What a path is from now on; whatever nobody set is absent. */
  set(path: string, body: JsonValue): void;
  remove(path: string): void;
  setUnreadable(path: string, reason: string): void;
  /** What the next calls come to, in order; the last one goes on. */
  answerCalls(...outcomes: readonly CallOutcome[]): void;
  answerPolls(...outcomes: readonly PollOutcome[]): void;
  /** What the activity log says of whatever it is asked for; nothing until then. */
  noteCalls(logged: LoggedOutcome): void;
  /** While it refuses, no credential is to be had. */
  refuseCredentials(refuses: boolean): void;
};

/** An Azure that is told what to answer and writes `credential <tier>`, `call <method>` and `poll` into the shared list of effects. */
export function makeInMemoryAzure(effects: string[] = []): InMemoryAzure {
  const states = new Map<string, ReadOutcome>();
  const reads: string[] = [];
  const calls: MadeCall[] = [];
  const polls: string[] = [];
  const callOutcomes = makeScript<CallOutcome>({ kind: 'answered', answer: { status: 200, body: undefined } });
  const pollOutcomes = makeScript<PollOutcome>({ kind: 'pending', retryAfterMs: 15_000 });
  let refusing = false;
  let logged: LoggedOutcome = { outcome: 'nothing' };
  return {
    reads,
    calls,
    polls,
    set: (path, body) => {
      states.set(path.toLowerCase(), { state: 'present', body });
    },
    remove: (path) => {
      states.delete(path.toLowerCase());
    },
    setUnreadable: (path, reason) => {
      states.set(path.toLowerCase(), { state: 'unreadable', reason });
    },
    answerCalls: callOutcomes.play,
    answerPolls: pollOutcomes.play,
    noteCalls: (outcome) => {
      logged = outcome;
    },
    activityLog: { find: async () => logged },
    refuseCredentials: (refuses) => {
      refusing = refuses;
    },
    reader: {
      read: async (path) => {
        reads.push(path);
        return states.get(path.toLowerCase()) ?? { state: 'absent' };
      },
    },
    broker: {
      obtain: async (tier, operationId) => {
        if (refusing) throw new AzureError('credentialRefused', 'the identity cannot be had');
        effects.push(`credential ${tier}`);
        return { tier, identity: `${tier}-identity`, token: `token for ${operationId}`, expiresAt: instant('2026-11-21T21:12:00.000Z') };
      },
    },
    caller: {
      callOnce: async (request, credential, clientRequestId) => {
        effects.push(`call ${request.method}`);
        calls.push({ request, credential, clientRequestId });
        return callOutcomes.next();
      },
      poll: async (pollUrl) => {
        effects.push('poll');
        polls.push(pollUrl);
        return pollOutcomes.next();
      },
    },
  };
}

type Script<Outcome> = { readonly play: (...outcomes: readonly Outcome[]) => void; readonly next: () => Outcome };

function makeScript<Outcome>(first: Outcome): Script<Outcome> {
  let current = first;
  let rest: readonly Outcome[] = [];
  return {
    play: (...outcomes) => {
      rest = outcomes;
    },
    next: () => {
      const [head, ...tail] = rest;
      if (head !== undefined) current = head;
      rest = tail;
      return current;
    },
  };
}
