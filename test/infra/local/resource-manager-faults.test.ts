import { describe, expect, it } from 'vitest';
import { type FaultName, Faults } from '../../../infra/local/resource-manager/faults.ts';

const request = { method: 'DELETE', path: '/subscriptions/s/resourceGroups/RG-dev', clientRequestId: 'op-1' };
const makeFaults = () => new Faults(() => {});

/** The names of the faults that so many requests meet on arrival. */
function arrivals(faults: Faults, count: number, of = request): readonly (FaultName | undefined)[] {
  return Array.from({ length: count }, () => faults.of(of).next('arrival')?.fault.name);
}

describe('a fault', () => {
  it('is refused where it makes no sense', () => {
    const faults = makeFaults();
    expect(() => faults.inject({ name: 'throttle', times: 0 })).toThrow();
    expect(() => faults.inject({ name: 'throttle', nth: 0 })).toThrow();
    expect(() => faults.inject({ name: 'slow', delayMs: -1 })).toThrow();
    expect(() => faults.randomly({ seed: 1, rates: { throttle: 1.5 } })).toThrow();
  });

  it.each([
    ['another method', { method: 'GET' }],
    ['another path', { pathEnd: '/resourceGroups/rg-prod' }],
    ['another part of the path', { pathPart: '/operations/' }],
    ['another client request id', { clientRequestId: 'op-2' }],
  ])('does not meet a request with %s', (_, match) => {
    const faults = makeFaults();
    faults.inject({ name: 'throttle', match });
    expect(arrivals(faults, 1)).toEqual([undefined]);
  });

  it('meets the request that it matches, whatever the casing', () => {
    const faults = makeFaults();
    faults.inject({
      name: 'throttle',
      match: { method: 'delete', pathPart: '/SUBSCRIPTIONS/', pathEnd: '/resourcegroups/rg-dev', clientRequestId: 'OP-1' },
    });
    expect(arrivals(faults, 1)).toEqual(['throttle']);
  });

  it('happens from the n-th occasion on, as often as was said', () => {
    const faults = makeFaults();
    faults.inject({ name: 'unavailable', nth: 2, times: 2 });
    expect(arrivals(faults, 4)).toEqual([undefined, 'unavailable', 'unavailable', undefined]);
  });

  it('waits in line behind those before it', () => {
    const faults = makeFaults();
    faults.inject({ name: 'throttle' });
    faults.inject({ name: 'resetBeforeEffect', nth: 2 });
    expect(arrivals(faults, 3)).toEqual(['throttle', 'resetBeforeEffect', undefined]);
  });

  it('does not use up its turn on a request that it cannot meet', () => {
    const faults = makeFaults();
    const injected = faults.inject({ name: 'truncatedBody' });
    const asked = [faults.of(request).next('answer', (name) => name !== 'truncatedBody'), faults.of(request).next('answer')];
    expect([asked.map((each) => each?.fault.name), injected.happened()]).toEqual([[undefined, 'truncatedBody'], 1]);
  });

  it('does not happen after it was cleared', () => {
    const faults = makeFaults();
    faults.inject({ name: 'throttle' });
    faults.randomly({ seed: 1, rates: { throttle: 1 } });
    faults.clear();
    expect(arrivals(faults, 1)).toEqual([undefined]);
  });
});

describe('chance', () => {
  const drawn = (seed: number) => {
    const faults = makeFaults();
    faults.randomly({ seed, rates: { throttle: 0.3, unavailable: 0.3 } });
    return arrivals(faults, 20);
  };

  it('is the same for the same seed, and another for another', () => {
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
  });

  it('leaves alone what it is not to meet', () => {
    const faults = makeFaults();
    faults.randomly({ seed: 1, rates: { throttle: 1 }, match: { method: 'PUT' } });
    expect(arrivals(faults, 2)).toEqual([undefined, undefined]);
  });

  it('counts what happened', () => {
    const faults = makeFaults();
    faults.randomly({ seed: 1, rates: { throttle: 1 } });
    arrivals(faults, 3);
    expect(faults.happened()).toEqual({ throttle: 3 });
  });
});
