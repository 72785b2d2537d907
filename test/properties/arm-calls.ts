import fc from 'fast-check';
import { type ArmMethod, armMethods } from '../../shared/domain/arm-method.ts';
import { findNameInTwoCases } from '../../shared/domain/arm-property.ts';
import type { UncheckedArmRequest } from '../../shared/domain/arm-request.ts';
import type { JsonValue } from '../../shared/domain/json.ts';
import { jsonValues } from './json-values.ts';

/** One segment, and whether its case says something: the name of what a PUT may create, an argument, or what lies in a data plane of its own. */
export type Segment = { readonly text: string; readonly keepsCase: boolean };

/** A call put together by the grammar of Azure, with what must be true of it by that grammar and not by the parser. */
export type ArmCall = {
  readonly method: ArmMethod;
  readonly segments: readonly Segment[];
  readonly scope: string;
  readonly action: string;
  readonly apiVersion: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonValue | undefined;
};

const keywords = ['providers', 'subscriptions', 'resourcegroups', 'resources', 'tagnames'];
const words = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9]{0,9}$/).filter((word) => !keywords.includes(word.toLowerCase()));
const lawful = [..."abcXYZ019-._()~!$'*+,;=:@|", '%20'];
const oddNames = fc
  .array(fc.constantFrom(...lawful), { minLength: 1, maxLength: 12 })
  .map((letters) => letters.join(''))
  .filter((name) => !/^(?:%20|\.+$)|(?:%20|\.)$/.test(name));
const guids = fc.uuid().chain((guid) => fc.constantFrom(guid, guid.toUpperCase()));
const names = fc.oneof({ weight: 4, arbitrary: words }, { weight: 3, arbitrary: oddNames }, { weight: 1, arbitrary: guids });

/** A provider's part of a path: `{name}` stands for a name, `{Name}` for one whose case says something. */
const sensitivePlaces = [
  'Microsoft.DocumentDB/databaseAccounts/{name}/sqlDatabases/{Name}/containers/{Name}',
  'Microsoft.DBforPostgreSQL/flexibleServers/{name}/databases/{Name}',
  'Microsoft.Kusto/clusters/{name}/databases/{Name}',
  'Microsoft.AppConfiguration/configurationStores/{name}/keyValues/{Name}',
  'Microsoft.Web/sites/{name}/slots/{name}/functions/{Name}',
];
const foldedPlaces = fc
  .tuple(words, fc.option(words, { nil: undefined }), fc.array(words, { minLength: 1, maxLength: 4 }))
  .map(([owner, more, types]) => {
    const namespace = more === undefined ? `Microsoft.${owner}` : `${owner}.${more}.Services`;
    return `${namespace}/${types.map((type) => `${type}/{name}`).join('/')}`;
  });
const places = fc.oneof({ weight: 5, arbitrary: foldedPlaces }, { weight: 1, arbitrary: fc.constantFrom(...sensitivePlaces) });

type Scope = { readonly text: string; readonly kind: string };
const subscriptions = guids.map((guid) => `subscriptions/${guid}`);
const scopes: fc.Arbitrary<Scope> = fc.oneof(
  fc.constant({ text: '', kind: 'tenant' }),
  fc.constant({ text: 'providers/Microsoft.Management/managementGroups/{name}', kind: 'managementGroup' }),
  subscriptions.map((text) => ({ text, kind: 'subscription' })),
  subscriptions.map((text) => ({ text: `${text}/resourceGroups/{name}`, kind: 'resourceGroup' })),
);

const queries: Readonly<Record<ArmMethod, readonly string[]>> = {
  GET: ['$filter', '$expand', '$top', 'timespan', 'metricNames', '$skipToken'],
  HEAD: ['$filter', 'location'],
  PUT: ['overwrite', 'forceUpdate', 'createMode'],
  PATCH: ['skipValidation', 'async'],
  POST: ['$top', 'hibernate', 'skipShutdown', 'reason'],
  DELETE: ['forceDeletion', 'forceDeletionTypes', 'purge', 'location', 'unmanageAction.Resources'],
};
const values = fc.oneof(fc.constantFrom('true', 'False', '7', "name eq 'A'", ''), fc.string({ maxLength: 12 }));
const tags = fc.oneof(
  fc.constant('*'),
  words.map((word) => `W/"${word}"`),
);
const versions = fc
  .tuple(
    fc.integer({ min: 2014, max: 2029 }),
    fc.integer({ min: 1, max: 12 }),
    fc.constantFrom('', '-preview', '-Preview', '-alpha', '-preview.2'),
  )
  .map(([year, month, suffix]) => `${year}-${String(month).padStart(2, '0')}-01${suffix}`);
const bodies = jsonValues.filter((value) => findNameInTwoCases(value) === undefined);

/** What a path ends in, besides a resource: the type of a list, an action, or an action and its argument. */
type Ending = { readonly text: string; readonly action: string };
const endings = words.map((word): Ending => ({ text: `/${word}`, action: `/${word}` }));
const argued: readonly Ending[] = [
  { text: '/regenerateAdminKey/{argument}', action: '/regenerateAdminKey' },
  { text: '/listKeysOf/{argument}', action: '/listKeysOf' },
];
const noEnding: Ending = { text: '', action: '' };

function endingsOf(method: ArmMethod): fc.Arbitrary<Ending> {
  if (method === 'POST') return fc.oneof({ weight: 4, arbitrary: endings }, { weight: 1, arbitrary: fc.constantFrom(...argued) });
  return method === 'GET' || method === 'HEAD' ? fc.oneof(fc.constant(noEnding), endings) : fc.constant(noEnding);
}

const whatItDoes = { GET: 'read', HEAD: 'read', PUT: 'write', PATCH: 'write', DELETE: 'delete', POST: 'action' } as const;

/** A scope's, four of each of three providers, and an argument. */
const mostNames = 14;

/** Calls of every scope, with extension resources, nested types and lists, of every method. */
export const armCalls: fc.Arbitrary<ArmCall> = fc.constantFrom(...armMethods).chain((method) =>
  fc
    .record({
      scope: scopes,
      provided: fc.array(places, { minLength: 1, maxLength: 3 }),
      ending: endingsOf(method),
      named: fc.array(names, { minLength: mostNames, maxLength: mostNames }),
      apiVersion: versions,
      query: fc.dictionary(fc.constantFrom(...queries[method]), values, { maxKeys: 3, noNullPrototype: true }),
      headers: fc.dictionary(fc.constantFrom('if-match', 'if-none-match'), tags, { maxKeys: 2, noNullPrototype: true }),
      body: method === 'PUT' || method === 'PATCH' || method === 'POST' ? fc.option(bodies, { nil: undefined }) : fc.constant(undefined),
    })
    .map(({ scope, provided, ending, named, ...rest }): ArmCall => {
      const last = provided.at(-1) ?? '';
      const text = `${[scope.text, ...provided.map((place) => `providers/${place}`)].filter((part) => part !== '').join('/')}${ending.text}`;
      const types = last.split('/').filter((segment, index) => index === 0 || (index % 2 === 1 && segment !== ''));
      return {
        method,
        segments: segmentsOf(text, named.values(), method === 'PUT'),
        scope: provided.length > 1 ? 'resource' : scope.kind,
        action: `${types.join('/')}${ending.action}/${whatItDoes[method]}`.toLowerCase(),
        ...rest,
      };
    }),
);

/** A PUT may create what its last name spells; a GUID is the same in any case, there too. */
function segmentsOf(text: string, named: Iterator<string>, creates: boolean): readonly Segment[] {
  const parts = text.split('/');
  return parts.map((part, index): Segment => {
    if (!/^\{(?:name|Name|argument)\}$/.test(part)) return { text: part, keepsCase: false };
    const name = named.next().value ?? 'name';
    const isGuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name);
    return { text: name, keepsCase: part === '{Name}' || (!isGuid && (part === '{argument}' || (creates && index === parts.length - 1))) };
  });
}

export function spelled({ segments, method, apiVersion, query, headers, body }: ArmCall): UncheckedArmRequest {
  return { method, path: `/${segments.map(({ text }) => text).join('/')}`, apiVersion, query, headers, body };
}
