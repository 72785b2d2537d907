import { NoticeError } from '../../ports/notices.ts';
import { failureCodeOf } from '../https/failure-code.ts';
import { retryAfterMs } from '../https/retry-after.ts';

/** A receiver has so long to take a notice; who does more with it than take it should answer first. */
export const usualTimeoutMs = 10_000;

const longestRetryAfterMs = 60 * 60_000;

/**
 * Posts once: no redirect is followed and nothing of the answer is read but its status. Anything but 2xx is a {@link NoticeError}, which holds neither address nor
 * answer.
 */
export async function postOnce(url: string, headers: Readonly<Record<string, string>>, body: string, timeoutMs: number): Promise<void> {
  const answer = await send(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
  // Its status was its answer, whatever becomes of the rest.
  await answer.body?.cancel().catch(() => undefined);
  if (answer.ok) return;
  const asked = answer.headers.get('retry-after');
  const retry = asked === null ? undefined : retryAfterMs(asked, Date.parse(answer.headers.get('date') ?? ''), longestRetryAfterMs);
  throw new NoticeError('refused', `the receiver answered ${answer.status}`, retry);
}

async function send(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    throw new NoticeError('unreachable', `the receiver could not be reached: ${reasonOf(error)}`);
  }
}

/** What `fetch` throws hides the reason in its cause. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'timeout';
  return failureCodeOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
}
