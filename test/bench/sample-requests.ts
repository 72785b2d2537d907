import type { JsonValue } from '../../shared/domain/json.ts';
import { ordinaryBodies } from '../support/ordinary-bodies.ts';

const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';
const group = `${subscription}/resourceGroups/rg-prod`;

/** The bytes of a submission. */
export function submissionBytes(target: Readonly<Record<string, JsonValue>>): Uint8Array {
  return Buffer.from(JSON.stringify({ target: { kind: 'arm', ...target }, justification: 'The release needs it' }));
}

/** A write in production, as agents ask for it all day. */
export const ordinaryWrite = submissionBytes({
  method: 'PUT',
  apiVersion: '2024-01-01',
  path: `${group}/providers/Microsoft.Storage/storageAccounts/stmeasured`,
  body: { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' }, properties: { minimumTlsVersion: 'TLS1_2' } },
});

/** A deployment with a template of about so many characters. */
export function deploymentOf(length: number): Uint8Array {
  const template = ordinaryBodies.find(({ kind }) => kind === 'an exported template')?.body(length);
  if (template === undefined) throw new Error('There is no ordinary template.');
  return submissionBytes({
    method: 'PUT',
    apiVersion: '2024-03-01',
    path: `${group}/providers/Microsoft.Resources/deployments/measured`,
    body: { properties: { mode: 'Incremental', template } },
  });
}

const scriptLine = (index: number): string =>
  `for host in web-${index} web-${index + 1}; do systemctl is-active "nginx@$host" | grep -c '^active$' >> "/var/log/checks/$host.log"; done`;

/** A command for a machine with a script of about so many characters that looks at services. */
export function commandOf(length: number): Uint8Array {
  const lines = Array.from({ length: Math.floor(length / (scriptLine(500).length + 1)) }, (_, index) => scriptLine(index));
  return submissionBytes({
    method: 'POST',
    apiVersion: '2024-11-01',
    path: `${group}/providers/Microsoft.Compute/virtualMachines/vm-1/runCommand`,
    body: { commandId: 'RunShellScript', script: [lines.join('\n')] },
  });
}
