import { describe, expect, it } from 'vitest';
import { type JsonValue, property } from '../../shared/domain/json.ts';
import { agentCaller, deployAgent } from '../support/cast.ts';
import { routesOf } from '../support/functions-of.ts';
import { exchange } from '../support/http-exchange.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { accountState, approveDeletion, lastMessage, operationOf, readAccount, waitForVotes } from '../support/scenarios.ts';
import { makeWorld, type World } from '../support/world.ts';

const unknownId = `op_${'z'.repeat(26)}`;

async function waiting() {
  const world = makeWorld();
  const id = await waitForVotes(world);
  const digest = (await operationOf(world, id)).shown?.approvalDigest ?? '';
  return { world, id, digest, routes: routesOf(world) };
}

describe('GET /api/operations/{id}', () => {
  it('is a 200 with what there is to vote for', async () => {
    const { routes, id, digest } = await waiting();
    const { status, headers, body } = await exchange(routes.read, { token: 'anna', id });
    expect([status, headers.get('retry-after')]).toEqual([200, '15']);
    expect(body).toMatchObject({ id, decision: { approval: { digest, preview: { state: 'present', body: accountState }, votes: [] } } });
  });

  it.each([
    ['stranger', undefined],
    ['other-agent', undefined],
    ['deploy-agent', unknownId],
    ['deploy-agent', 'op_1'],
  ])('is the same 404 for %s', async (token, otherId) => {
    const { routes, id } = await waiting();
    const { status, headers, body } = await exchange(routes.read, { token, id: otherId ?? id });
    expect([status, headers.get('x-ms-error-code')]).toEqual([404, 'OperationNotFound']);
    expect(body).toEqual({ error: { code: 'OperationNotFound', message: 'There is no such operation.', details: [] } });
  });

  it('waits for the end where it is asked to', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    const delivery = makeMessageDelivery(world);
    world.pauses.meanwhile(async () => {
      await delivery.deliverDue();
    });
    const { status, headers, body } = await exchange(routesOf(world).read, { token: 'deploy-agent', id, headers: { prefer: 'wait=20' } });
    expect([status, headers.get('preference-applied'), headers.has('retry-after')]).toEqual([200, 'wait=20', false]);
    expect(body).toMatchObject({ status: 'succeeded' });
  });

  it('shows the end of what ran, and by whose vote', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    await makeMessageDelivery(world).deliverAll();
    const { body } = await exchange(routesOf(world).read, { token: 'deploy-agent', id });
    expect(body).toMatchObject({
      status: 'succeeded',
      next: 'done',
      result: { status: 200, masked: [] },
      decision: { approval: { received: 1, votes: [{ voter: { name: 'Anna Approver' }, decision: 'approve' }] } },
    });
    expect(body).not.toHaveProperty('decision.approval.expiresAt');
  });
});

describe('GET /api/operations/{id}/events', () => {
  it('is a 200 with the whole chain', async () => {
    const { routes, id } = await waiting();
    const { status, body } = await exchange(routes.events, { token: 'olga', id });
    expect(status).toBe(200);
    const events = property(body, 'value');
    expect(kindsIn(events)).toEqual(['submitted', 'assessed', 'decided', 'assessed', 'decided', 'previewed', 'approvalRequested']);
  });

  it('is a 404 for a stranger', async () => {
    const { routes, id } = await waiting();
    expect((await exchange(routes.events, { token: 'stranger', id })).status).toBe(404);
  });
});

describe('POST /api/operations/{id}/decisions', () => {
  it('is a 200 with what the vote led to', async () => {
    const { routes, id, digest } = await waiting();
    const body = { decision: 'approve', digest, reason: 'Agreed.' };
    const answer = await exchange(routes.decide, { method: 'POST', token: 'anna', id, body });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      status: 'approved',
      decision: { approval: { received: 1, votes: [{ channel: 'api', reason: 'Agreed.' }] } },
    });
  });

  it('is a 200 when it rejects', async () => {
    const { routes, id, digest } = await waiting();
    const answer = await exchange(routes.decide, { method: 'POST', token: 'anna', id, body: { decision: 'reject', digest } });
    expect([answer.status, property(answer.body, 'status'), property(answer.body, 'next')]).toEqual([200, 'rejected', 'stop']);
  });

  it.each([
    ['deploy-agent', 403, 'PersonRequired'],
    ['owen', 403, 'VoterOwnsAgent'],
    ['olga', 403, 'MissingRole'],
    ['stranger', 404, 'OperationNotFound'],
  ])('of %s is a %i, %s', async (token, status, code) => {
    const { routes, id, digest } = await waiting();
    const answer = await exchange(routes.decide, { method: 'POST', token, id, body: { decision: 'approve', digest } });
    expect([answer.status, answer.headers.get('x-ms-error-code')]).toEqual([status, code]);
  });

  it('is a 409 for another digest, and a second time', async () => {
    const { routes, id, digest } = await waiting();
    const vote = (voted: string) =>
      exchange(routes.decide, { method: 'POST', token: 'anna', id, body: { decision: 'approve', digest: voted } });
    const wrong = await vote(`sha256:${'0'.repeat(64)}`);
    expect([wrong.status, wrong.headers.get('x-ms-error-code')]).toEqual([409, 'ApprovalDigestMismatch']);
    expect(wrong.body).toMatchObject({ error: { target: 'digest' } });
    await vote(digest);
    expect((await vote(digest)).headers.get('x-ms-error-code')).toBe('AlreadyVoted');
  });

  it.each<[string, JsonValue, string]>([
    ['no decision', { digest: 'x' }, 'decision'],
    ['a decision that is none', { decision: 'maybe', digest: 'x' }, 'decision'],
    ['no digest', { decision: 'approve' }, 'digest'],
    ['a field that nobody knows', { decision: 'approve', digest: 'x', as: 'anna' }, 'as'],
    ['a reason without end', { decision: 'approve', digest: 'x', reason: 'x'.repeat(2_001) }, 'reason'],
  ])('is a 400 with %s', async (_what, body, field) => {
    const { routes, id, world } = await waiting();
    const before = [...world.effects];
    const answer = await exchange(routes.decide, { method: 'POST', token: 'anna', id, body });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: { code: 'InvalidRequest', target: field } });
    expect(world.effects).toEqual(before);
  });

  it.each([unknownId, 'op_1', ''])('is a 404 where there is no operation: "%s"', async (id) => {
    const { routes, digest } = await waiting();
    const answer = await exchange(routes.decide, { method: 'POST', token: 'anna', id, body: { decision: 'approve', digest } });
    expect(answer.status).toBe(404);
  });

  it('asks for patience before there is a preview', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount({ target: { method: 'DELETE' } }));
    const answer = await exchange(routesOf(world).decide, {
      method: 'POST',
      token: 'anna',
      id,
      body: { decision: 'approve', digest: 'x' },
    });
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('x-ms-error-code')]).toEqual([
      409,
      '2',
      'NotYetPreviewed',
    ]);
  });
});

describe('POST /api/operations/{id}/cancel', () => {
  it('is a 200 with what it now is', async () => {
    const { routes, id } = await waiting();
    const { status, body } = await exchange(routes.cancel, { method: 'POST', token: 'deploy-agent', id });
    expect([status, property(body, 'status'), property(body, 'next')]).toEqual([200, 'cancelled', 'stop']);
  });

  it('is a 409 once it has run', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    await world.execute(lastMessage(world, 'execute'));
    const { status, headers } = await exchange(routesOf(world).cancel, { method: 'POST', token: 'deploy-agent', id });
    expect([status, headers.get('x-ms-error-code')]).toEqual([409, 'NotCancellable']);
  });

  it('is a 404 for another agent', async () => {
    const { routes, id } = await waiting();
    expect((await exchange(routes.cancel, { method: 'POST', token: 'other-agent', id })).status).toBe(404);
  });
});

describe('GET /api/operations', () => {
  it('is a 200 with the newest first and a link to what follows', async () => {
    const world = await listed();
    const first = await exchange(routesOf(world).list, { token: 'deploy-agent', url: '/api/operations?top=2&status=approved' });
    expect(idsIn(first.body)).toEqual(['op_caaaaaaaaaaaaaaaaaaaaaaaaa', 'op_baaaaaaaaaaaaaaaaaaaaaaaaa']);
    const nextLink = new URL(String(property(first.body, 'nextLink')));
    expect(nextLink.origin + nextLink.pathname).toBe('https://countersign.example/api/operations');
    expect([nextLink.searchParams.get('top'), nextLink.searchParams.get('status')]).toEqual(['2', 'approved']);
    const second = await exchange(routesOf(world).list, { token: 'deploy-agent', url: `/api/operations${nextLink.search}` });
    expect(idsIn(second.body)).toEqual(['op_aaaaaaaaaaaaaaaaaaaaaaaaaa']);
    expect(second.body).not.toHaveProperty('nextLink');
  });

  it('says of each what an agent needs and where the rest is', async () => {
    const world = await listed();
    const { body } = await exchange(routesOf(world).list, { token: 'olga', url: '/api/operations?top=1' });
    expect(body).toMatchObject({
      value: [
        {
          id: 'op_caaaaaaaaaaaaaaaaaaaaaaaaa',
          status: 'approved',
          next: 'wait',
          action: 'microsoft.storage/storageaccounts/read',
          agent: { id: deployAgent.objectId, name: 'deploy-agent' },
          risk: { level: 'low' },
          url: 'https://countersign.example/api/operations/op_caaaaaaaaaaaaaaaaaaaaaaaaa',
        },
      ],
    });
  });

  it.each([
    ['from=2026-11-21T20:12:01Z', ['op_caaaaaaaaaaaaaaaaaaaaaaaaa', 'op_baaaaaaaaaaaaaaaaaaaaaaaaa']],
    ['to=2026-11-21T20:12:01Z', ['op_aaaaaaaaaaaaaaaaaaaaaaaaaa']],
    ['from=2026-11-22', []],
    ['action=Microsoft.Storage/storageAccounts/read&top=1', ['op_caaaaaaaaaaaaaaaaaaaaaaaaa']],
    ['status=denied', []],
  ])('is narrowed by %s', async (query, ids) => {
    const world = await listed();
    const { status, body } = await exchange(routesOf(world).list, { token: 'olga', url: `/api/operations?${query}` });
    expect(status).toBe(200);
    expect(idsIn(body)).toEqual(ids);
  });

  it.each([
    ['status=sleeping', 'status'],
    ['top=0', 'top'],
    ['top=201', 'top'],
    ['top=1.5', 'top'],
    ['top=', 'top'],
    ['from=yesterday', 'from'],
    ['to=2026-11-21T20:12:00%2B01:00', 'to'],
    ['sort=age', 'sort'],
    ['Status=approved', 'Status'],
    ['status=approved&status=denied', 'status'],
    ['continuationToken=x', 'continuationToken'],
    ['continuationToken=', 'continuationToken'],
  ])('is a 400 for %s that names %s', async (query, parameter) => {
    const { status, body } = await exchange(routesOf(makeWorld()).list, { token: 'deploy-agent', url: `/api/operations?${query}` });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'InvalidRequest', target: parameter } });
  });

  it('is empty for a person who may read nothing', async () => {
    const { status, body } = await exchange(routesOf(await listed()).list, { token: 'stranger' });
    expect([status, body]).toEqual([200, { value: [] }]);
  });
});

describe('a finding', () => {
  const note = 'The account answers from the other region.';

  async function unknown() {
    const world = makeWorld();
    const id = await approveDeletion(world);
    world.azure.answerCalls({ kind: 'doubtful', reason: 'The connection was cut.' });
    await makeMessageDelivery(world).deliverAll();
    const send = (token: string, body: JsonValue) =>
      exchange(routesOf(world).finding, { method: 'POST', token, url: `/api/operations/${id}/findings`, id, body });
    return { world, id, send };
  }

  it('is a 200 with the operation as it ended, and what was found', async () => {
    const { send } = await unknown();
    const { status, body } = await send('anna', { found: 'effect', note });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'outcomeUnknown',
      next: 'stop',
      findings: [{ by: { name: 'Anna Approver' }, found: 'effect', note }],
    });
  });

  it.each<[string, JsonValue, number, string]>([
    ['deploy-agent', { found: 'effect', note }, 403, 'PersonRequired'],
    ['owen', { found: 'effect', note }, 403, 'VoterOwnsAgent'],
    ['olga', { found: 'effect', note }, 403, 'MissingRole'],
    ['stranger', { found: 'effect', note }, 404, 'OperationNotFound'],
    ['anna', { found: 'perhaps', note }, 400, 'InvalidRequest'],
    ['anna', { found: 'effect', note: ' ' }, 400, 'InvalidRequest'],
    ['anna', { found: 'effect', note, status: 'succeeded' }, 400, 'InvalidRequest'],
  ])('of %s: %j is refused', async (token, body, status, code) => {
    const { world, send } = await unknown();
    const before = [...world.effects];
    const answer = await send(token, body);
    expect([answer.status, answer.headers.get('x-ms-error-code')]).toEqual([status, code]);
    expect(world.effects).toEqual(before);
  });
});

/** Three reads of one agent, a second apart, all of them listed. */
async function listed(): Promise<World> {
  const world = makeWorld();
  for (let count = 0; count < 3; count += 1) {
    await world.submit(agentCaller(deployAgent), readAccount());
    world.clock.advanceMs(1_000);
  }
  await makeMessageDelivery(world).deliverDueOf('project');
  return world;
}

function itemsOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (!Array.isArray(value)) throw new TypeError('not a list');
  return value;
}

function idsIn(body: JsonValue): readonly (JsonValue | undefined)[] {
  return itemsOf(property(body, 'value')).map((entry) => property(entry, 'id'));
}

function kindsIn(events: JsonValue | undefined): readonly (JsonValue | undefined)[] {
  return itemsOf(events).map((event) => property(property(event, 'detail'), 'kind'));
}
