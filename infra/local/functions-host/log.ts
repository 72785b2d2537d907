import type { LogLevel } from './core-types.ts';

export type FailureDescription = {
  readonly name: string;
  readonly code?: string;
  /** Stack frames, innermost first. */
  readonly at: readonly string[];
  readonly cause?: FailureDescription;
};

/** One line of JSON on stdout: an event of the host itself, such as `listening`. */
export function announce(event: string, fields: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
}

/** One line of JSON on stdout for one call of a log method inside an invocation. */
export function logInvocation(level: LogLevel, functionName: string, invocationId: string, message: string): void {
  const time = new Date().toISOString();
  process.stdout.write(`${JSON.stringify({ time, level, function: functionName, invocationId, message })}\n`);
}

/** One line of JSON on stdout for what the library or the host itself logs. */
export function logSystem(level: LogLevel, message: string): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message })}\n`);
}

/** One line of JSON on stderr. The error's message is left out: a parser or a client may have put a piece of a body into it. */
export function logFailure(message: string, error: unknown, where: { function?: string; invocationId?: string } = {}): void {
  const time = new Date().toISOString();
  process.stderr.write(`${JSON.stringify({ time, level: 'error', ...where, message, error: describeFailure(error) })}\n`);
}

/** An error's name, code, frames and causes, without its message. */
export function describeFailure(error: unknown, depth = 0): FailureDescription {
  if (!(error instanceof Error)) {
    return { name: typeof error, at: [] };
  }
  const code = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    at: framesOf(error),
    ...(error.cause !== undefined && depth < 4 ? { cause: describeFailure(error.cause, depth + 1) } : {}),
  };
}

/** The message may span lines and imitate frames, so frames are taken only from what follows it, and only where it is at its place. */
function framesOf({ stack = '', message }: Error): string[] {
  const [firstLine = ''] = stack.split('\n', 1);
  const messageAt = message === '' ? firstLine.length : stack.indexOf(message);
  if (messageAt === -1 || messageAt > firstLine.length || (message === '' && /:\s*\S/.test(firstLine))) {
    return [];
  }
  return stack
    .slice(messageAt + message.length)
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .map((line) => line.slice('    at '.length));
}
