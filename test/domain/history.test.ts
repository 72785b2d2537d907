import { describe, expect, it } from 'vitest';
import { findChainFault } from '../../shared/domain/event-chain.ts';
import { advance } from '../../shared/domain/history.ts';
import { replay } from '../../shared/domain/transition.ts';
import { details, happening, operationId, operations } from './sample-operation.ts';

const begin = [details.submitted, details.assessed, details.decidedAllow].map((detail) => happening(detail));

describe('advancing an operation', () => {
  it('is refused where one of its happenings does not fit, and nothing comes of the others', () => {
    expect(() => advance(operationId, operations.shown, [happening(details.voteRecordedApprove), happening(details.callStarted)])).toThrow(
      expect.objectContaining({ code: 'notNamed' }),
    );
  });

  it('is refused where it would end before a decision', () => {
    expect(() => advance(operationId, undefined, begin.slice(0, 2))).toThrow(expect.objectContaining({ code: 'incomplete' }));
    expect(() => advance(operationId, undefined, [])).toThrow(expect.objectContaining({ code: 'incomplete' }));
  });

  it('judges each happening by its own time', () => {
    const late = happening(details.voteRecordedApprove, '2026-11-22T00:12:00.000Z');
    expect(() => advance(operationId, operations.shown, [late])).toThrow(expect.objectContaining({ code: 'tooLate' }));
  });

  it('gives the events and the operation that they tell', () => {
    const { operation, events } = advance(operationId, undefined, begin);
    expect(events.map(({ sequence, detail }) => [sequence, detail.kind])).toEqual([
      [1, 'submitted'],
      [2, 'assessed'],
      [3, 'decided'],
    ]);
    expect(findChainFault(operationId, events)).toBeUndefined();
    expect(replay(events)).toEqual(operation);
  });

  it('goes on where the operation stands, and leaves that as it was', () => {
    const before = structuredClone(operations.shown);
    const { operation, events } = advance(operationId, operations.shown, [
      happening(details.voteRecordedApprove),
      happening(details.approved),
    ]);
    expect(operation.status).toBe('approved');
    expect(events.map(({ sequence }) => sequence)).toEqual([5, 6]);
    expect(operations.shown).toEqual(before);
  });
});
