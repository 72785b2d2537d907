import { describe, expect, it } from 'vitest';
import { oncePipeline } from '../../../shared/adapters/resource-manager/arm-exchange.ts';

describe('the pipeline of effect calls', () => {
  it('has no policy that could repeat, redirect or re-authorise a request', () => {
    const names = oncePipeline('https://management.azure.com')
      .getOrderedPolicies()
      .map(({ name }) => name);
    expect(names).toEqual([
      'wrapAbortSignalLikePolicy',
      'formDataPolicy',
      'userAgentPolicy',
      'setClientRequestIdPolicy',
      'ApiVersionPolicy',
      'multipartPolicy',
      'tracingPolicy',
      'logPolicy',
    ]);
  });
});
