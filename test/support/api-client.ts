import { z } from 'zod';
import type { Endpoints } from '../../infra/local/endpoints.ts';
import { signIn } from '../../infra/local/identity/sign-in.ts';
import { decodeEvent } from '../../shared/contracts/stored-event.ts';
import type { OperationEvent } from '../../shared/domain/event.ts';

/** What an operation looks like from outside; strict where a test reads it. */
const operationShape = z.looseObject({
  id: z.string(),
  status: z.string(),
  next: z.string(),
  digest: z.string(),
  action: z.string(),
  risk: z.looseObject({ level: z.string(), environment: z.string(), factors: z.array(z.looseObject({ code: z.string() })) }),
  decision: z.looseObject({
    outcome: z.string(),
    reasons: z.array(z.string()),
    approval: z
      .looseObject({ digest: z.string().optional(), required: z.number(), received: z.number(), expiresAt: z.string().optional() })
      .optional(),
  }),
  detail: z.string().optional(),
  result: z.looseObject({ status: z.number().optional(), body: z.unknown().optional(), masked: z.array(z.string()) }).optional(),
});
export type OperationView = z.output<typeof operationShape>;

const errorShape = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string(), target: z.string().optional(), details: z.array(z.unknown()) }),
});

export type Target = {
  readonly method: string;
  readonly path: string;
  readonly apiVersion: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The answer as an operation; throws where it is none. */
  readonly operation: () => OperationView;
  /** Its error code, once in the body and once in `x-ms-error-code`; throws where it is no error in the Azure shape. */
  readonly errorCode: () => string;
};

export type ApiClient = {
  /** A bearer token of a seeded identity, asked for anew before it runs out. */
  readonly tokenOf: (who: string) => Promise<string>;
  readonly send: (who: string, method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly submit: (who: string, target: Target, headers?: Readonly<Record<string, string>>, justification?: string) => Promise<Answer>;
  readonly read: (who: string, id: string) => Promise<Answer>;
  readonly vote: (who: string, id: string, decision: 'approve' | 'reject', digest: string, reason?: string) => Promise<Answer>;
  /** The events as the auditor reads them, in order. */
  readonly events: (id: string) => Promise<readonly OperationEvent[]>;
  /** The operation once it satisfies the condition; the auditor reads it, again and again for a bounded time. */
  readonly awaitOperation: (id: string, condition: (operation: OperationView) => boolean) => Promise<OperationView>;
  readonly awaitStatus: (id: string, status: string) => Promise<OperationView>;
  /** The approval digest, once the approvers can see what they would approve and the card hangs. */
  readonly awaitApprovalDigest: (id: string) => Promise<string>;
};

/** Half of what a token of the stand-in lasts. */
const tokenAgeMs = 1_800_000;

export const justification = 'The migration is done and nobody needs it any more';

/** Speaks the public API to a running environment as its agents and people do. */
export function makeApiClient({ api, identity, credentials }: Endpoints): ApiClient {
  const tokens = new Map<string, { readonly token: Promise<string>; readonly askedAt: number }>();
  const tokenOf = (who: string): Promise<string> => {
    const known = tokens.get(who);
    if (known !== undefined && performance.now() - known.askedAt < tokenAgeMs) return known.token;
    const token = signIn(who, { identityAddress: identity, credentialsPath: credentials });
    tokens.set(who, { token, askedAt: performance.now() });
    return token;
  };
  const send: ApiClient['send'] = async (who, method, path, body, headers = {}) => {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await tokenOf(who)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return await answerOf(response);
  };
  const read: ApiClient['read'] = (who, id) => send(who, 'GET', `/operations/${id}`);
  const events: ApiClient['events'] = async (id) => {
    const { text } = await send('auditor', 'GET', `/operations/${id}/events`);
    const { value } = z.object({ value: z.array(z.unknown()) }).parse(JSON.parse(text));
    return value.map((event) => decodeEvent(JSON.stringify(event)));
  };
  const awaitOperation: ApiClient['awaitOperation'] = async (id, condition) => {
    let last: OperationView | undefined;
    await until(
      async () => {
        last = (await read('auditor', id)).operation();
        return condition(last);
      },
      () => `operation ${id} stands at ${JSON.stringify(last)}`,
    );
    if (last === undefined) throw new Error(`Operation ${id} was never read.`);
    return last;
  };
  return {
    tokenOf,
    send,
    submit: (who, target, headers = {}, why = justification) =>
      send(who, 'POST', '/operations', { target: { kind: 'arm', ...target }, justification: why }, headers),
    read,
    vote: (who, id, decision, digest, reason = '') => send(who, 'POST', `/operations/${id}/decisions`, { decision, digest, reason }),
    events,
    awaitOperation,
    awaitStatus: (id, status) => awaitOperation(id, (operation) => operation.status === status),
    awaitApprovalDigest: async (id) => {
      await until(async () => (await events(id)).some(({ detail }) => detail.kind === 'approvalRequested'));
      return (await read('auditor', id)).operation().decision.approval?.digest ?? '';
    },
  };
}

export async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  return {
    status,
    headers,
    text,
    operation: () => {
      if (!response.ok) throw new Error(`${response.url} answered ${status}: ${text}`);
      return operationShape.parse(JSON.parse(text));
    },
    errorCode: () => {
      const { error } = errorShape.parse(JSON.parse(text));
      if (headers.get('x-ms-error-code') !== error.code) throw new Error(`x-ms-error-code is not ${error.code}.`);
      return error.code;
    },
  };
}

/** Looks again and again, for a bounded time, at what can only be looked at: more and more seldom, and what takes long to look at more seldom still. */
export async function until(condition: () => Promise<boolean>, told: () => string = () => 'it did not come'): Promise<void> {
  const patienceMs = 45_000;
  let pauseMs = 50;
  for (const end = performance.now() + patienceMs; performance.now() < end; ) {
    const lookedAt = performance.now();
    if (await condition()) return;
    pauseMs = Math.min(Math.max(pauseMs * 1.4, 2 * (performance.now() - lookedAt)), 1_000);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new Error(`What was awaited did not happen: ${told()}.`);
}
