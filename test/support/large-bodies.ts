/** A text of JSON, as long as asked for at most, of the kind that costs most, and the resource that it is written to. */
export type LargeBody = { readonly kind: string; readonly type: string; readonly text: (length: number) => string };

/** As many items as fit, each made of its number, joined by commas between two brackets. */
function filled(length: number, open: string, close: string, item: (index: number) => string): string {
  const items: string[] = [];
  let used = open.length + close.length;
  for (let index = 0; ; index += 1) {
    const next = item(index);
    used += next.length + 1;
    if (used > length) return `${open}${items.join(',')}${close}`;
    items.push(next);
  }
}

const deep = (inner: string): string => `${'{"a":['.repeat(25)}${inner}${']}'.repeat(25)}`;

/** Each makes another part work: names, lists, depth, rules, addresses, actions, identities, numbers, escapes. */
const kinds: readonly Omit<LargeBody, 'type'>[] = [
  { kind: 'many names', text: (length) => filled(length, '{"properties":{', '}}', (index) => `"n${index}":0`) },
  { kind: 'many names outside ASCII', text: (length) => filled(length, '{"properties":{', '}}', (index) => `"\u017f\u212a${index}":0`) },
  { kind: 'one long name', text: (length) => `{"properties":{"${'a'.repeat(length - 30)}":{"enabled":false}}}` },
  {
    kind: 'long names around many settings',
    text: (length) =>
      filled(length, `{"${'p'.repeat(length >> 1)}":{"securityProfile":[`, ']}}', () => '{"publicNetworkAccess":"Enabled"}'),
  },
  { kind: 'depth', text: (length) => filled(length, '{"properties":[', ']}', () => deep('0')) },
  {
    kind: 'many settings',
    text: (length) => filled(length, '{"properties":[', ']}', () => '{"disableLocalAuth":false,"minimumTlsVersion":"TLS1_0"}'),
  },
  {
    kind: 'rules of a network',
    text: (length) =>
      filled(
        length,
        '{"properties":{"securityRules":[',
        ']}}',
        (index) =>
          `{"name":"r${index}","properties":{"access":"Allow","direction":"Inbound","sourceAddressPrefix":"10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}","destinationPortRange":"${index % 60000}"}}`,
      ),
  },
  {
    kind: 'addresses of an allow list',
    text: (length) =>
      filled(
        length,
        '{"properties":{"ipRules":[',
        ']}}',
        (index) => `{"value":"10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}"}`,
      ),
  },
  {
    kind: 'one text of many addresses',
    text: (length) => `{"properties":{"ipRangeFilter":"${'10.0.0.1,'.repeat(Math.floor((length - 40) / 9))}"}}`,
  },
  {
    kind: 'actions of a role',
    text: (length) => filled(length, '{"properties":{"permissions":[{"actions":[', ']}]}}', (index) => `"*a*o*i${index}*/write"`),
  },
  {
    kind: 'one long action',
    text: (length) => `{"properties":{"permissions":[{"actions":["${'*a'.repeat(Math.floor((length - 60) / 2))}"]}]}}`,
  },
  {
    kind: 'what looks like identities',
    text: (length) =>
      filled(
        length,
        '{"properties":[',
        ']}',
        () => `"/subscriptions/s/resourcegroups/g/providers/microsoft.managedidentity/userassignedidentities/i/x"`,
      ),
  },
  { kind: 'entries without names', text: (length) => filled(length, '{"properties":{"rules":[', ']}}', () => '{"a":[{"b":0}]}') },
  { kind: 'escapes', text: (length) => `{"properties":{"a":"${'\\u0041'.repeat(Math.floor((length - 30) / 6))}"}}` },
  { kind: 'a number of many digits', text: (length) => `{"properties":{"a":1${'0'.repeat(length - 30)}}}` },
];

/** Roles are judged by their actions, everything else by the general tables. */
export const largeBodies: readonly LargeBody[] = kinds.map((body) => ({
  ...body,
  type: /action/.test(body.kind) ? 'Microsoft.Authorization/roleDefinitions/d' : 'Microsoft.Network/networkSecurityGroups/n',
}));
