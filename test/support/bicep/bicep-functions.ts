import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { asFunction, asList, asObject, asText, type BicepObject, type BicepValue, fromJson, isList, isObject } from './bicep-value.ts';

/** Where a template is deployed. */
export type DeploymentPlace = {
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** Absent for what is deployed to a subscription. */
  readonly resourceGroup: string | undefined;
};

type Call = (...given: readonly BicepValue[]) => BicepValue;

const cloud: BicepObject = {
  resourceManager: 'https://management.azure.com/',
  authentication: { loginEndpoint: 'https://login.microsoftonline.com/' },
  suffixes: { storage: 'core.windows.net', keyvaultDns: '.vault.azure.net' },
};

export function subscriptionValue(subscriptionId: string): BicepObject {
  return { id: `/subscriptions/${subscriptionId}`, subscriptionId };
}

export function groupValue(subscriptionId: string, name: string): BicepObject {
  return { id: `/subscriptions/${subscriptionId}/resourceGroups/${name}`, name, subscriptionId };
}

/** A GUID that depends on nothing but the texts. */
export function guidOf(...texts: readonly string[]): string {
  const hex = createHash('sha256').update(texts.join('\n')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The functions of Bicep that the templates use. `uniqueString` and `guid` give other texts than Azure's, of the same shape. */
export function bicepFunctions(
  file: string,
  place: DeploymentPlace,
  environment: Readonly<Record<string, string>>,
): ReadonlyMap<string, Call> {
  const near = (path: BicepValue | undefined) => readFileSync(join(dirname(file), asText(path)), 'utf8');
  const functions: Record<string, Call> = {
    tenant: () => ({ tenantId: place.tenantId }),
    environment: () => cloud,
    subscription: (id) => subscriptionValue(id === undefined ? place.subscriptionId : asText(id)),
    resourceGroup: (name) => groupValue(place.subscriptionId, name === undefined ? (place.resourceGroup ?? '') : asText(name)),
    resourceId: (subscriptionId, group, ...named) =>
      `${asText(groupValue(asText(subscriptionId), asText(group))['id'])}/${typedPath(named)}`,
    subscriptionResourceId: (...named) => `/subscriptions/${place.subscriptionId}/${typedPath(named)}`,
    uniqueString: (...texts) =>
      BigInt(`0x${createHash('sha256').update(texts.map(asText).join('\n')).digest('hex')}`)
        .toString(36)
        .slice(1, 14),
    guid: (...texts) => guidOf(...texts.map(asText)),
    loadJsonContent: (path) => fromJson(JSON.parse(near(path))),
    loadTextContent: near,
    readEnvironmentVariable: (name, otherwise) => {
      const value = environment[asText(name)] ?? otherwise;
      if (value === undefined) throw new Error(`the environment has no ${asText(name)}`);
      return value;
    },
    string: asText,
    trim: (text) => asText(text).trim(),
    toLower: (text) => asText(text).toLowerCase(),
    replace: (text, from, to) => asText(text).replaceAll(asText(from), asText(to)),
    split: (text, at) => asText(text).split(asText(at)),
    join: (list, between) => asList(list).map(asText).join(asText(between)),
    concat: (...lists) => lists.flatMap((list) => asList(list)),
    empty: (value) =>
      value === null || value === '' || (isList(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0),
    contains: (list, one) => asList(list).includes(one ?? null),
    map: (list, made) => asList(list).map((one) => asFunction(made)(one)),
    flatten: (lists) => asList(lists).flatMap((list) => asList(list)),
    filter: (list, keep) => asList(list).filter((one) => asFunction(keep)(one) === true),
    items: (object) =>
      Object.entries(asObject(object))
        .toSorted(([left], [right]) => (left < right ? -1 : 1))
        .map(([key, value]) => ({ key, value })),
    toObject: (list, key, value) => Object.fromEntries(asList(list).map((one) => [asText(asFunction(key)(one)), asFunction(value)(one)])),
    union: (...given) => (isList(given[0]) ? distinct(given.flatMap((list) => asList(list))) : Object.assign({}, ...given.map(asObject))),
    cidrSubnet: (range, size, index) => subnetOf(asText(range), Number(size), Number(index)),
  };
  return new Map(Object.entries(functions));
}

/** `Microsoft.A/b/c`, `x`, `y` as `providers/Microsoft.A/b/x/c/y`. */
function typedPath([type, ...names]: readonly BicepValue[]): string {
  const [provider = '', ...types] = asText(type).split('/');
  return ['providers', provider, ...types.flatMap((part, index) => [part, asText(names[index])])].join('/');
}

function distinct(values: readonly BicepValue[]): readonly BicepValue[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function subnetOf(range: string, size: number, index: number): string {
  const [address = ''] = range.split('/');
  const start = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + index * 2 ** (32 - size);
  return `${[24, 16, 8, 0].map((bits) => Math.floor(start / 2 ** bits) % 256).join('.')}/${size}`;
}
