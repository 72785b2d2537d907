import { type Pipeline, RestError } from '@azure/core-rest-pipeline';

/** `lost`: the server did it and its answer never came. `refused`: nothing arrived. `garbled`: the server did it, a proxy answered 500. */
export type Fault = 'lost' | 'refused' | 'garbled';

export type FailingNetwork = {
  /** The next writes (transactions, inserts, updates) meet these faults, in this order; later ones none. */
  failWrites(...faults: Fault[]): void;
  /** Every read fails until there are no more of these. */
  failReads(times: number): void;
  readonly writesSent: number;
};

/** Puts faults between the SDK's own repeats and the network, where a dropped connection would happen. */
export function failingNetwork(pipeline: Pipeline): FailingNetwork {
  const writes: Fault[] = [];
  let reads = 0;
  let writesSent = 0;
  pipeline.addPolicy(
    {
      name: 'failingNetwork',
      sendRequest: async (request, next) => {
        const reset = () => new RestError('socket hang up', { code: 'ECONNRESET', request });
        if (request.method === 'GET') {
          if (reads === 0) return next(request);
          reads -= 1;
          throw reset();
        }
        const fault = writes.shift();
        if (fault === 'refused') throw reset();
        writesSent += 1;
        const response = await next(request);
        if (fault === 'lost') throw reset();
        return fault === 'garbled' ? { ...response, status: 500, bodyAsText: '' } : response;
      },
    },
    { afterPhase: 'Retry' },
  );
  return {
    failWrites: (...faults) => {
      writes.push(...faults);
    },
    failReads: (times) => {
      reads = times;
    },
    get writesSent() {
      return writesSent;
    },
  };
}
