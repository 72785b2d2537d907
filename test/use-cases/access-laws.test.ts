import { describe, expect, it } from 'vitest';
import type { EventDetail } from '../../shared/domain/event.ts';
import { advance } from '../../shared/domain/history.ts';
import { instant } from '../../shared/domain/instant.ts';
import type { Operation } from '../../shared/domain/operation.ts';
import { replay } from '../../shared/domain/transition.ts';
import { approveDeletion, lastMessage, storedOf } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

const at = instant('2026-11-21T20:13:00.000Z');

/** An operation that waits for its right, as it was when it was claimed and as it is now; and what it asked for. */
async function awaitingAccess() {
  const world = makeWorld({ rights: 'perOperation' });
  const id = await approveDeletion(world);
  world.access.holdBack(true);
  await world.execute(lastMessage(world, 'execute'));
  const { events, operation } = await storedOf(world, id);
  const claimedAt = events.findIndex(({ detail }) => detail.kind === 'executionStarted');
  const requested = events.flatMap(({ detail }) => (detail.kind === 'accessRequested' ? [detail] : []))[0];
  if (requested === undefined) throw new Error('no right was asked for');
  return { claimed: replay(events.slice(0, claimedAt + 1)), awaiting: operation, requested };
}

function codeOf(operation: Operation, ...details: readonly EventDetail[]): string {
  try {
    const happenings = details.map((detail) => ({ actor: { kind: 'countersign', role: 'executor' } as const, at, detail }));
    advance(operation.id, operation, happenings);
    return 'taken';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'another error';
  }
}

describe('the state machine refuses', () => {
  it('a right of another attempt', async () => {
    const { claimed, requested } = await awaitingAccess();
    expect(codeOf(claimed, requested)).toBe('taken');
    expect(codeOf(claimed, { ...requested, grant: { ...requested.grant, attempt: 2 } })).toBe('notNamed');
  });

  it('a second right for one attempt', async () => {
    const { claimed, requested } = await awaitingAccess();
    expect(codeOf(claimed, requested, requested)).toBe('notNamed');
  });

  it('a call while its right is on its way', async () => {
    const { awaiting } = await awaitingAccess();
    expect(codeOf(awaiting, { kind: 'callStarted', digest: awaiting.digest, leaseUntil: at })).toBe('notNamed');
  });

  it('that another attempt’s right came', async () => {
    const { awaiting } = await awaitingAccess();
    expect(codeOf(awaiting, { kind: 'accessPropagated', attempt: 1, leaseUntil: at })).toBe('taken');
    expect(codeOf(awaiting, { kind: 'accessPropagated', attempt: 2, leaseUntil: at })).toBe('notNamed');
  });

  it('an end that says that the call succeeded', async () => {
    const { awaiting } = await awaitingAccess();
    const finished = { kind: 'executionFinished', detail: 'x', result: { masked: [] } } as const;
    expect(codeOf(awaiting, { ...finished, outcome: 'succeeded' })).toBe('notNamed');
    expect(codeOf(awaiting, { ...finished, outcome: 'failed' })).toBe('taken');
  });
});
