import { describe, expect, it } from 'vitest';
import { followGrants } from '../../../shared/domain/access/follow-grants.ts';
import type { EventDetail, OperationEvent } from '../../../shared/domain/event.ts';
import { appendToChain } from '../../../shared/domain/event-chain.ts';
import { instant } from '../../../shared/domain/instant.ts';
import type { HeldGrant } from '../../../shared/domain/operation.ts';

const at = instant('2026-11-21T20:12:00.000Z');

const held = (standing: HeldGrant['standing'], attempt = 1): HeldGrant => ({
  attempt,
  tier: 'operator',
  assignmentId: `/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/${attempt}`,
  scope: '/subscriptions/s',
  role: { id: 'r', name: 'Reader' },
  principalId: 'p',
  needs: [],
  standing,
});

function event(detail: EventDetail): OperationEvent {
  const [made] = appendToChain('op_aaaaaaaaaaaaaaaaaaaaaaaaaa', undefined, [
    { actor: { kind: 'countersign', role: 'executor' }, at, detail },
  ]);
  if (made === undefined) throw new Error('no event');
  return made;
}

describe('no event says of a grant', () => {
  it.each([
    ['that it is given once it is removed', 'removed', { kind: 'accessGranted', attempt: 1 }],
    ['that it is gone before it is removed', 'propagated', { kind: 'accessRevoked', attempt: 1, confirmed: true }],
    ['of another attempt that it is removed', 'propagated', { kind: 'accessRemoved', attempt: 2 }],
  ] as const)('%s', (_, standing, detail) => {
    expect(followGrants([held(standing)], event(detail))).toBeUndefined();
  });
});

describe('a grant', () => {
  it('is held until it is known to be gone', () => {
    expect(followGrants([held('requested')], event({ kind: 'accessGranted', attempt: 1 }))).toEqual([held('granted')]);
    expect(followGrants([held('propagated')], event({ kind: 'accessRemoved', attempt: 1 }))).toEqual([held('removed')]);
    expect(followGrants([held('removed')], event({ kind: 'accessRevoked', attempt: 1, confirmed: false }))).toEqual([]);
  });

  it('does not go with that of another attempt', () => {
    expect(followGrants([held('removed'), held('propagated', 2)], event({ kind: 'accessRevoked', attempt: 1, confirmed: true }))).toEqual([
      held('propagated', 2),
    ]);
  });

  it('goes where it is found left over', () => {
    const { assignmentId } = held('propagated');
    expect(followGrants([held('propagated')], event({ kind: 'leftoverAccessRemoved', assignmentId }))).toEqual([]);
  });
});
