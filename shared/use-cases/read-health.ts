import { failureCode } from '../domain/failure-code.ts';
import { epochMsOf, type Instant, plusMs } from '../domain/instant.ts';
import type { Clock, Pause } from '../ports/system.ts';

/** What was found of a dependency. `off`: it is not set up here. `latencyMs` where it was measured by whoever found it. */
export type ProbeAnswer =
  | { readonly status: 'up'; readonly latencyMs?: number }
  | { readonly status: 'off' }
  | { readonly status: 'down'; readonly code: string; readonly latencyMs?: number };

export type Probe = {
  readonly name: string;
  /** Nothing can be taken where it is away. */
  readonly isVital: boolean;
  /** A cheap question that the dependency itself answers. What it throws is `down`, by its code. */
  readonly check: () => Promise<ProbeAnswer>;
  /** What to do where it is down. */
  readonly nextStep: string;
};

export type DependencyHealth = {
  readonly name: string;
  readonly status: ProbeAnswer['status'];
  readonly latencyMs?: number;
  /** Codes are error codes of clients and of ours; the message is ours. */
  readonly error?: { readonly code: string; readonly message: string };
};

export type Health = { readonly status: 'up' | 'down'; readonly checkedAt: Instant; readonly dependencies: readonly DependencyHealth[] };

export type ReadHealthDeps = { readonly probes: readonly Probe[]; readonly clock: Clock; readonly pause: Pause };

/** So long may a dependency take to answer. */
const patienceMs = 2_000;
/** So old may an answer be: however often anybody asks, the dependencies are asked no more often than this. */
const maxAgeMs = 5_000;

type Answered = { readonly answer: ProbeAnswer; readonly latencyMs: number };

/**
 * How the dependencies are: all asked at once, each for a bounded time, by one questioner however many ask; one that has not answered the last question yet is
 * not asked another.
 */
export function makeReadHealth({ probes, clock, pause }: ReadHealthDeps): () => Promise<Health> {
  const open = new Map<Probe, Promise<Answered>>();
  let known: { readonly health: Promise<Health>; readonly until: Instant } | undefined;

  const ask = (probe: Probe): Promise<Answered> => {
    const asked = open.get(probe);
    if (asked !== undefined) return asked;
    const asking = answerOf(probe, clock).finally(() => open.delete(probe));
    open.set(probe, asking);
    return asking;
  };

  const read = async (): Promise<Health> => {
    const overdue = pause(patienceMs).then((): Answered => ({ answer: { status: 'down', code: 'Timeout' }, latencyMs: patienceMs }));
    const dependencies = await Promise.all(probes.map(async (probe) => told(probe, await Promise.race([ask(probe), overdue]))));
    const isUp = dependencies.every(({ status }, index) => status !== 'down' || probes[index]?.isVital !== true);
    return { status: isUp ? 'up' : 'down', checkedAt: clock.now(), dependencies };
  };

  return async () => {
    if (known === undefined || clock.now() >= known.until) known = { health: read(), until: plusMs(clock.now(), maxAgeMs) };
    return await known.health;
  };
}

async function answerOf({ check }: Probe, clock: Clock): Promise<Answered> {
  const since = epochMsOf(clock.now());
  const answer = await check().catch((error: unknown): ProbeAnswer => ({ status: 'down', code: failureCode(error) }));
  return { answer, latencyMs: Math.max(0, epochMsOf(clock.now()) - since) };
}

function told({ name, nextStep }: Probe, { answer, latencyMs }: Answered): DependencyHealth {
  switch (answer.status) {
    case 'off':
      return { name, status: 'off' };
    case 'up':
      return { name, status: 'up', latencyMs: answer.latencyMs ?? latencyMs };
    case 'down':
      return { name, status: 'down', latencyMs: answer.latencyMs ?? latencyMs, error: { code: answer.code, message: nextStep } };
  }
}
