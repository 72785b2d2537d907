import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { constantsText } from '../../../infra/azure/write-constants.ts';
import { documentContainerName, tableNames } from '../../../shared/adapters/table-storage/ensure-storage.ts';
import { queues, setAsideQueue } from '../../../shared/contracts/queues.ts';
import { azureDirectory, deployed } from './deployed.ts';

describe('what templates and code must have alike', () => {
  it('is written as the code has it now; else: npm run infra:constants', async () => {
    expect(readFileSync(`${azureDirectory}/constants.json`, 'utf8')).toBe(await constantsText());
  });

  it('are all queues, with all their settings', () => {
    const made = deployed().resources.filter(({ type }) => type.startsWith('Microsoft.ServiceBus/namespaces/queues@'));
    const asWritten = made.map(({ body }) => ({ name: body['name'], ...Object(body['properties']) }));
    expect(asWritten).toEqual([...queues, setAsideQueue]);
  });

  it('are the tables and the container of bodies', () => {
    const { resources } = deployed();
    const namesOf = (type: string) => resources.filter((resource) => resource.type.startsWith(type)).map(({ body }) => body['name']);
    expect(namesOf('Microsoft.Storage/storageAccounts/tableServices/tables@').toSorted()).toEqual(Object.values(tableNames).toSorted());
    expect(namesOf('Microsoft.Storage/storageAccounts/blobServices/containers@')).toContain(documentContainerName);
  });
});
