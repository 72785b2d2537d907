import { describe, expect, it } from 'vitest';
import { mergePatch, withoutPath } from '../../../infra/local/resource-manager/json.ts';

describe('a merge patch', () => {
  it('does not reach the prototype', () => {
    const merged = mergePatch({}, JSON.parse('{"__proto__":{"admin":true}}'));
    expect(merged).not.toHaveProperty('admin');
    expect({}).not.toHaveProperty('admin');
  });

  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [['a', 'b'], { a: 'b' }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('of %j by %j gives %j, as RFC 7396 has it', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });
});

describe('a path is taken out', () => {
  it('and everything else stays', () => {
    expect(withoutPath({ a: { b: 1, c: 2 }, d: 3 }, ['a', 'b'])).toEqual({ a: { c: 2 }, d: 3 });
  });

  it('unless it is not there', () => {
    expect(withoutPath({ a: 1 }, ['a', 'b'])).toEqual({ a: 1 });
  });
});
