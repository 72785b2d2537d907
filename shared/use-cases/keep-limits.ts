import { epochMsOf, instantFromEpochMs } from '../domain/instant.ts';
import {
  type Limit,
  type LimitEntry,
  type Refused,
  type Ruling,
  ruleAssessment,
  ruleExecution,
  ruleSubmission,
  type Standing,
  settle,
} from '../domain/limits.ts';
import { isTerminal, type OperationId } from '../domain/operation.ts';
import { RequestError } from '../domain/request-error.ts';
import type { RegisteredAgent } from '../ports/agent-registry.ts';
import type { Ledger, LedgerPage, LimitBook, LimitLedger } from '../ports/limit-ledger.ts';
import { type OperationStore, StoreError } from '../ports/operation-store.ts';
import type { Chance, Clock, Pause } from '../ports/system.ts';
import { makeBatches } from './do-in-batches.ts';

export type KeepLimitsDeps = {
  readonly limits: LimitBook;
  readonly ledger: LimitLedger;
  readonly store: Pick<OperationStore, 'read'>;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly pause: Pause;
};

/** What is asked about one operation. */
export type Asked = { readonly id: OperationId; readonly action: string };

/** A limit that stands in the way, and how long it will at least. */
export type OverLimit = { readonly limit: Limit; readonly retryAfterMs: number };

/** Counts operations against the limits of their agent. Throws StoreError where that cannot be done, and RequestError `Unavailable` where too many do so at once. */
export type LimitKeeper = {
  /** Counts a submission, or says which limit it would exceed. A repeat of one that counts already passes. */
  admitSubmission(agent: RegisteredAgent, asked: Asked): Promise<OverLimit | undefined>;
  /** Counts the execution of what deletes, or says that there were enough. The same operation may ask again. */
  admitExecution(agent: RegisteredAgent, asked: Asked): Promise<OverLimit | undefined>;
  /** Counts a dry run, or says that there were enough; `id` is of this one dry run. */
  admitAssessment(agent: RegisteredAgent, asked: Asked): Promise<OverLimit | undefined>;
};

/** What a submission reserved and nobody stored within this time never will be: longer than a submission takes at most. */
const storedWithinMs = 5 * 60_000;

/** What was looked at and goes on is not looked at again before. */
const lookAgainMs = 5_000;

const lookedAtTogether = 8;
const writesOnConflict = 12;
const longestQueue = 500;

type Job = { readonly agent: RegisteredAgent; readonly page: LedgerPage; readonly asked: Asked; readonly rule: typeof ruleSubmission };
type Outcome = { readonly over: OverLimit | undefined };

/**
 * Keeps one ledger an agent and page. What is asked at the same time is written together, on the version that this host wrote last, so that an agent costs one write where no
 * other host writes too, and one that is not limited costs nothing. Nothing is refused without having been read afresh.
 */
export function makeLimitKeeper(deps: KeepLimitsDeps): LimitKeeper {
  const lastSeen = new Map<string, Ledger>();
  const lookedAt = new Map<string, number>();

  const doBatch = async (key: string, jobs: readonly Job[]): Promise<readonly Outcome[]> => {
    const [first] = jobs;
    if (first === undefined) return [];
    const { agent, page } = first;
    for (let attempt = 0; attempt < writesOnConflict; attempt += 1) {
      const known = lastSeen.get(key);
      lastSeen.delete(key);
      const ledger = known ?? (await deps.ledger.read(agent, page));
      const ruled = await ruleAll(ledger, key, jobs, known === undefined);
      if (ruled === 'readAfresh') continue;
      if (ruled.entries === ledger.entries) {
        lastSeen.set(key, ledger);
        return ruled.outcomes;
      }
      const written = await deps.ledger.write(agent, page, ledger, ruled.entries);
      if (written !== 'conflict') {
        lastSeen.set(key, written);
        return ruled.outcomes;
      }
      await deps.pause(Math.floor(deps.chance() * Math.min(10 * 2 ** attempt, 400)));
    }
    throw busy();
  };

  type Ruled = { readonly entries: readonly LimitEntry[]; readonly outcomes: readonly Outcome[] };

  const ruleAll = async (ledger: Ledger, key: string, jobs: readonly Job[], isFresh: boolean): Promise<Ruled | 'readAfresh'> => {
    const ruled = ruleBatch(deps, ledger.entries, jobs);
    if (ruled.refused.length === 0) return ruled;
    if (!isFresh) return 'readAfresh';
    const now = epochMsOf(deps.clock.now());
    if (now - (lookedAt.get(key) ?? Number.NEGATIVE_INFINITY) < lookAgainMs) return ruled;
    const unsettled = new Set(ruled.refused.flatMap((refused) => refused.unsettled));
    if (unsettled.size === 0) return ruled;
    lookedAt.set(key, now);
    return ruleBatch(deps, await settleAll(deps, ledger.entries, unsettled), jobs);
  };

  const enqueue = makeBatches<Job, Outcome>(doBatch, longestQueue, busy);

  const admit = async (job: Job): Promise<OverLimit | undefined> => {
    const { agent, page } = job;
    if (!deps.limits.limitsOf(agent.name).some(({ of }) => (of === 'assess') === (page === 'assessments'))) return undefined;
    return (await enqueue(JSON.stringify([agent.tenantId, agent.objectId, page]), job)).over;
  };

  return {
    admitSubmission: async (agent, asked) => await admit({ agent, page: 'operations', asked, rule: ruleSubmission }),
    admitExecution: async (agent, asked) => await admit({ agent, page: 'operations', asked, rule: ruleExecution }),
    admitAssessment: async (agent, asked) => await admit({ agent, page: 'assessments', asked, rule: ruleAssessment }),
  };
}

function busy(): RequestError {
  return new RequestError('Unavailable', 'Too many requests of this agent are being counted at once. Try again.', { retryAfterSeconds: 2 });
}

type RuledBatch = { readonly entries: readonly LimitEntry[]; readonly outcomes: readonly Outcome[]; readonly refused: readonly Refused[] };

/** One after another, as they came. */
function ruleBatch(deps: KeepLimitsDeps, before: readonly LimitEntry[], jobs: readonly Job[]): RuledBatch {
  const now = epochMsOf(deps.clock.now());
  const outcomes: Outcome[] = [];
  const refused: Refused[] = [];
  let entries = before;
  for (const { agent, asked, rule } of jobs) {
    const ruling: Ruling = rule(entries, deps.limits.limitsOf(agent.name), asked, now);
    if (ruling.passed) entries = ruling.entries;
    else refused.push(ruling);
    outcomes.push({ over: ruling.passed ? undefined : { limit: ruling.limit, retryAfterMs: ruling.retryAfterMs } });
  }
  return { entries, outcomes, refused };
}

/** Looks at operations that count, and leaves out of account what has ended; the entries themselves where all of them go on. */
async function settleAll(
  deps: KeepLimitsDeps,
  entries: readonly LimitEntry[],
  unsettled: ReadonlySet<OperationId>,
): Promise<readonly LimitEntry[]> {
  const standings = new Map<OperationId, Standing>();
  const open = entries.filter(({ id }) => unsettled.has(id));
  for (let from = 0; from < open.length; from += lookedAtTogether) {
    const looked = open.slice(from, from + lookedAtTogether).map(async (entry) => [entry.id, await standingOf(deps, entry)] as const);
    for (const [id, standing] of await Promise.all(looked)) standings.set(id, standing);
  }
  const settled = entries.map((entry) => settle(entry, standings.get(entry.id) ?? 'goesOn'));
  return settled.every((entry, index) => entry === entries[index]) ? entries : settled;
}

async function standingOf(deps: KeepLimitsDeps, entry: LimitEntry): Promise<Standing> {
  try {
    const stored = await deps.store.read(entry.id);
    if (stored === undefined) return epochMsOf(deps.clock.now()) - entry.at < storedWithinMs ? 'goesOn' : 'neverWas';
    const called = stored.events.some(({ detail }) => detail.kind === 'callStarted');
    if (isTerminal(stored.operation)) return called ? 'endedCalled' : 'endedUncalled';
    return called ? 'goesOnCalled' : 'goesOn';
  } catch (error) {
    // Nothing is done about what is damaged, so it waits for nothing; whether it called nobody can say.
    if (error instanceof StoreError && error.code === 'corrupt') return 'endedCalled';
    throw error;
  }
}

/** The refusal of a submission or dry run, as an agent is told: which limit, and what to do. */
export function limitRefusal(agentName: string, { limit, retryAfterMs }: OverLimit, now: number): RequestError {
  const retryAfterSeconds = Math.ceil(retryAfterMs / 1000);
  const target = `${limit.of}.${limit.name}`;
  const { is, next } = wordsOf(limit, instantFromEpochMs(now + retryAfterMs));
  return new RequestError('TooManyRequests', `The limit of ${agentName} is reached: ${is}. Nothing was stored. ${next}`, {
    target,
    retryAfterSeconds,
    details: [{ code: 'LimitReached', target, message: `${target} is ${limit.most}` }],
  });
}

function operationsOf(of: Limit['of']): string {
  switch (of) {
    case 'all':
      return 'operations';
    case 'assess':
      return 'dry runs';
    case 'read':
    case 'write':
    case 'delete':
    case 'action':
      return `operations of the class ${of}`;
  }
}

function wordsOf({ of, name, most }: Limit, until: string): { readonly is: string; readonly next: string } {
  const operations = operationsOf(of);
  switch (name) {
    case 'operationsPerMinute':
      return { is: `${most} ${operations} a minute`, next: 'Send the same request again after Retry-After.' };
    case 'waiting':
      return {
        is: `${most} ${operations} that have not ended`,
        next: 'Wait until one of them ends, or cancel one (POST /api/operations/{id}/cancel), then send the same request again.',
      };
    case 'executedPerDay':
      return {
        is: `${most} deletes in 24 hours, with those that are under way`,
        next: `There may be room from ${until} on; if it cannot wait, a person has to do it or raise the limit.`,
      };
  }
}
