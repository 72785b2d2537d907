import { describe, expect, it } from 'vitest';
import { unconditionalStateWrites } from './state-writes.ts';

const part = (line: string, ...headers: readonly string[]) =>
  [line, 'accept: application/json', ...headers, '', '{"x":1}', ''].join('\r\n');
const state = "http://127.0.0.1:1/account/operations(PartitionKey='op_1',RowKey='state')";

describe('a state that is replaced', () => {
  it('whatever it is now is counted', () => {
    expect(unconditionalStateWrites(part(`PUT ${state} HTTP/1.1`))).toBe(1);
    expect(unconditionalStateWrites(part(`PUT ${state} HTTP/1.1`, 'If-Match: *'))).toBe(1);
    expect(unconditionalStateWrites(part(`PATCH ${state.replaceAll("'", '%27')} HTTP/1.1`))).toBe(1);
  });

  it('only where it is what was read is not', () => {
    expect(unconditionalStateWrites(part(`PUT ${state} HTTP/1.1`, 'If-Match: W/"datetime\'2026\'"'))).toBe(0);
  });

  it('is told from one that is made, and from other rows', () => {
    expect(unconditionalStateWrites(part('POST http://127.0.0.1:1/account/operations HTTP/1.1'))).toBe(0);
    expect(unconditionalStateWrites(part(`PUT ${state.replace('state', 'document-polling')} HTTP/1.1`))).toBe(0);
  });
});
