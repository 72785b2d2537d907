import { describe, expect, it } from 'vitest';
import { makeRouteTable, type Route } from '../../../infra/local/functions-host/routes.ts';

function table(...routes: readonly [template: string, ...methods: string[]][]) {
  return makeRouteTable(routes.map(([template, ...methods]): Route<string> => ({ template, methods, value: template })));
}

function find(routes: ReturnType<typeof table>, method: string, path: string) {
  const match = routes.find(method, path);
  return match.kind === 'found' ? [match.value, Object.fromEntries(match.params)] : match;
}

describe('a template that is refused at start', () => {
  it.each([
    ['a catch-all that is not last', '{*path}/x'],
    ['an optional segment that is not last', '{id?}/x'],
    ['a constraint this host does not know', '{id:range(1,5)}'],
    ['another constraint this host does not know', '{id:toString}'],
    ['a segment that mixes text and a parameter', 'op-{id}'],
    ['a default value', '{id=5}'],
    ['a brace without its pair', '{id'],
    ['an empty segment', 'a//b'],
  ])('%s', (_, template) => {
    expect(() => table([template, 'GET'])).toThrow(expect.objectContaining({ code: 'invalidRoute' }));
  });

  it('two routes that differ by names only and share a method', () => {
    expect(() => table(['Api/{id}', 'GET', 'POST'], ['api/{name}', 'POST'])).toThrow(expect.objectContaining({ code: 'invalidRoute' }));
  });
});

describe('no route', () => {
  it.each([
    ['another path', '/api/other'],
    ['a longer path', '/api/operations/a/b/c'],
    ['an empty value', '/api/operations//cancel'],
    ['a value that fails its constraint', '/api/guids/not-a-guid'],
    ['a letter that only looks the same in lower case', '/\u212Aeys'],
  ])('%s', (_, path) => {
    const routes = table(['api/operations/{id}/cancel', 'POST'], ['api/guids/{key:guid}', 'GET'], ['keys', 'GET']);
    expect(routes.find('GET', path)).toEqual({ kind: 'notFound' });
  });
});

describe('another method', () => {
  it('names the methods of every route that has the path', () => {
    const routes = table(['api/a', 'PUT', 'GET'], ['api/{id}', 'GET', 'DELETE']);
    expect(routes.find('POST', '/api/a')).toEqual({ kind: 'methodNotAllowed', allow: ['DELETE', 'GET', 'PUT'] });
  });

  it('is found where a less exact route takes it', () => {
    expect(find(table(['api/a', 'GET'], ['{*path}', 'POST']), 'POST', '/api/a')).toEqual(['{*path}', { path: 'api/a' }]);
  });

  it('matters for HEAD and OPTIONS too', () => {
    expect(table(['api/a', 'GET']).find('HEAD', '/api/a')).toEqual({ kind: 'methodNotAllowed', allow: ['GET'] });
  });
});

describe('which route wins', () => {
  const routes = table(
    ['{*rest}', 'GET'],
    ['api/{*rest}', 'GET'],
    ['api/{id}', 'GET'],
    ['api/{id:guid}', 'GET'],
    ['api/assess', 'GET'],
    ['api', 'GET'],
  );

  it.each([
    ['a literal', '/api/assess', ['api/assess', {}]],
    ['a literal in another case', '/API/Assess', ['api/assess', {}]],
    ['a literal with a slash behind it', '/api/assess/', ['api/assess', {}]],
    [
      'a parameter with a constraint',
      '/api/2f0a1b3c-0000-4000-8000-00000000000A',
      ['api/{id:guid}', { id: '2f0a1b3c-0000-4000-8000-00000000000A' }],
    ],
    ['a parameter without one', '/api/op_1', ['api/{id}', { id: 'op_1' }]],
    ['a longer catch-all before a shorter', '/api/a/b', ['api/{*rest}', { rest: 'a/b' }]],
    ['the end before an empty catch-all', '/api', ['api', {}]],
    ['the catch-all of all', '/other/x', ['{*rest}', { rest: 'other/x' }]],
    ['the catch-all of all at the root', '/', ['{*rest}', {}]],
  ])('%s', (_, path, expected) => {
    expect(find(routes, 'GET', path)).toEqual(expected);
  });
});

describe('values', () => {
  it('keep the escaped slash, the case and empty segments of a catch-all', () => {
    expect(find(table(['arm/{*path}', 'GET']), 'GET', '/arm/Sub//a%2Fb/')).toEqual(['arm/{*path}', { path: 'Sub//a%2Fb/' }]);
  });

  it('are absent for an optional segment that is absent', () => {
    expect(find(table(['console/{page?}', 'GET']), 'GET', '/console')).toEqual(['console/{page?}', {}]);
  });

  it.each([
    ['int', '-12', true],
    ['int', '1.5', false],
    ['bool', 'TRUE', true],
    ['bool', 'yes', false],
    ['alpha', 'abc', true],
    ['alpha', 'a1', false],
  ])('of %s: %s is %s', (constraint, value, accepted) => {
    expect(table([`x/{v:${constraint}}`, 'GET']).find('GET', `/x/${value}`).kind).toBe(accepted ? 'found' : 'notFound');
  });
});
