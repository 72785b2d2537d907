import { z } from 'zod';
import { readAzure } from './azure-reading.ts';
import { type Finding, saying } from './finding.ts';
import type { Site } from './site.ts';

const { good, wrong, unknown } = saying('access');

const accountShape = z.object({
  properties: z.object({
    // Azure takes shared keys where nobody says otherwise, and says nothing then.
    allowSharedKeyAccess: z.boolean().nullish(),
    allowBlobPublicAccess: z.boolean().nullish(),
    minimumTlsVersion: z.string().nullish(),
  }),
});
const namespaceShape = z.object({
  properties: z.object({ disableLocalAuth: z.boolean().nullish(), minimumTlsVersion: z.string().nullish() }),
});

const closeAgain =
  'Deploy again: infra/azure turns it off. Then look in the activity log who turned it on, and in the logs of the resource who came in meanwhile.';

/** Whether nobody gets to evidence, code or messages but with a token of Entra ID, so that role assignments are all that there is to look at. */
export async function checkAccess(site: Site): Promise<readonly Finding[]> {
  const { storageAccount, hostAccounts, serviceBusNamespace } = site.deployment;
  return await Promise.all([...[storageAccount, ...hostAccounts].map((id) => ofAccount(site, id)), ofNamespace(site, serviceBusNamespace)]);
}

async function ofAccount(site: Site, id: string): Promise<Finding> {
  const read = await readAzure(site, id, '2023-05-01', accountShape);
  if (read.kind === 'unread') return unknown(nameOf(id), read.detail, read.remedy);
  const [found] = read.items;
  if (found === undefined) return gone(id);
  const { allowSharedKeyAccess, allowBlobPublicAccess, minimumTlsVersion } = found.properties;
  return judged(id, [
    ...(allowSharedKeyAccess === false ? [] : ['takes shared keys']),
    ...(allowBlobPublicAccess === false ? [] : ['lets containers be public']),
    ...(minimumTlsVersion === 'TLS1_2' || minimumTlsVersion === 'TLS1_3' ? [] : [`takes ${minimumTlsVersion ?? 'any TLS'}`]),
  ]);
}

async function ofNamespace(site: Site, id: string): Promise<Finding> {
  const read = await readAzure(site, id, '2024-01-01', namespaceShape);
  if (read.kind === 'unread') return unknown(nameOf(id), read.detail, read.remedy);
  const [found] = read.items;
  if (found === undefined) return gone(id);
  const { disableLocalAuth, minimumTlsVersion } = found.properties;
  return judged(id, [
    ...(disableLocalAuth === true ? [] : ['takes shared keys']),
    ...(minimumTlsVersion === '1.2' || minimumTlsVersion === '1.3' ? [] : [`takes TLS ${minimumTlsVersion ?? 'of any version'}`]),
  ]);
}

function judged(id: string, faults: readonly string[]): Finding {
  return faults.length === 0 ? good(nameOf(id), 'takes tokens of Entra ID alone') : wrong(nameOf(id), faults.join('; '), closeAgain);
}

function gone(id: string): Finding {
  return wrong(
    nameOf(id),
    'is missing',
    'Look in the activity log who deleted it; restore it from the backup before anything is deployed in its place.',
  );
}

function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}
