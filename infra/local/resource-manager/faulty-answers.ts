import type { LocalAnswer } from '../loopback-server.ts';
import { type ArmAnswer, armError } from './arm-answer.ts';
import type { Fault, FaultName, HappeningFault, RequestFaults } from './faults.ts';

/** Goes on with the request, answers it without doing anything, or breaks the connection. */
export type Arrival = { readonly kind: 'goesOn' } | { readonly kind: 'answered'; readonly answer: ArmAnswer } | { readonly kind: 'broken' };

const goesOn: Arrival = { kind: 'goesOn' };

/** What a request meets before anything is done; `now` is asked for a `Retry-After` that is a date. */
export async function meetOnArrival(faults: RequestFaults, now: () => number): Promise<Arrival> {
  const happening = faults.next('arrival');
  const fault = happening?.fault;
  switch (fault?.name) {
    case 'throttle': {
      const { retryAfterSeconds = 1 } = fault;
      const message = `The request is being throttled. Please try again after '${retryAfterSeconds}' seconds.`;
      return { kind: 'answered', answer: armError(429, 'TooManyRequests', message, retryAfter({ ...fault, retryAfterSeconds }, now())) };
    }
    case 'unavailable':
      return {
        kind: 'answered',
        answer: armError(503, 'ServiceUnavailable', 'The service is unavailable. Please try again later.', retryAfter(fault, now())),
      };
    case 'resetBeforeEffect':
      return { kind: 'broken' };
    case 'slowBeforeEffect':
      await letGo(happening);
      return goesOn;
    default:
      return goesOn;
  }
}

/** The fault that an answer meets, among those that it can meet. */
export function faultOfAnswer({ headers, body }: LocalAnswer, faults: RequestFaults): HappeningFault | undefined {
  const isPossible = (name: FaultName): boolean => {
    switch (name) {
      case 'lostPollingAddress':
        return pollingHeaders.some((header) => headers[header] !== undefined);
      case 'truncatedBody':
      case 'notJson':
        return body !== undefined;
      default:
        return true;
    }
  };
  return faults.next('answer', isPossible);
}

/** The answer as it goes out, when it goes out. */
export async function meetOnAnswer(answer: LocalAnswer, happening: HappeningFault | undefined): Promise<LocalAnswer> {
  switch (happening?.fault.name) {
    case 'lostPollingAddress':
      return { ...answer, headers: Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !pollingHeaders.includes(name))) };
    case 'resetAfterEffect':
      return { ...answer, breaks: 'beforeAnswer' };
    case 'truncatedBody':
      return { ...answer, breaks: 'withinBody' };
    case 'notJson':
      return { ...answer, headers: { ...answer.headers, 'content-type': 'text/html' }, body: gatewayPage };
    case 'slow':
      await letGo(happening);
      return answer;
    default:
      return answer;
  }
}

const pollingHeaders = ['azure-asyncoperation', 'location'];
const gatewayPage = '<html><head><title>Gateway</title></head><body>The upstream answered.</body></html>';

type Repeatable = Pick<Extract<Fault, { name: 'throttle' | 'unavailable' }>, 'retryAfterSeconds' | 'retryAfterAs'>;

function retryAfter({ retryAfterSeconds, retryAfterAs = 'seconds' }: Repeatable, now: number): Readonly<Record<string, string>> {
  if (retryAfterSeconds === undefined) {
    return {};
  }
  switch (retryAfterAs) {
    case 'seconds':
      return { 'retry-after': String(retryAfterSeconds) };
    case 'date':
      return { 'retry-after': new Date(now + retryAfterSeconds * 1000).toUTCString() };
  }
}

/** Resolves after the fault's time, or when it is released. */
async function letGo(happening: HappeningFault | undefined): Promise<void> {
  if (happening === undefined) {
    return;
  }
  const { fault, released } = happening;
  const delayMs = fault.name === 'slow' || fault.name === 'slowBeforeEffect' ? fault.delayMs : undefined;
  if (delayMs === undefined) {
    await released;
    return;
  }
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, delayMs);
  await Promise.race([over.promise, released]);
  clearTimeout(timer);
}
