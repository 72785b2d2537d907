import { type HttpMethods, type Pipeline, RestError } from '@azure/core-rest-pipeline';

/** `lost`: the server did it and its answer never came. `refused`: nothing arrived. `garbled`: the server did it, a proxy answered 500. */
export type Fault = 'lost' | 'refused' | 'garbled';

export type FailingNetwork = {
  /** The next requests of this method meet these faults, in this order; later ones none. */
  fail(method: HttpMethods, ...faults: Fault[]): void;
};

/** Puts faults between the SDK's own repeats and the network, where a dropped connection would happen. */
export function failingNetwork(pipeline: Pipeline): FailingNetwork {
  const coming = new Map<HttpMethods, Fault[]>();
  pipeline.addPolicy(
    {
      name: 'failingNetwork',
      sendRequest: async (request, next) => {
        const fault = coming.get(request.method)?.shift();
        const reset = () => new RestError('socket hang up', { code: 'ECONNRESET', request });
        if (fault === 'refused') throw reset();
        const response = await next(request);
        if (fault === 'lost') throw reset();
        return fault === 'garbled' ? { ...response, status: 500, bodyAsText: '' } : response;
      },
    },
    { afterPhase: 'Retry' },
  );
  return { fail: (method, ...faults) => coming.set(method, [...(coming.get(method) ?? []), ...faults]) };
}
