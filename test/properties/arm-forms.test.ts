import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionOf } from '../../shared/domain/action.ts';
import { ArmRequestError, armRequestJson, parseArmRequest, type UncheckedArmRequest } from '../../shared/domain/arm-request.ts';
import { digestOf } from '../../shared/domain/digest.ts';
import { isJsonObject, type JsonValue } from '../../shared/domain/json.ts';
import { type ArmCall, armCalls, type Segment, spelled } from './arm-calls.ts';
import { runs } from './runs.ts';

const many = { ...runs, numRuns: 600 };
const digestIn = (request: UncheckedArmRequest): string => digestOf(armRequestJson(parseArmRequest(request).request));

describe('a call put together by the grammar', () => {
  it('is accepted as what it is: its scope, its action, and its names as Azure tells them apart', () => {
    fc.assert(
      fc.property(armCalls, (call) => {
        const { request, path } = parseArmRequest(spelled(call));
        expect([path.scope, actionOf(request.method, path)]).toEqual([call.scope, call.action]);
        const given = call.segments.map(({ text, keepsCase }) => (keepsCase ? text : text.toLowerCase()));
        const kept = request.path.slice(1).split('/');
        expect(kept.map((text, index) => (call.segments[index]?.keepsCase === true ? text : text.toLowerCase()))).toEqual(given);
      }),
      many,
    );
  });

  it('is accepted again in its canonical form, and is the same', () => {
    fc.assert(
      fc.property(armCalls, (call) => {
        const once = parseArmRequest(spelled(call));
        expect(parseArmRequest(once.request)).toEqual(once);
      }),
      many,
    );
  });
});

const masks = fc.array(fc.boolean(), { minLength: 1, maxLength: 11 });

/** A text with the case of some of its letters changed, as the mask says; an escape has no case of its own. */
function recased(text: string, mask: readonly boolean[]): string {
  return [...text].map((letter, index) => (mask[index % mask.length] ? letter.toUpperCase() : letter.toLowerCase())).join('');
}

function reordered(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => reordered(item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, inner]): [string, JsonValue] => [name, reordered(inner)])
      .reverse(),
  );
}

/** Switches, types and counts are the same in any spelling; of anything else Azure reads every letter. */
function respelled(name: string, value: string, mask: readonly boolean[]): string {
  if (/^(?:true|false)$/i.test(value) || /^(?:forceDeletionTypes|unmanageAction\..*)$/i.test(name)) return recased(value, mask);
  return name === '$top' && /^\d{1,6}$/.test(value) ? `00${value}` : value;
}

function alike(call: ArmCall, mask: readonly boolean[]): UncheckedArmRequest {
  const { method, path: _, apiVersion, query, headers, body } = spelled(call);
  const segments = call.segments.map(({ text, keepsCase }) => (keepsCase ? text : recased(text, mask)));
  const isBare = method === 'GET' || method === 'HEAD' || method === 'DELETE';
  return {
    method: recased(method, mask),
    path: `/${segments.join('/')}`,
    apiVersion: recased(apiVersion, mask),
    query: Object.fromEntries(
      Object.entries(query)
        .map(([name, value]) => [recased(name, mask), respelled(name, value, mask)])
        .reverse(),
    ),
    headers: Object.fromEntries(
      Object.entries(headers)
        .map(([name, value]) => [recased(name, mask), value])
        .reverse(),
    ),
    body: body === undefined ? (isBare && mask[0] ? {} : undefined) : reordered(body),
  };
}

describe('two requests that Azure treats alike', () => {
  it('have one form and one digest', () => {
    fc.assert(
      fc.property(armCalls, masks, (call, mask) => {
        expect(parseArmRequest(alike(call, mask))).toEqual(parseArmRequest(spelled(call)));
        expect(digestIn(alike(call, mask))).toBe(digestIn(spelled(call)));
      }),
      many,
    );
  });
});

/** Where a change is made: an index into whatever there is to change. */
type Change = (call: ArmCall, at: number) => UncheckedArmRequest | undefined;

function withSegment(call: ArmCall, index: number, text: string): UncheckedArmRequest {
  return spelled({ ...call, segments: call.segments.map((segment, at) => (at === index ? { ...segment, text } : segment)) });
}

/** The indices of segments that are no keyword: those, Azure does not let anybody spell otherwise. */
const changeable = (segments: readonly Segment[]) =>
  segments.flatMap(({ text }, index) => (/^(?:providers|subscriptions|resourceGroups)$/.test(text) ? [] : [index]));

const otherLetter = (letter: string): string => (letter.toLowerCase() === 'a' ? 'b' : 'a');

function withLetter(text: string, at: number, letterOf: (letter: string) => string): string {
  const letters = [...text];
  return letters.map((letter, index) => (index === at % letters.length ? letterOf(letter) : letter)).join('');
}

function withValue(value: JsonValue, at: number): JsonValue {
  if (Array.isArray(value)) {
    const items: readonly JsonValue[] = value;
    const index = at % (items.length + 1);
    return index === items.length ? [...items, null] : items.map((item, own) => (own === index ? withValue(item, at >> 1) : item));
  }
  if (isJsonObject(value)) {
    const names = Object.keys(value);
    const name = names[at % (names.length + 1)];
    if (name === undefined) return { ...value, 'a name of its own': at };
    return Object.fromEntries(Object.entries(value).map(([own, inner]) => [own, own === name ? withValue(inner, at >> 1) : inner]));
  }
  if (typeof value === 'string') return value === '' ? ' ' : withLetter(value, at, otherLetter);
  return [value];
}

const changes: Readonly<Record<string, Change>> = {
  'a letter of any segment': (call, at) => {
    const indices = changeable(call.segments);
    const index = indices[at % indices.length] ?? 0;
    const text = call.segments[index]?.text ?? '';
    return withSegment(call, index, text.includes('%20') ? `${text}x` : withLetter(text, at >> 3, otherLetter));
  },
  'the case of a name that keeps it': (call, at) => {
    const index = call.segments.findIndex(({ text, keepsCase }) => keepsCase && /[a-z]/i.test(text));
    const text = call.segments[index]?.text;
    if (text === undefined) return undefined;
    const letters = [...text.matchAll(/[a-z]/gi)];
    const swapped = (letter: string) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase());
    return withSegment(call, index, withLetter(text, letters[at % letters.length]?.index ?? 0, swapped));
  },
  'another extension resource': (call) =>
    spelled({
      ...call,
      segments: [...call.segments, ...['providers', 'Microsoft.More', 'things', 'x'].map((text) => ({ text, keepsCase: false }))],
    }),
  'one segment less': (call) => spelled({ ...call, segments: call.segments.slice(0, -1) }),
  'another method': (call, at) => ({ ...spelled(call), method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'POST'][at % 6] ?? '' }),
  'a digit of the version': (call, at) => ({
    ...spelled(call),
    apiVersion: withLetter(call.apiVersion, [2, 3, 6][at % 3] ?? 3, (digit) => (digit === '1' ? '2' : '1')),
  }),
  'the suffix of the version': (call) => ({
    ...spelled(call),
    apiVersion: call.apiVersion.includes('-beta') ? '' : `${call.apiVersion.slice(0, 10)}-beta`,
  }),
  'a parameter less': (call, at) => {
    const names = Object.keys(call.query);
    const gone = names[at % Math.max(1, names.length)];
    return gone === undefined
      ? undefined
      : { ...spelled(call), query: Object.fromEntries(Object.entries(call.query).filter(([name]) => name !== gone)) };
  },
  'a letter of a value of a parameter': (call, at) => {
    const names = Object.keys(call.query);
    const name = names[at % Math.max(1, names.length)];
    if (name === undefined) return undefined;
    const value = call.query[name] ?? '';
    return { ...spelled(call), query: { ...call.query, [name]: value === '' ? 'x' : withLetter(value, at >> 2, otherLetter) } };
  },
  'a parameter more': (call) => ({
    ...spelled(call),
    query: { ...call.query, [call.method === 'GET' || call.method === 'HEAD' ? 'view' : 'validateOnly']: '' },
  }),
  'a header less': (call) => {
    const [name, ...others] = Object.keys(call.headers);
    return name === undefined
      ? undefined
      : { ...spelled(call), headers: Object.fromEntries(others.map((kept) => [kept, call.headers[kept] ?? ''])) };
  },
  'a letter of a header, be it its case': (call, at) => {
    const [name] = Object.keys(call.headers);
    const value = name === undefined ? undefined : call.headers[name];
    if (name === undefined || value === undefined || value === '*') return undefined;
    const cased = value.replace(/[a-z]/i, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()));
    return { ...spelled(call), headers: { ...call.headers, [name]: at % 2 === 0 ? cased : `${value}x` } };
  },
  'a value anywhere in the body': (call, at) =>
    call.body === undefined ? undefined : { ...spelled(call), body: withValue(call.body, at) },
  'no body, or one': (call) => {
    if (!['PUT', 'PATCH', 'POST'].includes(call.method)) return undefined;
    return { ...spelled(call), body: call.body === undefined ? {} : undefined };
  },
};

describe('a digest changes', () => {
  it.each(Object.entries(changes))('with %s', (_, change) => {
    let compared = 0;
    fc.assert(
      fc.property(armCalls, fc.nat(), (call, at) => {
        const changed = change(call, at);
        if (changed === undefined) return;
        try {
          const digest = digestIn(changed);
          if (changed.method === call.method && JSON.stringify(changed) === JSON.stringify(spelled(call))) return;
          compared += 1;
          expect(digest).not.toBe(digestIn(spelled(call)));
        } catch (error) {
          // What is no request any more has no digest that could be the same.
          if (!(error instanceof ArmRequestError)) throw error;
        }
      }),
      { ...runs, numRuns: 250 },
    );
    expect(compared).toBeGreaterThan(10);
  });
});
