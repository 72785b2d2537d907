import { describe, expect, it } from 'vitest';
import { tableCall } from './counting-proxy.ts';

describe('what Table Storage is asked for', () => {
  it.each([
    ['POST', '/account/$batch', { kind: 'transaction', table: 'operations' }],
    ['POST', '/account/limits', { kind: 'write', table: 'limits' }],
    ['PUT', "/account/operationIndex(PartitionKey='list-0',RowKey='1')", { kind: 'write', table: 'operationIndex' }],
    ['DELETE', "/account/operationIndex(PartitionKey='waiting-0',RowKey='1')", { kind: 'delete', table: 'operationIndex' }],
    ['GET', "/account/limits(PartitionKey='a',RowKey='b')", { kind: 'pointRead', table: 'limits' }],
    ['GET', '/account/operations()?$filter=PartitionKey%20eq%20%27op_1%27', { kind: 'query', table: 'operations' }],
  ])('%s %s', (method, url, call) => {
    expect(tableCall({ method, url })).toEqual(call);
  });
});
