import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionOf } from '../../shared/domain/action.ts';
import { armMethods } from '../../shared/domain/arm-method.ts';
import { type ArmPath, ArmPathError, parseArmPath } from '../../shared/domain/arm-path.ts';
import {
  ArmRequestError,
  armRequestJson,
  type ParsedArmRequest,
  parseArmRequest,
  type UncheckedArmRequest,
} from '../../shared/domain/arm-request.ts';
import { digestOf } from '../../shared/domain/digest.ts';
import { requestDigest, requestMac, sealedRequestJson } from '../../shared/domain/request-digest.ts';
import { readSealedRequest } from '../../shared/domain/sealed-request.ts';
import { agent } from '../domain/sample-operation.ts';
import { jsonValues } from './json-values.ts';
import { runs } from './runs.ts';

const segments = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'subscriptions',
      'resourceGroups',
      'providers',
      'Microsoft.Storage',
      'microsoft.authorization',
      'roleAssignments',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '00000000-0000-0000-0000-000000000001',
      'ABCDEF00-0000-0000-0000-000000000001',
      'storageAccounts',
      'listKeys',
      'rg',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('', '.', '..', '%2e%2e', 'a%2Fb', 'a\\b', 'rg.', 'PROVIDERS', '\u200b', 'a b', '?x', '#y') },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
);
const anyPaths = fc.array(segments, { maxLength: 12 }).map((parts) => `/${parts.join('/')}`);

const words = fc
  .stringMatching(/^[a-zA-Z][a-zA-Z0-9]{0,7}$/)
  .filter((word) => !['providers', 'subscriptions', 'resourcegroups'].includes(word.toLowerCase()));
const named = fc.tuple(words, words).map(([type, name]) => `${type}/${name}`);
const provided = fc
  .tuple(words, fc.array(named, { minLength: 1, maxLength: 3 }))
  .map(([namespace, pairs]) => `/providers/Microsoft.${namespace}/${pairs.join('/')}`);
const scopes = fc.tuple(
  fc.constantFrom(
    '',
    '/subscriptions/ABCDEF00-0000-0000-0000-000000000001',
    '/SUBSCRIPTIONS/abcdef00-0000-0000-0000-000000000001/resourcegroups/RG-One',
  ),
  fc.array(provided, { minLength: 1, maxLength: 3 }),
);
const goodPaths = scopes.map(([scope, providers]) => scope + providers.join(''));

function read(path: string): ArmPath | undefined {
  try {
    return parseArmPath(path);
  } catch (error) {
    expect(error).toBeInstanceOf(ArmPathError);
    return undefined;
  }
}

describe('a path of Azure Resource Manager', () => {
  it('is read or refused by its own error, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), anyPaths), (path) => {
        read(path);
      }),
      runs,
    );
  });

  it('that is read has one canonical form, which reads as the same', () => {
    fc.assert(
      fc.property(fc.oneof(goodPaths, anyPaths), (path) => {
        const once = read(path);
        if (once !== undefined) expect(parseArmPath(once.canonical)).toEqual(once);
      }),
      { ...runs, numRuns: 1_000 },
    );
  });

  it('is read whenever it is put together by the grammar', () => {
    fc.assert(
      fc.property(goodPaths, (path) => {
        expect(read(path)).toMatchObject({ verb: undefined });
      }),
      runs,
    );
  });

  it('names the same target in any case', () => {
    fc.assert(
      fc.property(goodPaths, (path) => {
        const [given, upper] = [parseArmPath(path), parseArmPath(path.toUpperCase())];
        expect(upper.resourceId).toBe(given.resourceId);
        expect(upper.type).toBe(given.type);
        expect(upper.containers).toEqual(given.containers);
      }),
      runs,
    );
  });

  it('lies in all of its containers, nearest first, and in the tenant last', () => {
    fc.assert(
      fc.property(goodPaths, (path) => {
        const { resourceId, containers } = parseArmPath(path);
        expect(containers.at(-1)).toBe('/');
        const chain = [resourceId, ...containers.slice(0, -1)];
        for (const [index, outer] of chain.slice(1).entries()) expect(chain[index]?.startsWith(`${outer}/`)).toBe(true);
      }),
      runs,
    );
  });

  it('has the type of what stands after its last providers, so that an extension cannot pass for its parent', () => {
    fc.assert(
      fc.property(goodPaths, (path) => {
        const [, last = ''] = /.*\/providers\/(.*)$/.exec(path.toLowerCase()) ?? [];
        const [namespace, ...pairs] = last.split('/');
        const type = [namespace, ...pairs.filter((_, index) => index % 2 === 0)].join('/');
        expect(parseArmPath(path).type).toBe(type);
        expect(actionOf('DELETE', parseArmPath(path))).toBe(`${type}/delete`);
      }),
      runs,
    );
  });
});

const requests: fc.Arbitrary<UncheckedArmRequest> = fc.record({
  method: fc.constantFrom(...armMethods, 'get', 'Delete'),
  path: fc.tuple(goodPaths, fc.constantFrom('', '/restart')).map(([path, verb]) => path + verb),
  apiVersion: fc.constantFrom('2024-01-01', '2024-01-01-Preview'),
  query: fc.dictionary(
    fc.constantFrom('$filter', '$Top', 'forceDelete', 'Purge', 'stealth', 'timespan'),
    fc.oneof(fc.string(), fc.constantFrom('True', '07')),
    {
      noNullPrototype: true,
      maxKeys: 3,
    },
  ),
  headers: fc.constantFrom({}, { 'If-Match': '*' }, { 'if-none-match': '"1"', 'If-Match': 'W/"2"' }),
  body: fc.option(jsonValues, { nil: undefined }),
});

function parsed(request: UncheckedArmRequest): ParsedArmRequest | undefined {
  try {
    return parseArmRequest(request);
  } catch (error) {
    expect(error).toBeInstanceOf(ArmRequestError);
    return undefined;
  }
}

const anything = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('GET', 'POST', '2024-01-01', '*', '__proto__'));
const anyTexts = fc.dictionary(anything, anything, { noNullPrototype: true, maxKeys: 3 });

describe('a request', () => {
  it('is read or refused by its own error, whatever it is', () => {
    const any = {
      method: fc.oneof(fc.constantFrom(...armMethods), anything),
      path: fc.oneof(anyPaths, goodPaths, anything),
      apiVersion: anything,
    };
    fc.assert(
      fc.property(fc.record({ ...any, query: anyTexts, headers: anyTexts, body: jsonValues }), (request) => {
        parsed(request);
        parsed({ ...request, method: 'POST', apiVersion: '2024-01-01', query: {}, headers: {} });
      }),
      { ...runs, numRuns: 1_000 },
    );
  });

  it('that is accepted is accepted again in its canonical form, and is the same', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const once = parsed(request);
        if (once !== undefined) expect(parseArmRequest(once.request)).toEqual(once);
      }),
      { ...runs, numRuns: 1_000 },
    );
  });

  it('is read back from its seal as it was, with the same digest', () => {
    fc.assert(
      fc.property(requests, fc.string({ unit: 'grapheme' }), fc.string(), (request, justification, salt) => {
        const once = parsed(request);
        if (once === undefined) return;
        const sealed = { salt, request: { agent, justification, target: once.request } };
        const back = readSealedRequest(JSON.parse(JSON.stringify(sealedRequestJson(sealed)))).sealed;
        expect(requestDigest(back)).toBe(requestDigest(sealed));
        expect(requestMac(new Uint8Array(32), back.request)).toBe(requestMac(new Uint8Array(32), sealed.request));
      }),
      runs,
    );
  });

  it('has another digest with any other body', () => {
    fc.assert(
      fc.property(jsonValues, jsonValues, (one, other) => {
        const same = JSON.stringify(sortedJson(one)) === JSON.stringify(sortedJson(other));
        expect(digestOf(one) === digestOf(other)).toBe(same);
      }),
      runs,
    );
  });

  it('has another digest with any other character of its body', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.nat(),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
        (text, at, other) => {
          const index = at % text.length;
          const changed = text.slice(0, index) + other + text.slice(index + 1);
          fc.pre(changed !== text && changed.isWellFormed());
          const salted = (body: string) => ({
            salt: 's',
            request: {
              agent,
              justification: 'j',
              target: { kind: 'arm' as const, method: 'PUT' as const, path: '/', apiVersion: '', query: {}, headers: {}, body },
            },
          });
          expect(requestDigest(salted(changed))).not.toBe(requestDigest(salted(text)));
        },
      ),
      runs,
    );
  });
});

/** The value with its names in order at every depth: equal texts for equal values, by another way than canonical JSON. */
function sortedJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedJson);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => ({ name, inner: sortedJson(inner) }));
  return { entries };
}

const digestIn = (request: UncheckedArmRequest): string | undefined => {
  const read = parsed(request);
  return read === undefined ? undefined : digestOf(armRequestJson(read.request));
};

describe('a digest', () => {
  const request: UncheckedArmRequest = {
    method: 'PUT',
    path: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Sql/servers/s/databases/orders',
    apiVersion: '2024-01-01',
    query: { overwrite: 'true' },
    headers: { 'if-match': 'W/"Ab"' },
    body: { location: 'westeurope', tags: { owner: 'a' }, properties: { sizes: [1, 2], on: true, none: null } },
  };

  it.each<[string, Partial<UncheckedArmRequest>]>([
    ['another method', { method: 'PATCH' }],
    ['another name', { path: request.path.replace('orders', 'order') }],
    ['another spelling of what a PUT may create', { path: request.path.replace('orders', 'Orders') }],
    ['another server', { path: request.path.replace('/s/', '/t/') }],
    ['another group', { path: request.path.replace('/rg/', '/rg2/') }],
    ['another subscription', { path: request.path.replace('0001/', '0002/') }],
    ['another version', { apiVersion: '2024-01-02' }],
    ['no query', { query: {} }],
    ['another switch', { query: { overwrite: 'false' } }],
    ['no header', { headers: {} }],
    ['another case of an entity tag', { headers: { 'if-match': 'W/"ab"' } }],
    ['another header', { headers: { 'if-none-match': 'W/"Ab"' } }],
    ['no body', { body: undefined }],
    ['another number', { body: { location: 'westeurope', tags: { owner: 'a' }, properties: { sizes: [1, 3], on: true, none: null } } }],
    [
      'another order of a list',
      { body: { location: 'westeurope', tags: { owner: 'a' }, properties: { sizes: [2, 1], on: true, none: null } } },
    ],
    [
      'another case of a value',
      { body: { location: 'westeurope', tags: { owner: 'A' }, properties: { sizes: [1, 2], on: true, none: null } } },
    ],
    [
      'another case of a name, which some providers keep',
      { body: { location: 'westeurope', tags: { Owner: 'a' }, properties: { sizes: [1, 2], on: true, none: null } } },
    ],
    ['null left out', { body: { location: 'westeurope', tags: { owner: 'a' }, properties: { sizes: [1, 2], on: true } } }],
    [
      'text for a switch',
      { body: { location: 'westeurope', tags: { owner: 'a' }, properties: { sizes: [1, 2], on: 'true', none: null } } },
    ],
  ])('changes with %s', (_, change) => {
    expect(digestIn({ ...request, ...change })).toMatch(/^sha256:/);
    expect(digestIn({ ...request, ...change })).not.toBe(digestIn(request));
  });
});
