import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../shared/config.ts';

const tenant = '11111111-1111-4111-8111-111111111111';
const settings = {
  COUNTERSIGN_ROLE: 'edge',
  COUNTERSIGN_PUBLIC_URL: 'https://countersign.example',
  COUNTERSIGN_TENANT_ID: tenant,
  COUNTERSIGN_API_AUDIENCE: 'api://countersign,22222222-2222-4222-8222-0000000000a1',
  COUNTERSIGN_PERSON_CLIENT_IDS: '22222222-2222-4222-8222-000000000002',
  COUNTERSIGN_SEALING_KEYS: `k1:${'A'.repeat(43)}=`,
  COUNTERSIGN_POLICY_DIRECTORY: 'infra/policy',
  COUNTERSIGN_PROTECTED_SCOPES: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-countersign',
  COUNTERSIGN_READER_CLIENT_ID: '66666666-6666-4666-8666-00000000c001',
  COUNTERSIGN_DIRECTORY_CLIENT_ID: '66666666-6666-4666-8666-00000000c003',
  STORAGE__tableServiceUri: 'https://st.table.core.windows.net',
  STORAGE__blobServiceUri: 'https://st.blob.core.windows.net',
  STORAGE__clientId: '66666666-6666-4666-8666-00000000c005',
  SERVICE_BUS__fullyQualifiedNamespace: 'ns.servicebus.windows.net',
  SERVICE_BUS__clientId: '66666666-6666-4666-8666-00000000c005',
};

function problemsOf(changes: Readonly<Record<string, string | undefined>>): readonly string[] {
  try {
    parseConfig({ ...settings, ...changes });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('what is refused', () => {
  it.each(['61', '600', '-1', '1.5', '', '1e1', ' 5', 'never'])('a directory whose answers may be %j seconds old', (text) => {
    expect(problemsOf({ COUNTERSIGN_DIRECTORY_MAX_AGE_SECONDS: text })).toEqual(['COUNTERSIGN_DIRECTORY_MAX_AGE_SECONDS: must be 0 to 60']);
  });

  it.each(['', 'api://countersign,', ','])('the audiences %j', (text) => {
    expect(problemsOf({ COUNTERSIGN_API_AUDIENCE: text })).not.toEqual([]);
  });

  it.each([
    ['Azure CLI', '04b07795-8ddb-461a-bbee-02f9e1bf7b46'],
    ['Azure CLI in capitals', '04B07795-8DDB-461A-BBEE-02F9E1BF7B46'],
    ['Azure PowerShell', '1950a258-227b-4e31-a9cf-717495945fc2'],
    ['Visual Studio', '872cd9fa-d31f-45e0-9eab-6e460a02d1f1'],
    ['Visual Studio Code', 'aebc6443-996d-45c2-90f0-388ff96faa56'],
  ])('people who come through %s', (_, id) => {
    const clients = `22222222-2222-4222-8222-000000000002,${id}`;
    expect(problemsOf({ COUNTERSIGN_PERSON_CLIENT_IDS: clients })).toEqual([
      expect.stringMatching(/^COUNTERSIGN_PERSON_CLIENT_IDS\.1: a command-line client/),
    ]);
  });
});

describe('the trusted tokens of the tenant', () => {
  const audiences = ['api://countersign', '22222222-2222-4222-8222-0000000000a1'];
  const authority = `https://login.microsoftonline.com/${tenant}/v2.0`;

  it('are those of both versions, under one name', () => {
    const trusted = { kind: 'entra', authority, audiences, tenantId: tenant, algorithms: ['RS256'], idtypIssued: true };
    expect(parseConfig(settings).api.issuers).toEqual([
      {
        ...trusted,
        version: '2.0',
        issuer: authority,
        jwksUri: `https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`,
      },
      {
        ...trusted,
        version: '1.0',
        issuer: `https://sts.windows.net/${tenant}/`,
        jwksUri: `https://login.microsoftonline.com/${tenant}/discovery/keys`,
      },
    ]);
  });

  it.each([
    ['https://login.microsoftonline.us', `https://sts.windows.net/${tenant}/`],
    ['https://login.partner.microsoftonline.cn', `https://sts.chinacloudapi.cn/${tenant}/`],
  ])('of the cloud of %s have its name in version 1', (host, issuer) => {
    const { issuers } = parseConfig({ ...settings, COUNTERSIGN_AUTHORITY_HOST: host }).api;
    expect(issuers.map((trusted) => trusted.issuer)).toEqual([`${host}/${tenant}/v2.0`, issuer]);
  });
});

describe('what the directory says', () => {
  it.each([
    [undefined, 60_000],
    ['0', 0],
    ['5', 5_000],
    ['60', 60_000],
  ])('is remembered, with the setting %s, for %d ms', (text, directoryMaxAgeMs) => {
    const { azure } = parseConfig({ ...settings, ...(text === undefined ? {} : { COUNTERSIGN_DIRECTORY_MAX_AGE_SECONDS: text }) });
    expect(azure).toMatchObject({ directoryMaxAgeMs });
  });
});
