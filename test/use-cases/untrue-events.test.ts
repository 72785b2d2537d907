import { describe, expect, it } from 'vitest';
import type { EventDetail } from '../../shared/domain/event.ts';
import { advance } from '../../shared/domain/history.ts';
import { agentCaller, deployAgent } from '../support/cast.ts';
import { account, deleteAccount, operationOf, standAccount, storedOf } from '../support/scenarios.ts';
import { allow } from '../support/scripted-policies.ts';
import { makeWorld, type World } from '../support/world.ts';

/*
 * Whoever takes over the edge can write events whose chain holds, and tell people one thing in them while the sealed request is another.
 * It is the request that is judged and sent, so that such an operation must never get as far as a card or a call.
 */

type Submitted = Extract<EventDetail, { kind: 'submitted' }>;

const lies: readonly { readonly about: string; readonly lie: (told: Submitted) => Partial<Submitted> }[] = [
  { about: 'the path', lie: ({ target }) => ({ target: { ...target, path: `${account}-sandbox` } }) },
  { about: 'the resource', lie: ({ target }) => ({ target: { ...target, resourceId: `${account}-sandbox` } }) },
  { about: 'the type', lie: ({ target }) => ({ target: { ...target, type: 'microsoft.storage/storageaccounts/queues' } }) },
  { about: 'the method', lie: ({ target }) => (target.kind === 'arm' ? { target: { ...target, method: 'GET' } } : {}) },
  { about: 'the action', lie: () => ({ action: 'microsoft.storage/storageaccounts/read' }) },
  { about: 'the API version', lie: ({ target }) => ({ target: { ...target, apiVersion: '2023-01-01' } }) },
  { about: 'a parameter that is not there', lie: ({ target }) => ({ target: { ...target, query: { whatif: 'true' } } }) },
  { about: 'a condition that is not there', lie: ({ target }) => ({ target: { ...target, headers: { 'if-match': '"1"' } } }) },
  { about: 'the reason', lie: () => ({ justification: 'It is only a test.' }) },
  { about: 'the agent', lie: ({ agent }) => ({ agent: { ...agent, name: 'trusted-agent' } }) },
];

describe.each(lies)('events that lie about $about', ({ lie }) => {
  it('are never shown to an approver', async () => {
    const { world, id } = await forged(lie);
    const { head } = await operationOf(world, id);
    await world.requestApproval({ operationId: id, purpose: 'requestApproval', sequence: head.sequence, commit: head.hash, attempt: 0 });
    expect(world.channel.shown).toEqual([]);
    expect(await operationOf(world, id)).toMatchObject({
      status: 'denied',
      detail: 'The stored request is not the one that was submitted.',
    });
  });

  it('never lead to a call', async () => {
    const { world, id } = await forged(lie, allow());
    const { head } = await operationOf(world, id);
    await world.execute({ operationId: id, purpose: 'execute', sequence: head.sequence, commit: head.hash, attempt: 0 });
    expect(world.azure.calls).toEqual([]);
    expect((await storedOf(world, id)).events.at(-1)?.detail).toMatchObject({ kind: 'executionStopped', code: 'digestMismatch' });
    expect(world.log.lines).toContain(`error: alarm: an approval does not hold {"operationId":"${id}","code":"digestMismatch"}`);
  });
});

it('does not trust a decision that was stored: what needs an approval now does not run without one', async () => {
  const { world, id } = await forged(() => ({}), allow());
  const { head } = await operationOf(world, id);
  await world.execute({ operationId: id, purpose: 'execute', sequence: head.sequence, commit: head.hash, attempt: 0 });
  expect(world.azure.calls).toEqual([]);
  expect((await storedOf(world, id)).events.at(-1)?.detail).toMatchObject({ kind: 'executionStopped', code: 'votesInsufficient' });
});

/** A world in which the deletion was stored with a genuine sealed request, a sound chain, and events that tell something else. */
async function forged(lie: (told: Submitted) => Partial<Submitted>, decision?: Extract<EventDetail, { kind: 'decided' }>['decision']) {
  const honest = makeWorld();
  standAccount(honest);
  const { id } = await honest.submit(agentCaller(deployAgent), deleteAccount());
  const value = await honest.store.readDocument(id, 'request');
  if (value === undefined) throw new RangeError('nothing was sealed');
  const { events } = await storedOf(honest, id);
  const happenings = events.map(({ actor, at, detail }) => ({ actor, at, detail: told(detail, lie, decision) }));
  const world: World = makeWorld();
  standAccount(world);
  await world.store.create({ ...advance(id, undefined, happenings), documents: [{ name: 'request', value }] });
  return { world, id };
}

function told(
  detail: EventDetail,
  lie: (told: Submitted) => Partial<Submitted>,
  decision?: Extract<EventDetail, { kind: 'decided' }>['decision'],
): EventDetail {
  if (detail.kind === 'submitted') return { ...detail, ...lie(detail) };
  return detail.kind === 'decided' && decision !== undefined ? { ...detail, decision } : detail;
}
