import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TableClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { documentContainerName, tableNames } from '../../shared/adapters/table-storage/ensure-storage.ts';
import { writingsOf } from '../support/planted-secrets.ts';

/** The values of secrets in a run: each of its own, and all with a part that nothing else has, which is looked for wherever it may not be. */
export type PlantedValues = {
  /** What a secret of the request of this number has beforehand, or is to be set to. */
  readonly valueOf: (index: number, when: 'beforehand' | 'set') => string;
  /** Looks into what somebody wrote or was told, in every way in which a value may be written. */
  readonly see: (place: string, text: string) => void;
  /** Where values were seen, and how often. */
  readonly seen: () => ReadonlyMap<string, number>;
};

export function plantValues(): PlantedValues {
  const mark = `Pl4nt3d!${randomBytes(9).toString('hex')}"\\&é`;
  const writings = writingsOf(mark);
  const seen = new Map<string, number>();
  return {
    valueOf: (index, when) => `${mark}-${when}-${index}`,
    see: (place, text) => {
      if (writings.some((writing) => text.includes(writing))) seen.set(place, (seen.get(place) ?? 0) + 1);
    },
    seen: () => seen,
  };
}

/** Azure's own, and the vaults': there the values belong. */
const ofAzure = ['key-vault', 'resource-manager'];

/** Looks at all that is stored in the end: rows, bodies, and the files of whatever stands for a service, but for those of Azure and its vaults. */
export async function searchWhatIsStored(values: PlantedValues, connectionString: string, directory: string): Promise<void> {
  for (const name of Object.values(tableNames)) {
    const client = TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true });
    for await (const row of client.listEntities()) values.see(`the table ${name}`, JSON.stringify(row));
  }
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient(documentContainerName);
  for await (const { name } of container.listBlobsFlat()) {
    values.see('a body', (await container.getBlobClient(name).downloadToBuffer()).toString('latin1'));
  }
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const [part = ''] = path.slice(directory.length + 1).split('/');
    if (entry.isFile() && !ofAzure.includes(part)) values.see(`a file of ${part}`, await readFile(path, 'utf8'));
  }
}
