import { describe, expect, it } from 'vitest';
import { ArmRequestError, armRequestJson, parseArmRequest, type UncheckedArmRequest } from '../../shared/domain/arm-request.ts';

const sub = '/subscriptions/00000000-0000-0000-0000-000000000001';
const vm = `${sub}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm`;

const read: UncheckedArmRequest = { method: 'GET', path: vm, apiVersion: '2024-07-01', query: {}, headers: {}, body: undefined };

function refusedField(changes: Partial<UncheckedArmRequest>): string {
  try {
    parseArmRequest({ ...read, ...changes });
    return 'accepted';
  } catch (error) {
    if (error instanceof ArmRequestError) return error.field;
    throw error;
  }
}

function parsed(changes: Partial<UncheckedArmRequest>) {
  return parseArmRequest({ ...read, ...changes }).request;
}

describe('the method', () => {
  it.each(['', 'OPTIONS', 'TRACE', 'CONNECT', 'MERGE', 'GET ', ' GET', 'GET,DELETE', 'DELETE\r\nX: y'])('is refused: %j', (method) => {
    expect(refusedField({ method })).toBe('target.method');
  });

  it('is written in upper case, however it was given', () => {
    expect(parsed({ method: 'get' }).method).toBe('GET');
  });

  it('POST needs an action or a type', () => {
    expect(refusedField({ method: 'POST' })).toBe('target.path');
    expect(parsed({ method: 'POST', path: `${vm}/restart` }).method).toBe('POST');
  });

  it.each(['PUT', 'PATCH', 'DELETE'])('%s needs one resource', (method) => {
    expect(refusedField({ method, path: `${vm}/restart` })).toBe('target.path');
    expect(refusedField({ method, path: `${sub}/resourceGroups` })).toBe('target.path');
    expect(parsed({ method }).method).toBe(method);
  });

  it.each(['GET', 'HEAD'])('%s may ask for one or for a list', (method) => {
    expect(parsed({ method }).method).toBe(method);
    expect(parsed({ method, path: `${sub}/resourceGroups` }).method).toBe(method);
  });
});

describe('the path', () => {
  it('is refused with the words of the grammar', () => {
    expect(() => parseArmRequest({ ...read, path: `${vm}/` })).toThrow(
      expect.objectContaining({ field: 'target.path', message: 'The path has an empty segment ("//" or a "/" at its end).' }),
    );
  });

  it('is sent in its canonical form', () => {
    expect(parsed({}).path).toBe(`${sub}/resourceGroups/rg/providers/microsoft.compute/virtualmachines/vm`);
  });

  it.each([
    ['GET', 'vm-one'],
    ['HEAD', 'vm-one'],
    ['PATCH', 'vm-one'],
    ['DELETE', 'vm-one'],
    ['PUT', 'VM-One'],
  ])('of a %s ends with %s, where VM-One was asked for', (method, name) => {
    const { request, path } = parseArmRequest({
      ...read,
      method,
      path: `${sub}/resourceGroups/RG/providers/Microsoft.Compute/virtualMachines/VM-One`,
    });
    expect(request.path).toBe(`${sub}/resourceGroups/rg/providers/microsoft.compute/virtualmachines/${name}`);
    expect(path.canonical).toBe(request.path);
  });
});

describe('the API version', () => {
  it.each(['', 'latest', '2024-7-1', '20240701', '2024-07-01 ', '2024-07-01-', '2024-07-01-preview-2', '2024-07-01&x=y', '2024-07-01\n'])(
    'is refused: %j',
    (apiVersion) => {
      expect(refusedField({ apiVersion })).toBe('target.apiVersion');
    },
  );

  it.each([
    ['2024-07-01', '2024-07-01'],
    ['2024-07-01-preview', '2024-07-01-preview'],
    ['2015-05-01-Alpha', '2015-05-01-alpha'],
    ['2020-08-20-preview.1', '2020-08-20-preview.1'],
  ])('%s is sent as %s', (given, sent) => {
    expect(parsed({ apiVersion: given }).apiVersion).toBe(sent);
  });
});

describe('the query', () => {
  it.each([
    ['a name with a space', { 'a b': '1' }, 'target.query.a b'],
    ['a name that carries another parameter', { 'a=1&b': '2' }, 'target.query.a=1&b'],
    ['an escaped name', { '%61pi-version': '2024-01-01' }, 'target.query.%61pi-version'],
    ['no name', { '': '1' }, 'target.query.'],
    ['a name of 66 characters', { [`a${'b'.repeat(65)}`]: '1' }, `target.query.a${'b'.repeat(63)}`],
    ['the API version', { 'api-version': '2024-01-01' }, 'target.query.api-version'],
    ['the API version in other case', { 'Api-Version': '2024-01-01' }, 'target.query.Api-Version'],
    ['one parameter in two cases', { $filter: 'a', $Filter: 'b' }, 'target.query.$Filter'],
    ['a parameter that nobody knows', { stealth: 'on' }, 'target.query.stealth'],
    ['a method override', { _method: 'DELETE' }, 'target.query._method'],
    ['what widens a read', { includeSecrets: 'true' }, 'target.query.includeSecrets'],
    ['what a read would set going', { refreshSummary: 'true' }, 'target.query.refreshSummary'],
    ['a switch on a read', { forceDeletion: 'true' }, 'target.query.forceDeletion'],
    ['a line end in a value', { $filter: 'a\r\nb' }, 'target.query.$filter'],
    ['a value that is not ASCII', { $filter: "name eq 'é'" }, 'target.query.$filter'],
    ['a value of 4,097 characters', { $filter: 'a'.repeat(4097) }, 'target.query.$filter'],
  ])('is refused: %s', (_, query, field) => {
    expect(refusedField({ query })).toBe(field);
  });

  it('has lower-case names in one order, and values as they were', () => {
    const { query } = parsed({ query: { timespan: 'PT1H', $filter: "name eq 'A'", $Expand: 'instanceView' } });
    expect(Object.entries(query)).toEqual([
      ['$expand', 'instanceView'],
      ['$filter', "name eq 'A'"],
      ['timespan', 'PT1H'],
    ]);
  });

  it.each<[string, Partial<UncheckedArmRequest>, Record<string, string>]>([
    ['a switch', { method: 'DELETE', query: { ForceDeletion: 'True' } }, { forcedeletion: 'true' }],
    ['a count', { query: { $top: '007' } }, { $top: '7' }],
    [
      'types to delete by force',
      { method: 'DELETE', query: { forceDeletionTypes: 'Microsoft.Compute/virtualMachines' } },
      { forcedeletiontypes: 'microsoft.compute/virtualmachines' },
    ],
    [
      'what a stack does with what it no longer manages',
      { method: 'DELETE', query: { 'unmanageAction.Resources': 'Delete' } },
      { 'unmanageaction.resources': 'delete' },
    ],
  ])('has one spelling of %s', (_, changes, query) => {
    expect(parsed(changes).query).toEqual(query);
  });

  it.each([
    ['DELETE', 'forceDelete'],
    ['DELETE', 'deleteEmptyServerFarm'],
    ['POST', 'hibernate'],
    ['POST', 'skipShutdown'],
    ['PUT', 'overwrite'],
    ['PATCH', 'ignorePodDisruptionBudget'],
    ['GET', '$skiptoken'],
    ['GET', 'metricnames'],
    ['GET', 'databaseName'],
    ['GET', 'periodEndDate'],
    ['HEAD', '$startTime'],
    ['GET', 'pageSize'],
  ])('of a %s may have %s', (method, name) => {
    const path = method === 'POST' ? `${vm}/deallocate` : vm;
    expect(refusedField({ method, path, query: { [name]: 'true' } })).toBe('accepted');
  });

  it('says what is unknown, and for which method', () => {
    expect(() => parseArmRequest({ ...read, method: 'DELETE', query: { stealth: 'on' } })).toThrow(
      'This query parameter is not one that Countersign knows for a DELETE, so that nobody could say what it changes.',
    );
  });
});

describe('the headers', () => {
  it.each([
    ['an authorization', { Authorization: 'Bearer x' }, 'target.headers.Authorization'],
    ['a method override', { 'X-HTTP-Method-Override': 'DELETE' }, 'target.headers.X-HTTP-Method-Override'],
    ['a host', { Host: 'evil.example' }, 'target.headers.Host'],
    ['a content type', { 'content-type': 'text/plain' }, 'target.headers.content-type'],
    ['one header in two cases', { 'If-Match': '*', 'if-match': '"x"' }, 'target.headers.if-match'],
    ['a line end', { 'if-match': '*\r\nx-ms-y: z' }, 'target.headers.if-match'],
    ['outer spaces', { 'if-match': ' *' }, 'target.headers.if-match'],
    ['nothing', { 'if-match': '' }, 'target.headers.if-match'],
    ['1,025 characters', { 'if-match': 'a'.repeat(1025) }, 'target.headers.if-match'],
  ])('are refused: %s', (_, headers, field) => {
    expect(refusedField({ headers })).toBe(field);
  });

  it('have lower-case names in one order, and values as they were', () => {
    expect(Object.entries(parsed({ headers: { 'If-None-Match': '*', 'If-Match': 'W/"Ab"' } }).headers)).toEqual([
      ['if-match', 'W/"Ab"'],
      ['if-none-match', '*'],
    ]);
  });
});

describe('the body', () => {
  it.each([
    ['at the top', { properties: {}, Properties: {} }, 'Properties'],
    ['in a list', { a: [{ b: 1, B: 2 }] }, 'B'],
    ['by a letter outside ASCII that folds to one of it', { key: 1, '\u212aey': 2 }, '\u212aey'],
    ['by a long s', { sku: 1, '\u017fku': 2 }, '\u017fku'],
  ])('that names one property in two cases %s is refused, since nobody can say which one counts', (_, body, name) => {
    expect(() => parseArmRequest({ ...read, method: 'PUT', body })).toThrow(
      expect.objectContaining({ field: 'target.body', message: expect.stringContaining(`"${name}"`) }),
    );
  });

  it('may name one property in two cases in different objects', () => {
    expect(refusedField({ method: 'PUT', body: { a: { b: 1 }, c: { B: 2 } } })).toBe('accepted');
  });

  it.each(['GET', 'HEAD', 'DELETE'])('of a %s is refused', (method) => {
    expect(refusedField({ method, body: { force: true } })).toBe('target.body');
    expect(refusedField({ method, body: [] })).toBe('target.body');
    expect(refusedField({ method, body: null })).toBe('target.body');
    expect(refusedField({ method, body: '' })).toBe('target.body');
  });

  it.each(['GET', 'HEAD', 'DELETE'])('of a %s may be an empty object, which is none', (method) => {
    expect(parsed({ method, body: {} }).body).toBeUndefined();
  });

  it('of a PUT is passed on, be it null or empty', () => {
    expect(parsed({ method: 'PUT', body: null }).body).toBeNull();
    expect(parsed({ method: 'PUT', body: {} }).body).toEqual({});
  });

  it('of a POST may be left out, which is not the same as an empty one', () => {
    const without = armRequestJson(parsed({ method: 'POST', path: `${vm}/restart` }));
    const withEmpty = armRequestJson(parsed({ method: 'POST', path: `${vm}/restart`, body: {} }));
    expect(Object.hasOwn(without, 'body')).toBe(false);
    expect(withEmpty['body']).toEqual({});
  });
});

it('a canonical request has nothing but its fields', () => {
  expect(armRequestJson(parsed({ method: 'PATCH', query: { overwrite: '1' }, headers: { 'if-match': '*' }, body: { x: 1 } }))).toEqual({
    kind: 'arm',
    method: 'PATCH',
    path: `${sub}/resourceGroups/rg/providers/microsoft.compute/virtualmachines/vm`,
    apiVersion: '2024-07-01',
    query: { overwrite: '1' },
    headers: { 'if-match': '*' },
    body: { x: 1 },
  });
});
