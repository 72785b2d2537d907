import { z } from 'zod';
import { chainTable, chainVerdict } from '../verify/show-chain.ts';
import { eventFrom, eventsIn, verifyChain } from '../verify/verify-chain.ts';
import type { Endpoints } from './endpoints.ts';
import { signIn } from './identity/sign-in.ts';

export type DemoRequest = {
  readonly method: string;
  readonly path: string;
  readonly apiVersion: string;
  readonly body?: unknown;
  readonly justification: string;
  readonly repeatabilityId?: string;
};

/** An operation as the story tells it. */
export type ToldOperation = {
  readonly id: string;
  readonly status: string;
  readonly next: string;
  readonly risk: string;
  readonly outcome: string;
  readonly reasons: readonly string[];
  readonly resultStatus: number | undefined;
  readonly approvalDigest: string | undefined;
};

export type DemoClient = {
  readonly submit: (request: DemoRequest) => Promise<ToldOperation>;
  readonly submitForStatus: (request: DemoRequest) => Promise<number>;
  /** What the card says, once it hangs. */
  readonly awaitCard: (id: string) => Promise<readonly string[]>;
  /** Votes as a person who has read the operation, and waits for its end. */
  readonly approve: (id: string, person: string, reason: string) => Promise<ToldOperation>;
  readonly readEvidence: (id: string) => Promise<readonly string[]>;
  readonly expect: (operation: ToldOperation, status: string) => void;
};

const shape = z.object({
  id: z.string(),
  status: z.string(),
  next: z.string(),
  action: z.string(),
  justification: z.string(),
  agent: z.object({ name: z.string() }),
  risk: z.object({ level: z.string(), factors: z.array(z.object({ detail: z.string() })) }),
  decision: z.object({
    outcome: z.string(),
    reasons: z.array(z.string()),
    approval: z.object({ digest: z.string().optional(), required: z.number(), expiresAt: z.string().optional() }).optional(),
  }),
  result: z.object({ status: z.number().optional() }).optional(),
});

const waitSeconds = 20;

/** Speaks to a running environment as its agents and people would: bearer tokens and the public API, nothing else. */
export function makeDemoClient(endpoints: Endpoints): DemoClient {
  const call = async (
    who: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> => {
    const token = await signIn(who, { identityAddress: endpoints.identity, credentialsPath: endpoints.credentials });
    return await fetch(`${endpoints.api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        prefer: `wait=${waitSeconds}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  };
  const post = async (request: DemoRequest, headers: Record<string, string>) => {
    const { justification, repeatabilityId, ...target } = request;
    const repeatability: Record<string, string> = repeatabilityId === undefined ? {} : { 'repeatability-request-id': repeatabilityId };
    return await call(
      'deploy-agent',
      'POST',
      '/operations',
      { target: { kind: 'arm', ...target }, justification },
      { ...repeatability, ...headers },
    );
  };
  const read = async (who: string, id: string) =>
    shape.parse(await bodyOf(await call(who, 'GET', `/operations/${id}`, undefined, { prefer: '' })));

  return {
    // Only what needs nobody ends while it is waited for.
    submit: async (request) => tell(shape.parse(await bodyOf(await post(request, request.method === 'GET' ? {} : { prefer: '' })))),
    submitForStatus: async (request) => (await post(request, { prefer: '' })).status,
    awaitCard: async (id) => {
      await awaitEvent(() => events(call, id), 'approvalRequested');
      const { agent, action, justification, risk, decision } = await read('approver-1', id);
      return [
        `${agent.name} asks: ${action}`,
        `why: "${justification}"`,
        `risk ${risk.level}: ${risk.factors.map((factor) => factor.detail).join(' ')}`,
        `${decision.approval?.required ?? 0} approval(s) needed until ${decision.approval?.expiresAt ?? ''}`,
      ];
    },
    approve: async (id, person, reason) => {
      await awaitEvent(() => events(call, id), 'previewed');
      const { decision } = await read(person, id);
      const vote = await call(person, 'POST', `/operations/${id}/decisions`, {
        decision: 'approve',
        digest: decision.approval?.digest ?? '',
        reason,
      });
      await bodyOf(vote);
      return tell(shape.parse(await bodyOf(await call('deploy-agent', 'GET', `/operations/${id}`))));
    },
    readEvidence: async (id) => {
      const links = verifyChain(id, await events(call, id));
      if (links.some(({ fault }) => fault !== undefined)) throw new Error(chainVerdict(id, links));
      return [...chainTable(links).split('\n'), `✓ ${links.length} events, every hash recomputed from here: the chain holds`];
    },
    expect: (operation, status) => {
      if (operation.status !== status) throw new Error(`${operation.id} is ${operation.status}, not ${status}`);
    },
  };
}

type Call = (who: string, method: string, path: string) => Promise<Response>;

async function events(call: Call, id: string): Promise<readonly unknown[]> {
  const items = eventsIn(await bodyOf(await call('auditor', 'GET', `/operations/${id}/events`)));
  if (items === undefined) throw new Error(`the events of ${id} were answered in an unknown form`);
  return items;
}

const awaitEventMs = 30_000;

async function awaitEvent(readEvents: () => Promise<readonly unknown[]>, kind: string): Promise<void> {
  const until = Date.now() + awaitEventMs;
  while (!(await readEvents()).some((event) => eventFrom(event)?.detail.kind === kind)) {
    if (Date.now() > until) throw new Error(`the event "${kind}" did not come`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${JSON.stringify(body)}`);
  return body;
}

function tell(operation: z.output<typeof shape>): ToldOperation {
  return {
    id: operation.id,
    status: operation.status,
    next: operation.next,
    risk: operation.risk.level,
    outcome: operation.decision.outcome,
    reasons: operation.decision.reasons,
    resultStatus: operation.result?.status,
    approvalDigest: operation.decision.approval?.digest,
  };
}
