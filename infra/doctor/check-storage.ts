import { z } from 'zod';
import { documentContainerName, tableNames } from '../../shared/adapters/table-storage/ensure-storage.ts';
import { listAzure } from './azure-reading.ts';
import { type Finding, saying } from './finding.ts';
import type { Site } from './site.ts';

const tables = saying('tables');
const containers = saying('containers');

const tableShape = z.object({ name: z.string() });
const containerShape = z.object({ name: z.string(), properties: z.object({ publicAccess: z.string().nullish() }).default({}) });

/** Whether every table and the container of documents are there, and nobody may read containers without a token. */
export async function checkStorage(site: Site): Promise<readonly Finding[]> {
  const { storageAccount } = site.deployment;
  const [foundTables, foundContainers] = await Promise.all([
    listAzure(site, `${storageAccount}/tableServices/default/tables`, '2023-05-01', tableShape),
    listAzure(site, `${storageAccount}/blobServices/default/containers`, '2023-05-01', containerShape),
  ]);
  const lost = (what: string) =>
    `Deploy again: infra/azure makes it, empty. Where ${what} was there before, stop the apps first and restore it from the backup: what it held is evidence.`;
  return [
    ...(foundTables.kind === 'unread'
      ? [tables.unknown('all', foundTables.detail, foundTables.remedy)]
      : Object.values(tableNames).map((name) =>
          foundTables.items.some((found) => found.name.toLowerCase() === name.toLowerCase())
            ? tables.good(name, 'is there')
            : tables.wrong(name, 'is missing', lost('the table')),
        )),
    ...(foundContainers.kind === 'unread'
      ? [containers.unknown('all', foundContainers.detail, foundContainers.remedy)]
      : [documentsOf(foundContainers.items, lost('the container'))]),
  ];
}

function documentsOf(found: readonly z.output<typeof containerShape>[], lost: string): Finding {
  const container = found.find(({ name }) => name === documentContainerName);
  if (container === undefined) return containers.wrong(documentContainerName, 'is missing', lost);
  const { publicAccess } = container.properties;
  return publicAccess === undefined || publicAccess === null || publicAccess === 'None'
    ? containers.good(documentContainerName, 'is there, and private')
    : containers.wrong(
        documentContainerName,
        `is public (${publicAccess})`,
        'Set its public access to none, and look in the logs who read it.',
      );
}
