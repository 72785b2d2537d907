import type { LoggedRequest } from '../../infra/local/resource-manager/request-log.ts';
import { people as seeded } from '../../infra/local/seed.ts';
import type { Finding } from '../../shared/domain/event.ts';
import type { Answer } from '../support/api-client.ts';
import type { ChaosApi } from './chaos-api.ts';
import type { Examined } from './stored-operations.ts';

/** What people were asked to find out, and what they said. */
export type ReportedFindings = {
  /** By operation: what each person said, who said it several times. */
  readonly said: ReadonlyMap<string, readonly SaidFinding[]>;
  /** Answers that nobody should get. */
  readonly surprises: readonly string[];
};

/** `by` is the object id of the person. */
export type SaidFinding = { readonly by: string; readonly found: Finding };

export const nothingReported: ReportedFindings = { said: new Map(), surprises: [] };

const people = seeded.filter(({ name }) => name === 'approver-1' || name === 'approver-2');
const note = 'Seen in the portal.';
const mostTries = 20;
/** Operations that are looked at side by side. */
const atOnce = 8;

/**
 * Two people look into Azure for what became of each operation that ended as `outcomeUnknown`, and say so: at the same time as each other, and each of them twice at once and
 * once more, as who sees no answer does. Of what is known nobody may say anything.
 */
export async function reportFindings(
  operations: Iterable<Examined>,
  requests: readonly LoggedRequest[],
  api: ChaosApi,
  onDone: (done: number, of: number) => void,
): Promise<ReportedFindings> {
  const withEffect = new Set(requests.flatMap(({ effect, clientRequestId }) => (effect === null ? [] : [clientRequestId])));
  const said = new Map<string, readonly SaidFinding[]>();
  const surprises: string[] = [];
  const say = async (who: string, id: string, found: Finding, expected: number): Promise<void> => {
    const ask = () => api.insist(who, 'POST', `/operations/${id}/findings`, { found, note });
    let answer = await ask();
    for (let tries = 1; tries < mostTries && isToBeAskedAgain(answer); tries += 1) answer = await ask();
    if (answer.status !== expected) surprises.push(`${id}: ${who} was answered ${answer.status} to a finding`);
  };
  const known = new Map<string, string>();
  const unknown: string[] = [];
  for (const { id, operation } of operations) {
    if (operation?.status === 'outcomeUnknown') unknown.push(id);
    else if (operation !== undefined && !known.has(operation.status)) known.set(operation.status, id);
  }
  const left = unknown.values();
  const lookAtNext = async (): Promise<void> => {
    for (const id of left) {
      const found = withEffect.has(id) ? 'effect' : 'noEffect';
      said.set(
        id,
        people.map(({ objectId }) => ({ by: objectId, found })),
      );
      await Promise.all(people.flatMap(({ name }) => [say(name, id, found, 200), say(name, id, found, 200)]));
      await Promise.all(people.map(({ name }) => say(name, id, found, 200)));
      onDone(said.size, unknown.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lookAtNext));
  for (const id of known.values()) await say('approver-1', id, 'effect', 409);
  return { said, surprises };
}

/** Several wrote at the same moment, and the loser is asked to come again. */
function isToBeAskedAgain(answer: Answer): boolean {
  return answer.status === 409 && answer.errorCode() === 'ConcurrentChange';
}
