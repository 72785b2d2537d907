import { epochMsOf } from '../../domain/instant.ts';
import type { SecretAnswer, SecretOutcome } from '../../ports/key-vault.ts';
import type { Clock } from '../../ports/system.ts';
import { retryAfterMs } from '../https/retry-after.ts';
import { codeIn, jsonOf, messageOf } from './vault-answer.ts';
import type { Answered, Sent, Told } from './vault-conversation.ts';

type Unanswered = Exclude<SecretOutcome, { kind: 'done' }>;

/** The longest that a vault can put off what is asked of it: as long as anything that is approved may wait to run. */
const longestWaitMs = 60 * 60 * 1_000;

/** What came of a conversation whose last answer is what it was about; `answerOf` reads it, and is undefined where it cannot be read. */
export function outcomeOf(
  { sent, stopped }: Told,
  clock: Clock,
  answerOf: (answered: Answered) => SecretAnswer | undefined,
): SecretOutcome {
  const last = sent.findLast(({ isAuthenticated }) => isAuthenticated) ?? sent.at(-1);
  if (last === undefined) return { kind: 'notSent', reason: stopped ?? 'Nothing was sent.' };
  if (last.outcome.kind === 'failed') return failureOf(last, last.outcome.code);
  const { answer } = last.outcome;
  if (answer.status < 200 || answer.status > 299) return unlessDone(answer, last.isAuthenticated, stopped, clock);
  const read = answerOf(answer);
  if (read === undefined) return { kind: 'doubtful', reason: `Key Vault answered ${answer.status}, and the answer cannot be read.` };
  return { kind: 'done', status: answer.status, answer: read, ...requestIdOf(answer) };
}

function failureOf({ isAuthenticated, connection }: Sent, code: string): Unanswered {
  if (!isAuthenticated)
    return { kind: 'notSent', reason: `The vault could not be asked which token it wants (${code}); nothing else was sent.` };
  if (connection === 'connecting')
    return { kind: 'notSent', reason: `No connection to the vault could be made (${code}); nothing was sent.` };
  return { kind: 'doubtful', reason: `The connection to the vault ended before an answer came (${code}); the call may have happened.` };
}

/** What a status other than success means; without a token nothing can have happened, whatever it is. */
function unlessDone(answer: Answered, isAuthenticated: boolean, stopped: string | undefined, clock: Clock): Unanswered {
  const { status, headers } = answer;
  const retryAfter = headers.get('retry-after');
  if (status === 429 || (status === 503 && (retryAfter !== undefined || !isAuthenticated))) {
    return { kind: 'busy', status, retryAfterMs: retryAfterMs(retryAfter, epochMsOf(clock.now()), longestWaitMs) };
  }
  if (!isAuthenticated)
    return { kind: 'notSent', reason: stopped ?? `The vault answered ${status} when it was asked which token it wants.` };
  if (status < 400 || status >= 500 || status === 408) {
    return { kind: 'doubtful', reason: `Key Vault answered ${status}, which does not tell whether the call happened.` };
  }
  return refusalOf(answer);
}

function refusalOf(answer: Answered): Extract<SecretOutcome, { kind: 'refused' }> {
  const { status } = answer;
  const code = codeIn(jsonOf(answer)) ?? 'Unknown';
  return { kind: 'refused', status, code, message: messageOf(status, code), ...requestIdOf(answer) };
}

export function requestIdOf({ headers }: Answered): { readonly requestId?: string } {
  const requestId = headers.get('x-ms-request-id');
  return requestId !== undefined && /^[0-9a-fA-F-]{1,64}$/.test(requestId) ? { requestId } : {};
}
