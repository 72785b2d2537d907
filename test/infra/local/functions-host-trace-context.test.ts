import { describe, expect, it } from 'vitest';
import { makeTraceContext } from '../../../infra/local/functions-host/trace-context.ts';

describe('a trace context that is not taken over', () => {
  it.each([
    ['absent', undefined],
    ['not one', 'op_1'],
    ['of no trace', '00-00000000000000000000000000000000-b7ad6b7169203331-01'],
    ['of no span', '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01'],
    ['of the forbidden version', 'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    ['in upper case', '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01'],
    ['longer than its version is', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more'],
  ])('%s', (_, traceParent) => {
    const context = makeTraceContext(traceParent, 'vendor=1');
    expect(context.traceParent).not.toContain('0af7651916cd43dd8448eb211c80319c');
    expect(context).toMatchObject({ traceParent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/), traceState: '' });
  });
});

describe('a trace context that is taken over', () => {
  it.each([
    ['of version 00', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    ['of a later version, with more behind it', '01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more'],
  ])('%s', (_, traceParent) => {
    expect(makeTraceContext(traceParent, 'vendor=1')).toMatchObject({
      traceParent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/),
      traceState: 'vendor=1',
    });
  });
});
