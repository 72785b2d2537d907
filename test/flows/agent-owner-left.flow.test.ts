import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Environment, startEnvironment } from '../../infra/local/environment.ts';
import { subscriptionId } from '../../infra/local/seed.ts';

/**
 * The contractor who left and whose agent went on. The agent's token is a day's token of a managed identity: nothing in it changes when its owner's account
 * ends, so only what Countersign asks for itself can stop it.
 */
const account = `/subscriptions/${subscriptionId}/resourceGroups/rg-prod/providers/Microsoft.Storage/storageAccounts/stproddata`;
const read = { kind: 'arm', method: 'GET', path: account, apiVersion: '2024-01-01' };
const justification = 'The migration is done and nobody needs it any more.';

const operationShape = z.object({
  id: z.string(),
  status: z.string(),
  decision: z.object({ approval: z.object({ digest: z.string().optional(), required: z.number() }).optional() }),
});
type OperationView = z.output<typeof operationShape>;

let directory: string;
let environment: Environment;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-owner-left-'));
  const settings = { COUNTERSIGN_DIRECTORY_MAX_AGE_SECONDS: '0' };
  environment = await startEnvironment({ directory, ports: 'free', settings });
});

afterAll(async () => {
  await environment.stop();
  await rm(directory, { recursive: true });
});

type Answer = { readonly status: number; readonly code: string | null; readonly body: unknown };

async function call(token: string, method: 'GET' | 'POST', path: string, body?: unknown, prefer = ''): Promise<Answer> {
  const response = await fetch(`${environment.endpoints.api}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', prefer },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, code: response.headers.get('x-ms-error-code'), body: await response.json() };
}

async function as(name: string, method: 'GET' | 'POST', path: string, body?: unknown, prefer?: string): Promise<Answer> {
  return await call(await environment.identity.issueToken(name), method, path, body, prefer);
}

function operationOf({ body }: Answer): OperationView {
  return operationShape.parse(body);
}

/** Reads as the auditor until it is as expected; gives up after so many readings. */
async function until(id: string, asExpected: (operation: OperationView) => boolean): Promise<OperationView> {
  for (let reading = 0; reading < 300; reading += 1) {
    const operation = operationOf(await as('auditor', 'GET', `/operations/${id}`));
    if (asExpected(operation)) return operation;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Operation ${id} never came to be as expected.`);
}

async function vote(name: string, id: string): Promise<Answer> {
  const { decision } = await until(id, (operation) => operation.decision.approval?.digest !== undefined);
  return await as(name, 'POST', `/operations/${id}/decisions`, { decision: 'approve', digest: decision.approval?.digest });
}

async function askForDeletion(): Promise<OperationView> {
  return operationOf(await as('deploy-agent', 'POST', '/operations', { target: { ...read, method: 'DELETE' }, justification }));
}

async function kindsOf(id: string): Promise<unknown[]> {
  const { body } = await as('auditor', 'GET', `/operations/${id}/events`);
  return z
    .object({ value: z.array(z.looseObject({ detail: z.looseObject({ kind: z.string() }) })) })
    .parse(body)
    .value.map(({ detail }) => detail);
}

const deletions = () => environment.resourceManager.requests().filter(({ method }) => method === 'DELETE');

/** Every thing that an agent can do. */
const routes: readonly (readonly [string, 'GET' | 'POST', (id: string) => string, unknown])[] = [
  ['ask for something', 'POST', () => '/operations', { target: read, justification }],
  ['ask what would be', 'POST', () => '/operations/assess', { target: read, justification }],
  ['read', 'GET', (id) => `/operations/${id}`, undefined],
  ['read the evidence', 'GET', (id) => `/operations/${id}/events`, undefined],
  ['list', 'GET', () => '/operations', undefined],
  ['cancel', 'POST', (id) => `/operations/${id}/cancel`, undefined],
  ['vote', 'POST', (id) => `/operations/${id}/decisions`, { decision: 'approve', digest: `sha256:${'0'.repeat(64)}` }],
];

describe('the contractor who left and whose agent went on', () => {
  let tokenOfThatDay: string;
  let waiting: OperationView;

  it('while the contractor is there, the agent reads, and asks for a deletion that people must approve', async () => {
    tokenOfThatDay = await environment.identity.issueToken('deploy-agent');
    const answer = await call(tokenOfThatDay, 'POST', '/operations', { target: read, justification }, 'wait=20');
    expect([answer.status, operationOf(answer).status]).toEqual([200, 'succeeded']);
    waiting = await askForDeletion();
    expect(waiting.status).toBe('awaitingApproval');
  });

  it('the last approval comes after the contractor has left, and nothing is sent to Azure', async () => {
    const required = waiting.decision.approval?.required ?? 0;
    const voters = ['approver-1', 'approver-2'].slice(0, required);
    const last = voters.pop() ?? '';
    for (const name of voters) expect((await vote(name, waiting.id)).status).toBe(200);
    expect(environment.identity.changePerson('agent-owner', { accountEnabled: false })).toBe(true);
    expect((await vote(last, waiting.id)).status).toBe(200);
    await until(waiting.id, ({ status }) => status === 'denied');
    expect(await kindsOf(waiting.id)).toContainEqual({
      kind: 'executionStopped',
      code: 'agentRefused',
      detail: "The account of the agent's owner is disabled or gone.",
      end: 'denied',
    });
    expect(deletions()).toEqual([]);
  });

  it.each(routes)('with its good token of that day the agent may not %s', async (_, method, pathOf, body) => {
    expect(await call(tokenOfThatDay, method, pathOf(waiting.id), body)).toMatchObject({ status: 403, code: 'AgentRefused' });
  });

  it('a new token is good and helps as little', async () => {
    expect(await as('deploy-agent', 'POST', '/operations', { target: read, justification })).toMatchObject({
      status: 403,
      code: 'AgentRefused',
    });
  });

  it("the contractor's other agent is refused as well", async () => {
    expect(await as('audit-agent', 'POST', '/operations', { target: read, justification })).toMatchObject({
      status: 403,
      code: 'AgentRefused',
    });
  });

  it('once the account is deleted it is the same', async () => {
    environment.identity.changePerson('agent-owner', { accountEnabled: true, deleted: true });
    expect(await call(tokenOfThatDay, 'GET', `/operations/${waiting.id}`)).toMatchObject({ status: 403, code: 'AgentRefused' });
  });

  it('people still read what the agent did', async () => {
    expect(operationOf(await as('auditor', 'GET', `/operations/${waiting.id}`))).toMatchObject({ status: 'denied' });
  });

  it('when the contractor is back the agent may ask again, and what was refused stays refused', async () => {
    environment.identity.changePerson('agent-owner', { deleted: false });
    expect((await call(tokenOfThatDay, 'POST', '/operations', { target: read, justification })).status).toBeLessThan(300);
    expect(operationOf(await call(tokenOfThatDay, 'GET', `/operations/${waiting.id}`))).toMatchObject({ status: 'denied' });
    expect(deletions()).toEqual([]);
  });
});
