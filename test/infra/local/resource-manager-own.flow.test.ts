import { describe, expect, it } from 'vitest';
import { subscription, useResourceManager } from './resource-manager-setup.ts';

const arm = useResourceManager();
const group = `${subscription}/resourceGroups/rg-countersign/providers`;
const queues = `${group}/Microsoft.ServiceBus/namespaces/sb-countersign/queues?api-version=2024-01-01`;
const own = {
  queues: () => [
    { name: 'checks', lockDurationMs: 90_000, maxDeliveryCount: 10, duplicateDetectionWindowMs: 600_000, defaultTtlMs: 1_209_600_000 },
  ],
  tables: async () => ['operations'],
  containers: async () => ['operation-bodies'],
  guards: () => ({ account: { allowSharedKeyAccess: false }, namespace: { disableLocalAuth: true } }),
};

async function nothingAssigned(): Promise<string> {
  return await arm.managementToken('66666666-6666-4666-8666-00000000c003');
}

describe("Countersign's own resources", () => {
  it('are hidden from who may not read there, and take no change', async () => {
    await arm.restart({ own });
    const token = await nothingAssigned();
    expect((await arm.send('GET', queues, { token })).status).toBe(403);
    expect((await arm.send('DELETE', queues)).status).toBe(405);
  });

  it('are listed as Azure lists them, from what the other stand-ins have', async () => {
    await arm.restart({ own });
    const token = arm.readerToken();
    expect((await arm.send('GET', queues, { token })).body).toEqual({
      value: [
        {
          id: `${group}/Microsoft.ServiceBus/namespaces/sb-countersign/queues/checks`,
          name: 'checks',
          type: 'Microsoft.ServiceBus/namespaces/queues',
          properties: {
            status: 'Active',
            lockDuration: 'PT90S',
            maxDeliveryCount: 10,
            requiresDuplicateDetection: true,
            duplicateDetectionHistoryTimeWindow: 'PT10M',
            defaultMessageTimeToLive: 'P14D',
            deadLetteringOnMessageExpiration: false,
            requiresSession: false,
          },
        },
      ],
    });
    const storage = `${group}/Microsoft.Storage/storageAccounts/stcountersign`;
    const tables = await arm.send('GET', `${storage}/tableServices/default/tables?api-version=2023-05-01`, { token });
    const containers = await arm.send('GET', `${storage}/blobServices/default/containers?api-version=2023-05-01`, { token });
    expect([tables.body, containers.body]).toMatchObject([
      { value: [{ name: 'operations', properties: { tableName: 'operations' } }] },
      { value: [{ name: 'operation-bodies', properties: { publicAccess: 'None' } }] },
    ]);
    const account = await arm.send('GET', `${storage}?api-version=2023-05-01`, { token });
    expect(account.body).toMatchObject({ name: 'stcountersign', properties: { allowSharedKeyAccess: false } });
    const namespace = await arm.send('GET', `${group}/Microsoft.ServiceBus/namespaces/sb-countersign?api-version=2024-01-01`, { token });
    expect(namespace.body).toMatchObject({ type: 'Microsoft.ServiceBus/namespaces', properties: { disableLocalAuth: true } });
    const refused = await arm.send('GET', `${storage}?api-version=2023-05-01`, { token: await nothingAssigned() });
    expect(refused.status).toBe(403);
  });
});

describe('what a deployment assigned', () => {
  it('is listed, until somebody takes it away', async () => {
    await arm.restart({ rights: 'perOperation' });
    const reader = '66666666-6666-4666-8666-000000000001';
    const list = `${subscription}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=principalId eq '${reader}'`;
    const role = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`;
    const granterToken = await arm.managementToken('66666666-6666-4666-8666-00000000c006');
    const listed = await arm.send('GET', list, { token: granterToken });
    expect(listed.body).toMatchObject({ value: [{ properties: { principalId: reader, roleDefinitionId: role, scope: subscription } }] });
    arm.manager().withdraw(reader);
    expect((await arm.send('GET', list, { token: granterToken })).body).toEqual({ value: [] });
    expect((await arm.send('GET', list, { token: arm.readerToken() })).status).toBe(403);
  });
});
