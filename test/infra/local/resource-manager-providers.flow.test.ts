import { describe, expect, it } from 'vitest';
import { at, devAccount, resourcesVersion, subscription, useResourceManager } from './resource-manager-setup.ts';

const arm = useResourceManager();

it('takes any well-formed api-version, since the table names a few of those that Azure has', async () => {
  expect((await arm.send('GET', at(devAccount, '2014-01-01'))).status).toBe(200);
});

describe('a resource provider', () => {
  it('says which types it has, and in which versions', async () => {
    const { body } = await arm.send('GET', at(`${subscription}/providers/microsoft.storage`, resourcesVersion), {
      token: arm.readerToken(),
    });
    expect(body).toEqual({
      id: `${subscription}/providers/Microsoft.Storage`,
      namespace: 'Microsoft.Storage',
      registrationState: 'Registered',
      resourceTypes: [
        {
          resourceType: 'storageAccounts',
          locations: ['West Europe'],
          apiVersions: ['2024-01-01', '2023-05-01'],
          capabilities: 'SupportsTags, SupportsLocation',
        },
      ],
    });
  });
});
