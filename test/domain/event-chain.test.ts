import { describe, expect, it } from 'vitest';
import type { OperationEvent } from '../../shared/domain/event.ts';
import { appendToChain, type ChainFault, eventJson, findChainFault, genesisHash } from '../../shared/domain/event-chain.ts';
import { instant } from '../../shared/domain/instant.ts';
import { bob, details, digestFilledWith, happening, operationId, otherOperationId } from './sample-operation.ts';

const happenings = [details.submitted, details.assessed, details.decidedRequireApproval].map((detail) => happening(detail));
const chain = appendToChain(operationId, undefined, happenings);
const [first, second, third] = chain;
if (first === undefined || second === undefined || third === undefined) throw new RangeError('the chain has three events');

function faultOf(...events: readonly OperationEvent[]): ChainFault | undefined {
  return findChainFault(operationId, events);
}

describe('tampering with a chain is found', () => {
  it.each<[string, OperationEvent]>([
    ['what was done', { ...second, detail: { kind: 'cancelled' } }],
    ['one word of it', { ...second, detail: { ...details.assessed, assessment: { ...details.assessed.assessment, level: 'low' } } }],
    ['who did it', { ...second, actor: { kind: 'person', ...bob } }],
    ['when it was done', { ...second, at: instant('2026-11-21T20:21:00.001Z') }],
    ['its hash', { ...second, hash: digestFilledWith('0') }],
  ])('where somebody changed %s', (_, changed) => {
    expect(faultOf(first, changed, third)).toEqual({ sequence: 2, fault: 'wrongHash' });
  });

  it('where somebody changed an event and reckoned its hash again', () => {
    const [, forged] = appendToChain(operationId, undefined, [happening(details.submitted), happening(details.cancelled)]);
    if (forged === undefined) throw new RangeError('two events were asked for');
    expect(faultOf(first, forged, third)).toEqual({ sequence: 3, fault: 'wrongPrevious' });
  });

  it('where the first event is missing', () => {
    expect(faultOf(second, third)).toEqual({ sequence: 2, fault: 'gap' });
  });

  it('where an event in between is missing', () => {
    expect(faultOf(first, third)).toEqual({ sequence: 3, fault: 'gap' });
  });

  it('where an event in between is missing and the others were counted anew', () => {
    expect(faultOf(first, { ...third, sequence: 2 })).toEqual({ sequence: 2, fault: 'wrongPrevious' });
  });

  it('where two events changed places', () => {
    expect(faultOf(first, third, second)).toEqual({ sequence: 3, fault: 'gap' });
  });

  it('where an event stands twice', () => {
    expect(faultOf(first, second, second, third)).toEqual({ sequence: 2, fault: 'gap' });
  });

  it('where something was put before the first event', () => {
    expect(faultOf({ ...first, sequence: 0 }, first, second, third)).toEqual({ sequence: 0, fault: 'gap' });
  });

  it('where an event of another operation stands in it', () => {
    const [, moved] = appendToChain(otherOperationId, undefined, happenings);
    if (moved === undefined) throw new RangeError('three events were asked for');
    expect(faultOf(first, moved, third)).toEqual({ sequence: 2, fault: 'foreign' });
  });

  it('where an event of another operation was given the name of this one', () => {
    const [begun] = appendToChain(otherOperationId, undefined, happenings);
    if (begun === undefined) throw new RangeError('three events were asked for');
    expect(faultOf({ ...begun, operationId }, second, third)).toEqual({ sequence: 1, fault: 'wrongPrevious' });
  });

  it('where a whole chain is shown for another operation', () => {
    expect(findChainFault(otherOperationId, chain)).toEqual({ sequence: 1, fault: 'foreign' });
  });
});

describe('a chain', () => {
  it('that holds has no fault', () => {
    expect(findChainFault(operationId, chain)).toBeUndefined();
  });

  it('begins at a hash of its operation, which no other has', () => {
    expect(first.previousHash).toBe(genesisHash(operationId));
    expect(genesisHash(operationId)).not.toBe(genesisHash(otherOperationId));
  });

  it('is the same however many events are appended at a time', () => {
    const [one, ...rest] = happenings;
    if (one === undefined) throw new RangeError('there are three');
    const [begun] = appendToChain(operationId, undefined, [one]);
    if (begun === undefined) throw new RangeError('one event was asked for');
    expect([begun, ...appendToChain(operationId, begun, rest)]).toEqual(chain);
  });

  it('goes on from its head', () => {
    const [next] = appendToChain(operationId, third, [happening(details.cancelled)]);
    expect(next).toMatchObject({ sequence: 4, previousHash: third.hash });
  });

  it('hashes the same event equally after it was stored and read', () => {
    const stored: OperationEvent = JSON.parse(JSON.stringify(eventJson(second)));
    expect(faultOf(first, stored, third)).toBeUndefined();
  });
});
