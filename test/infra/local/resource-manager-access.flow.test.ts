import { generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  at,
  computeVersion,
  devAccount,
  devGroup,
  devMachine,
  operatorClientId,
  operatorObjectId,
  outcome,
  readerClientId,
  readerObjectId,
  refusal,
  resourcesVersion,
  storageVersion,
  subscription,
  useResourceManager,
} from './resource-manager-setup.ts';

const arm = useResourceManager();

describe('a token is refused', () => {
  const read = (token: string) => arm.send('GET', at(devGroup, resourcesVersion), { token });

  it('when it is missing', async () => {
    const response = await fetch(`${arm.manager().address}${at(devGroup, resourcesVersion)}`);
    expect([response.status, await response.json()]).toEqual([
      401,
      { error: { code: 'AuthenticationFailed', message: "Authentication failed. The 'Authorization' header is missing." } },
    ]);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer authorization_uri="http:\/\/127\.0\.0\.1:\d+\/11111111-/);
  });

  it('when it is for another audience', async () => {
    const token = await arm.managementToken(operatorClientId, 'https://graph.microsoft.com');
    expect(outcome(await read(token))).toEqual(refusal(401, 'InvalidAuthenticationTokenAudience'));
  });

  it('when it has expired', async () => {
    const claims = { aud: 'https://management.azure.com', oid: operatorObjectId, exp: Math.floor(arm.now() / 1000) - 1 };
    expect(outcome(await read(await arm.identity().issueToken('deploy-agent', { claims })))).toEqual(
      refusal(401, 'ExpiredAuthenticationToken'),
    );
  });

  it('when it is of another issuer', async () => {
    const claims = { aud: 'https://management.azure.com', oid: operatorObjectId, iss: 'https://login.example/v2.0' };
    expect(outcome(await read(await arm.identity().issueToken('deploy-agent', { claims })))).toEqual(
      refusal(401, 'InvalidAuthenticationTokenTenant'),
    );
  });

  it('when it is of another tenant', async () => {
    const claims = { aud: 'https://management.azure.com', oid: operatorObjectId, tid: '99999999-9999-4999-8999-999999999999' };
    expect(outcome(await read(await arm.identity().issueToken('deploy-agent', { claims })))).toEqual(
      refusal(401, 'InvalidAuthenticationTokenTenant'),
    );
  });

  it('when somebody else signed it', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const claims = { aud: 'https://management.azure.com', oid: operatorObjectId };
    const token = await arm.identity().issueToken('deploy-agent', { claims, key: privateKey });
    expect(outcome(await read(token))).toEqual(refusal(401, 'InvalidAuthenticationToken'));
  });

  it('when nobody signed it', async () => {
    const claims = { aud: 'https://management.azure.com', oid: operatorObjectId };
    const token = await arm.identity().issueToken('deploy-agent', { claims, header: { alg: 'none' } });
    expect(outcome(await read(token))).toEqual(refusal(401, 'InvalidAuthenticationToken'));
  });
});

describe('a token is taken', () => {
  it.each(['https://management.azure.com', 'https://management.azure.com/'])('for the audience %s', async (resourceName) => {
    const token = await arm.managementToken(readerClientId, resourceName);
    expect((await arm.send('GET', at(devGroup, resourcesVersion), { token })).status).toBe(200);
  });

  it('that was signed with a key rotated a moment ago', async () => {
    await arm.send('GET', at(devGroup, resourcesVersion));
    await arm.identity().rotateSigningKey();
    const token = await arm.managementToken(operatorClientId);
    expect((await arm.send('GET', at(devGroup, resourcesVersion), { token })).status).toBe(200);
  });
});

describe('rights', () => {
  it.each([
    ['PUT', at(devAccount, storageVersion), 'Microsoft.Storage/storageAccounts/write', devAccount],
    ['PATCH', at(devAccount, storageVersion), 'Microsoft.Storage/storageAccounts/write', devAccount],
    ['DELETE', at(devAccount, storageVersion), 'Microsoft.Storage/storageAccounts/delete', devAccount],
    ['POST', at(`${devAccount}/listKeys`, storageVersion), 'Microsoft.Storage/storageAccounts/listKeys/action', devAccount],
    ['POST', at(`${devMachine}/restart`, computeVersion), 'Microsoft.Compute/virtualMachines/restart/action', devMachine],
    ['DELETE', at(devGroup, resourcesVersion), 'Microsoft.Resources/subscriptions/resourceGroups/delete', devGroup],
  ])('do not let the reader %s %s', async (method, path, action, scope) => {
    const received = await arm.send(method, path, { token: arm.readerToken() });
    expect(received.status).toBe(403);
    expect(received.body).toEqual({
      error: {
        code: 'AuthorizationFailed',
        message: `The client '${readerClientId}' with object id '${readerObjectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
      },
    });
  });

  it('do not let an agent read anything, though its token is good', async () => {
    const token = await arm.identity().issueToken('deploy-agent', { claims: { aud: 'https://management.azure.com' } });
    expect(outcome(await arm.send('GET', at(devGroup, resourcesVersion), { token }))).toEqual(refusal(403, 'AuthorizationFailed'));
  });

  it('do not show an agent whether a resource exists', async () => {
    const token = await arm.identity().issueToken('deploy-agent', { claims: { aud: 'https://management.azure.com' } });
    const absent = await arm.send('GET', at(`${subscription}/resourceGroups/rg-none`, resourcesVersion), { token });
    expect(outcome(absent)).toEqual(refusal(403, 'AuthorizationFailed'));
  });

  it('show an agent no subscription', async () => {
    const token = await arm.identity().issueToken('deploy-agent', { claims: { aud: 'https://management.azure.com' } });
    expect((await arm.send('GET', at('/subscriptions', resourcesVersion), { token })).body).toMatchObject({ value: [] });
  });

  it('let the reader post what only reads', async () => {
    const path = at(`${subscription}/providers/Microsoft.Storage/checkNameAvailability`, storageVersion);
    const body = { name: 'stproddata', type: 'Microsoft.Storage/storageAccounts' };
    const received = await arm.send('POST', path, { body, token: arm.readerToken() });
    expect(received.body).toMatchObject({ nameAvailable: false, reason: 'AlreadyExists' });
  });
});

describe('a request is refused', () => {
  it('without an api-version', async () => {
    expect(outcome(await arm.send('GET', devGroup))).toEqual(refusal(400, 'MissingApiVersionParameter'));
  });

  it('with an api-version that is none', async () => {
    expect(outcome(await arm.send('GET', `${devGroup}?api-version=latest`))).toEqual(refusal(400, 'InvalidApiVersionParameter'));
  });

  it('with a parameter that comes twice', async () => {
    const path = `${devGroup}?api-version=2025-04-01&API-VERSION=2021-04-01`;
    expect(outcome(await arm.send('GET', path))).toEqual(refusal(400, 'InvalidQueryParameter'));
  });

  it('with an encoded separator in a name', async () => {
    const path = at(`${subscription}/resourceGroups/rg-dev%2Fx`, resourcesVersion);
    expect(outcome(await arm.send('GET', path))).toEqual(refusal(400, 'InvalidUri'));
  });

  it('for an unknown subscription', async () => {
    const path = at('/subscriptions/00000000-0000-0000-0000-0000000000ff', resourcesVersion);
    expect(outcome(await arm.send('GET', path))).toEqual(refusal(404, 'SubscriptionNotFound'));
  });

  it('for an unknown resource group', async () => {
    const path = at(`${subscription}/resourceGroups/rg-none/providers/Microsoft.Storage/storageAccounts/x`, storageVersion);
    const received = await arm.send('GET', path);
    expect(outcome(received)).toEqual({
      status: 404,
      body: { error: { code: 'ResourceGroupNotFound', message: "Resource group 'rg-none' could not be found." } },
    });
  });

  it('for an unknown resource', async () => {
    const received = await arm.send('GET', at(`${devGroup}/providers/Microsoft.Storage/storageAccounts/stnone`, storageVersion));
    expect(outcome(received)).toEqual({
      status: 404,
      body: {
        error: {
          code: 'ResourceNotFound',
          message:
            "The Resource 'Microsoft.Storage/storageAccounts/stnone' under resource group 'rg-dev' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        },
      },
    });
  });

  it('with a method that the target does not have', async () => {
    const received = await arm.send('POST', at(devAccount, storageVersion), { body: {} });
    expect(outcome(received)).toEqual(refusal(405, 'MethodNotAllowed'));
    expect(received.headers.get('allow')).toBe('GET, HEAD, PUT, PATCH, DELETE');
  });

  it('with an action that the type does not have', async () => {
    expect(outcome(await arm.send('POST', at(`${devAccount}/explode`, storageVersion)))).toEqual(refusal(404, 'InvalidResourceType'));
  });

  it('with a body that is no JSON object', async () => {
    expect(outcome(await arm.send('PUT', at(devAccount, storageVersion), { body: [] }))).toEqual(refusal(400, 'InvalidRequestContent'));
  });

  it('with a body of another media type', async () => {
    const headers = { 'content-type': 'text/plain' };
    const received = await arm.send('PUT', at(devAccount, storageVersion), { body: {}, headers });
    expect(outcome(received)).toEqual(refusal(415, 'UnsupportedMediaType'));
  });

  it('with a body over 4 MiB', async () => {
    const body = { location: 'westeurope', properties: { filling: 'x'.repeat(4 * 1024 * 1024) } };
    expect(outcome(await arm.send('PUT', at(devAccount, storageVersion), { body }))).toEqual(refusal(413, 'RequestEntityTooLarge'));
    expect(arm.manager().requests()).toMatchObject([{ method: 'PUT', status: 413, effect: null }]);
  });
});
