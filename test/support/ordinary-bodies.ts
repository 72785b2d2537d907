import type { JsonValue } from '../../shared/domain/json.ts';

/** A value as Azure answers it, as long in JSON as asked for, give or take; none of it is secret. */
export type OrdinaryBody = { readonly kind: string; readonly body: (length: number) => JsonValue };

const subscription = '/subscriptions/5f3c1d0e-9b7a-4c2d-8e6f-0a1b2c3d4e5f';

/** Numbers that look drawn at random, and are the same every time. Source: the mixing function of MurmurHash3, which is in the public domain. */
function scattered(index: number): number {
  let mixed = index + 1;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const hex = (index: number): string => scattered(index).toString(16).padStart(8, '0');

function guid(index: number): string {
  const digits = [0, 1, 2, 3].map((part) => hex(4 * index + part)).join('');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`;
}

/** As many as fit. */
function listOf(length: number, item: (index: number) => JsonValue): readonly JsonValue[] {
  return Array.from({ length: Math.floor(length / (JSON.stringify(item(10_000)).length + 1)) }, (_, index) => item(index));
}

function textOf(length: number, line: (index: number) => string): string {
  return Array.from({ length: Math.floor(length / (line(10_000).length + 1)) }, (_, index) => line(index)).join('\n');
}

const resource = (index: number): JsonValue => ({
  id: `${subscription}/resourceGroups/rg-${index % 40}/providers/Microsoft.Compute/disks/vm-${index}-data`,
  name: `vm-${index}-data`,
  type: 'Microsoft.Compute/disks',
  location: 'westeurope',
  tags: { env: index % 3 === 0 ? 'production' : 'test', owner: `team-${index % 25}`, build: hex(index) },
  properties: { uniqueId: guid(index), diskSizeGB: index % 512, timeCreated: '2026-11-21T20:12:00.1234567+00:00' },
});

const deployed = (index: number): JsonValue => ({
  type: 'Microsoft.Network/networkInterfaces',
  apiVersion: '2024-05-01',
  name: `[concat(parameters('prefix'), '-nic-${index}')]`,
  location: '[resourceGroup().location]',
  dependsOn: [`[resourceId('Microsoft.Network/virtualNetworks', 'vnet-${index}')]`],
  properties: { subnet: { id: `[concat(variables('vnetId'), '/subnets/subnet-${index}')]` }, privateIPAllocationMethod: 'Dynamic' },
});

const logLine = (index: number): string =>
  `2026-11-21T20:12:${String(index % 60).padStart(2, '0')}.${String(index % 1000).padStart(3, '0')}Z INFO request ${guid(index)} GET /api/orders/${index}?page=2&size=50 answered 200 in ${index % 900} ms for 10.0.${index % 256}.${(index >> 8) % 256}`;

const codeLine = (index: number): string =>
  `  export function total${index}(orders: readonly Order[]): number { return orders.filter((order) => order.id !== "${hex(index)}").length * ${index % 99}; } // line ${index}`;

/** What large results really hold. */
export const ordinaryBodies: readonly OrdinaryBody[] = [
  { kind: 'a list of resources', body: (length) => ({ value: listOf(length, resource) }) },
  { kind: 'an exported template', body: (length) => ({ resources: listOf(length, deployed) }) },
  { kind: 'a list of GUIDs', body: (length) => listOf(length, guid) },
  {
    kind: 'a list of resource ids',
    body: (length) => listOf(length, (index) => `${subscription}/resourceGroups/rg/providers/Microsoft.Web/sites/app-${index}`),
  },
  { kind: 'a log in one text', body: (length) => textOf(length, logLine) },
  { kind: 'a log in lines', body: (length) => listOf(length, logLine) },
  { kind: 'source code in one text', body: (length) => textOf(length, codeLine) },
  { kind: 'JSON in one text', body: (length) => JSON.stringify(listOf(Math.floor(length * 0.85), resource)) },
];
