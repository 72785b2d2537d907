import { failureCode } from '../../shared/domain/failure-code.ts';
import type { Deployment } from './deployment.ts';

/** What every check works with. */
export type Site = {
  readonly deployment: Deployment;
  /** What should run there. */
  readonly expected: { readonly version: string; readonly policyVersion: string };
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly tokens: Tokens;
  readonly nowMs: () => number;
};

/** The operator's own tokens. Each rejects, in words for the operator, where it cannot be had. */
export type Tokens = {
  readonly forApi: () => Promise<string>;
  readonly forAzure: () => Promise<string>;
  readonly forGraph: () => Promise<string>;
};

/** What came back. `code` is what the transport said, never a message: those may hold what was sent. */
export type Answer =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: Headers; readonly body: unknown }
  | { readonly kind: 'failed'; readonly code: string };

const patienceMs = 15_000;
const mostBytes = 4 * 1024 * 1024;

/** Asks once. Redirects are not followed: whoever is asked may not send a token elsewhere. */
export async function ask({ fetch }: Pick<Site, 'fetch'>, url: string, init: RequestInit = {}): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(patienceMs) });
    const text = await response.text();
    return {
      kind: 'answered',
      status: response.status,
      headers: response.headers,
      body: text.length > mostBytes ? undefined : parse(text),
    };
  } catch (error) {
    return { kind: 'failed', code: error instanceof Error && error.cause !== undefined ? failureCode(error.cause) : failureCode(error) };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How an answer is told: its status, or why there is none. */
export function told(answer: Answer): string {
  return answer.kind === 'answered' ? `answered ${answer.status}` : `did not answer (${answer.code})`;
}
