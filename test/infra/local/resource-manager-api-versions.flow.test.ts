import { describe, expect, it } from 'vitest';
import {
  at,
  devAccount,
  devGroup,
  outcome,
  resourcesVersion,
  storageVersion,
  subscription,
  useResourceManager,
} from './resource-manager-setup.ts';

const arm = useResourceManager();

describe('an api-version that a type does not have', () => {
  it.each([
    ['GET', devAccount],
    ['DELETE', devAccount],
    ['POST', `${devAccount}/listKeys`],
    ['GET', `${devGroup}/providers/Microsoft.Storage/storageAccounts`],
  ])('is refused of %s %s, with those that it has', async (method, path) => {
    await arm.restart({ apiVersions: 'known' });
    const message =
      "No registered resource provider found for location 'westeurope' and API version '2014-01-01' for type 'storageAccounts'. The supported api-versions are '2024-01-01, 2023-05-01'.";
    expect(outcome(await arm.send(method, at(path, '2014-01-01')))).toEqual({
      status: 400,
      body: { error: { code: 'NoRegisteredProviderFound', message } },
    });
    expect((await arm.send('GET', at(devAccount, storageVersion))).status).toBe(200);
  });

  it('is taken of a type that the stand-in does not know', async () => {
    await arm.restart({ apiVersions: 'known' });
    const path = at(`${devGroup}/providers/Contoso.Things/things/a`, '2014-01-01');
    expect((await arm.send('PUT', path, { body: { location: 'westeurope' } })).status).toBe(201);
  });

  it('is taken where nothing else was said', async () => {
    expect((await arm.send('GET', at(devAccount, '2014-01-01'))).status).toBe(200);
  });
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
