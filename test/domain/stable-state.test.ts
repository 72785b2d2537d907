import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../shared/domain/json.ts';
import { changedPaths, stableState } from '../../shared/domain/stable-state.ts';

const id = '/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net';

describe('what somebody changed stays in the state', () => {
  it.each<[string, JsonValue]>([
    ['a tag, whatever its name', { id, tags: { etag: '1', lastModified: 'today', provisioningState: 'x' }, properties: {} }],
    ['a setting that is called as what Azure sets', { properties: { settings: { etag: '1', provisioningState: 'x', lastModified: 'y' } } }],
    ['a state of its own', { properties: { powerState: 'Running', publicNetworkAccess: 'Enabled', modified: true } }],
    ['a name that only begins alike', { properties: { lastModifiedPolicy: 'keep' } }],
    ['what is no resource', { etag: '1', value: [{ etag: '2' }] }],
    ['a text', 'etag'],
  ])('%s', (_, state) => {
    expect(stableState(state)).toEqual(state);
  });
});

describe('what Azure changes by itself is left out', () => {
  it('on the resource and in its properties', () => {
    const state = {
      id,
      type: 'Microsoft.Network/virtualNetworks',
      etag: 'W/"1"',
      systemData: { lastModifiedAt: '2026-11-21T20:12:00Z' },
      properties: {
        provisioningState: 'Updating',
        instanceView: { statuses: [] },
        lastModifiedTimeUtc: '2026-11-21T20:12:00Z',
        addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
      },
    };
    expect(stableState(state)).toEqual({
      id,
      type: 'Microsoft.Network/virtualNetworks',
      properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } },
    });
  });

  it('in the resources that it holds', () => {
    const subnet = {
      id: `${id}/subnets/a`,
      name: 'a',
      etag: 'W/"2"',
      properties: { provisioningState: 'Succeeded', addressPrefix: '10.0.1.0/24' },
    };
    expect(stableState({ id, properties: { subnets: [subnet] } })).toEqual({
      id,
      properties: { subnets: [{ id: `${id}/subnets/a`, name: 'a', properties: { addressPrefix: '10.0.1.0/24' } }] },
    });
  });

  it('whatever the case of its name', () => {
    expect(stableState({ ETag: '1', Properties: { ProvisioningState: 'Succeeded', size: 1 } })).toEqual({ Properties: { size: 1 } });
  });
});

describe('a change is named by its place, never by its value', () => {
  const state = { sku: { name: 'Standard_LRS' }, tags: { environment: 'prod' }, properties: { rules: [{ port: 80 }, { port: 443 }] } };

  it.each<[string, JsonValue, readonly string[]]>([
    ['nothing', state, []],
    ['only what Azure changes', { ...state, etag: '2', properties: { ...state.properties, provisioningState: 'Updating' } }, []],
    ['a value', { ...state, sku: { name: 'Premium_LRS' } }, ['sku.name']],
    ['an element', { ...state, properties: { rules: [{ port: 80 }, { port: 22 }] } }, ['properties.rules[1].port']],
    ['the length of a list', { ...state, properties: { rules: [{ port: 80 }] } }, ['properties.rules']],
    ['what came and what went', { sku: state.sku, properties: state.properties, kind: 'x' }, ['tags', 'kind']],
    ['all of it', 'gone', ['the whole']],
  ])('%s', (_, after, paths) => {
    expect(changedPaths(state, after, 5)).toEqual(paths);
  });

  it('at most so many are named', () => {
    expect(changedPaths({ a: 1, b: 1, c: 1 }, { a: 2, b: 2, c: 2 }, 2)).toEqual(['a', 'b']);
  });

  it('a long place is cut', () => {
    expect(changedPaths({ ['x'.repeat(500)]: 1 }, {}, 1)).toEqual([`${'x'.repeat(120)}…`]);
  });
});
