import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../shared/domain/json.ts';
import { differencesOf, isWithin, pathOf } from '../../../shared/domain/risk/differences.ts';

const watched = new Set(['a', 'enabled']);

function of(after: JsonValue, before: JsonValue | undefined, replaces = true) {
  const differences = differencesOf(after, before, replaces, watched);
  return {
    a: differences.of('a').map(({ place, before: was, after: will }) => [pathOf(place), was, will]),
    losses: differences.losses.map(({ place, lost, kept, given }) => [pathOf(place), lost, kept, given]),
  };
}

describe('a property', () => {
  it('is told with what it was and what it would be', () => {
    expect(of({ x: { a: 1 } }, { x: { a: 2 } }).a).toEqual([['x.a', 2, 1]]);
  });

  it('is found in whatever case, by the names of the body', () => {
    expect(of({ X: { A: 1 } }, { x: { a: 2 } }).a).toEqual([['X.A', 2, 1]]);
  });

  it('is left out where a PUT replaces what is known', () => {
    expect(of({}, { x: { a: 2 } }).a).toEqual([['x.a', 2, undefined]]);
    expect(of({ x: {} }, { x: { a: 2 } }).a).toEqual([['x.a', 2, undefined]]);
  });

  it('is not left out by a PATCH, unless by a null', () => {
    expect(of({ x: {} }, { x: { a: 2 } }, false).a).toEqual([]);
    expect(of({ x: { a: null } }, { x: { a: 2 } }, false).a).toEqual([['x.a', 2, undefined]]);
  });

  it('is new where nothing is known', () => {
    expect(of({ x: { a: 1 } }, undefined).a).toEqual([['x.a', undefined, 1]]);
  });

  it('in an entry of a list is compared with the entry of the same name', () => {
    const [before, after] = [
      [
        { name: 'p', a: 1 },
        { name: 'q', a: 2 },
      ],
      [
        { name: 'Q', a: 3 },
        { name: 'p', a: 1 },
      ],
    ];
    expect(of({ list: after }, { list: before }).a).toEqual([
      ['list.[Q].a', 2, 3],
      ['list.[p].a', 1, 1],
    ]);
  });

  it('knows what it stands in', () => {
    const [found] = differencesOf({ One: { two: [{ enabled: true }] } }, undefined, true, watched).of('enabled');
    expect(found !== undefined && ['one', 'two', 'three'].map((name) => isWithin(found.place, name))).toEqual([true, true, false]);
  });
});

describe('a list', () => {
  it('loses what it no longer names', () => {
    expect(of({ list: ['x'] }, { list: ['X', 'y'] }).losses).toEqual([['list', ['y'], 1, true]]);
  });

  it('that is not given at all loses everything, and says so', () => {
    expect(of({}, { list: ['x'] }).losses).toEqual([['list', ['x'], 0, false]]);
    expect(of({}, { list: ['x'] }, false).losses).toEqual([]);
  });

  it('of entries without names loses the last of them', () => {
    expect(of({ list: [{ b: 2 }] }, { list: [{ b: 1 }, { b: 2 }] }).losses).toEqual([['list', [{ b: 2 }], 1, true]]);
  });

  it('inside a list is compared, too', () => {
    const after = { list: [{ name: 'p', inner: [] }] };
    expect(of(after, { list: [{ name: 'p', inner: [{ name: 'i' }] }] }).losses).toEqual([['list.[p].inner', [{ name: 'i' }], 0, true]]);
  });

  it('loses nothing where it was no list', () => {
    expect(of({ list: [] }, { list: 'x' }).losses).toEqual([]);
    expect(of({ list: 'x' }, { list: ['y'] }).losses).toEqual([]);
  });
});
