import { describe, expect, it } from 'vitest';
import { parseQuery, parseRequestTarget } from '../../../infra/local/functions-host/request-target.ts';

describe('a request target that the cloud answers with 400', () => {
  it.each([
    ['is relative', 'arm/x'],
    ['is the asterisk', '*'],
    ['is empty', ''],
    ['holds an escaped NUL', '/arm/a%00b'],
    ['holds a raw byte beyond ASCII', '/arm/é'],
    ['holds a space', '/arm/a b'],
    ['holds a control character', '/arm/a\u0001b'],
  ])('%s', (_, target) => {
    expect(parseRequestTarget(target)).toBeUndefined();
  });
});

describe('the path that routes match and the path in request.url', () => {
  it.each([
    ['a plain path stays', '/api/operations/op_1', '/api/operations/op_1', '/api/operations/op_1'],
    ['an escaped letter is decoded', '/%61pi', '/api', '/api'],
    ['an escaped slash stays escaped, as written', '/arm/a%2Fb%2fc', '/arm/a%2Fb%2fc', '/arm/a%2Fb%2fc'],
    ['an escaped space is decoded and escaped again', '/arm/a%20b', '/arm/a b', '/arm/a%20b'],
    ['UTF-8 is decoded and escaped again in upper case', '/arm/%c3%a9', '/arm/é', '/arm/%C3%A9'],
    ['a character of four bytes', '/arm/%F0%9F%94%92', '/arm/🔒', '/arm/%F0%9F%94%92'],
    ['bytes that are not UTF-8 stay escaped', '/arm/%ff%c3(', '/arm/%ff%c3(', '/arm/%ff%c3('],
    ['an overlong slash stays escaped', '/arm/%c0%af', '/arm/%c0%af', '/arm/%c0%af'],
    ['half a character before a whole one', '/arm/%c3%c3%a9', '/arm/%c3é', '/arm/%c3%C3%A9'],
    ['a percent sign that is no escape', '/arm/100%', '/arm/100%', '/arm/100%25'],
    ['dot segments are taken out', '/arm/a/./b/../c', '/arm/a/c', '/arm/a/c'],
    ['escaped dot segments too', '/arm/a/%2e%2E/c', '/arm/c', '/arm/c'],
    ['never above the root', '/../../arm', '/arm', '/arm'],
    ['a dot segment at the end leaves the slash', '/arm/a/..', '/arm/', '/arm/'],
    ['empty segments stay', '/arm//a///b', '/arm//a///b', '/arm//a///b'],
    ['a backslash is no separator', '/arm/a\\..\\b', '/arm/a\\..\\b', '/arm/a%5C..%5Cb'],
    ['an escape of an escape loses one layer', '/arm/a%252Fb', '/arm/a%2Fb', '/arm/a%2Fb'],
    ['an escape of escaped dots comes through as escaped dots', '/arm/a/%252e%252e/b', '/arm/a/%2e%2e/b', '/arm/a/%2e%2e/b'],
    ['a hash sign belongs to the path', '/arm/a#b', '/arm/a#b', '/arm/a%23b'],
    ['the absolute form', 'http://example.test/arm/a', '/arm/a', '/arm/a'],
    ['the absolute form without a path', 'http://example.test', '/', '/'],
  ])('%s', (_, target, path, encodedPath) => {
    expect(parseRequestTarget(target)).toEqual({ path, encodedPath, queryString: '' });
  });

  it('leaves the query as it was written', () => {
    expect(parseRequestTarget('/arm?a=%2e&b=/../c?d')).toEqual({ path: '/arm', encodedPath: '/arm', queryString: '?a=%2e&b=/../c?d' });
  });
});

describe('the query', () => {
  it.each([
    ['is empty', '', {}],
    ['has values', '?a=1&b=2', { a: '1', b: '2' }],
    ['joins the values of one name, without regard to case, with commas', '?a=1&A=2&a=3', { a: '1,2,3' }],
    ['takes a plus sign for a space', '?a=x+y', { a: 'x y' }],
    ['decodes escapes', '?%24filter=a%20eq%20%27b%27', { $filter: "a eq 'b'" }],
    ['keeps what is no escape', '?a=100%', { a: '100%' }],
    ['has a name without a value', '?a&b=', { a: '', b: '' }],
    ['ignores empty pairs', '?&a=1&&', { a: '1' }],
    ['splits at the first equals sign', '?a=b=c', { a: 'b=c' }],
  ])('%s', (_, queryString, expected) => {
    expect(Object.fromEntries(parseQuery(queryString))).toEqual(expected);
  });
});
