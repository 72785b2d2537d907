import { describe, expect, it } from 'vitest';
import { claimOf, meetsAll } from '../../../shared/adapters/entra/claim-conditions.ts';
import type { JsonObject } from '../../../shared/domain/json.ts';
import type { ClaimCondition } from '../../../shared/ports/trusted-issuer.ts';

const claims: JsonObject = {
  text: 'Main',
  number: 1,
  yes: true,
  nothing: null,
  list: ['a', 'b'],
  mixed: [1, ['a'], { a: true }],
  scope: 'read operation.submit',
  nested: { 'a/b': { 'c~d': 'deep' }, list: [{ x: 1 }] },
  'https://example.com/role': 'admin',
};

describe('a condition does not hold', () => {
  it.each<[string, ClaimCondition]>([
    ['in another case', { claim: 'text', test: 'equals', anyOf: ['main'] }],
    ['for a part of the value', { claim: 'text', test: 'equals', anyOf: ['Mai'] }],
    ['for a pattern', { claim: 'text', test: 'equals', anyOf: ['*', 'M.*', 'Ma?n'] }],
    ['for another type', { claim: 'number', test: 'equals', anyOf: ['1', true] }],
    ['for a word that means yes', { claim: 'yes', test: 'equals', anyOf: ['true', 1] }],
    ['for what is not there', { claim: 'absent', test: 'equals', anyOf: ['undefined', ''] }],
    ['for what only every object has', { claim: 'constructor', test: 'present', present: true }],
    ['for a list with one entry too few', { claim: 'list', test: 'includes', anyOf: ['c'] }],
    ['for a list within the list', { claim: 'mixed', test: 'includes', anyOf: ['a'] }],
    ['for text instead of a list', { claim: 'text', test: 'includes', anyOf: ['M', 'Main'] }],
    ['for a part of a word', { claim: 'scope', test: 'words', anyOf: ['operation', 'submit'] }],
    ['for a list instead of words', { claim: 'list', test: 'words', anyOf: ['a'] }],
    ['for null where nothing must be', { claim: 'nothing', test: 'present', present: false }],
    ['for a place in a list', { claim: '/nested/list/0/x', test: 'equals', anyOf: [1] }],
  ])('%s', (_, condition) => {
    expect(meetsAll(claims, [condition])).toBe(false);
  });

  it('together with one that does', () => {
    const holds: ClaimCondition = { claim: 'yes', test: 'equals', anyOf: [true] };
    expect(meetsAll(claims, [holds, { claim: 'text', test: 'equals', anyOf: ['other'] }])).toBe(false);
  });
});

describe('a condition holds', () => {
  it.each<[string, ClaimCondition]>([
    ['for one of several values', { claim: 'text', test: 'equals', anyOf: ['other', 'Main'] }],
    ['for an entry of a list', { claim: 'list', test: 'includes', anyOf: ['b', 'z'] }],
    ['for a whole word', { claim: 'scope', test: 'words', anyOf: ['operation.submit'] }],
    ['for what is there', { claim: 'nothing', test: 'present', present: true }],
    ['for what is not there', { claim: 'absent', test: 'present', present: false }],
    ['for a name that is an address', { claim: 'https://example.com/role', test: 'equals', anyOf: ['admin'] }],
    ['for a place', { claim: '/nested/a~1b/c~0d', test: 'equals', anyOf: ['deep'] }],
  ])('%s', (_, condition) => {
    expect(meetsAll(claims, [condition])).toBe(true);
  });

  it('where there is none', () => {
    expect(meetsAll(claims, [])).toBe(true);
  });
});

it.each(['__proto__', '/__proto__/toString', '/nested/constructor', '/text/length', '/list/length'])('there is nothing at %s', (name) => {
  expect(claimOf(claims, name)).toBeUndefined();
});
