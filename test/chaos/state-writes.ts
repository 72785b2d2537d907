/** A write of an existing entity in a transaction of Table Storage, with its headers. Source: learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions. */
const writeOfState = /^(?:PUT|PATCH|MERGE) \S*RowKey=(?:'|%27)state(?:'|%27)\S* HTTP\/1\.1\r\n((?:[^\r\n]+\r\n)*)/gim;

/** How many of the states that this transaction replaces it would replace whatever they are now. */
export function unconditionalStateWrites(transaction: string): number {
  return [...transaction.matchAll(writeOfState)].filter(([, headers = '']) => !/^if-match: ?W\//im.test(headers)).length;
}
