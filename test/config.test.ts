import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../shared/config.ts';
import { edgeSettings } from './support/edge-settings.ts';

const key = Buffer.alloc(32, 7).toString('base64');

const local: Readonly<Record<string, string>> = {
  COUNTERSIGN_ROLE: 'all',
  COUNTERSIGN_PUBLIC_URL: 'http://localhost:7071/',
  COUNTERSIGN_TENANT_ID: '11111111-1111-4111-8111-111111111111',
  COUNTERSIGN_API_AUDIENCE: 'api://countersign',
  COUNTERSIGN_PERSON_CLIENT_IDS: '77777777-7777-4777-8777-000000000001',
  COUNTERSIGN_AUTHORITY_HOST: 'http://localhost:5001/',
  STORAGE: `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${key};BlobEndpoint=http://127.0.0.1:10000/a;TableEndpoint=http://127.0.0.1:10002/a;`,
  SERVICE_BUS: `Endpoint=sb://localhost:5672;SharedAccessKeyName=k;SharedAccessKey=${key};UseDevelopmentEmulator=true;`,
  COUNTERSIGN_SEALING_KEYS: `key-1:${key}`,
  COUNTERSIGN_POLICY_DIRECTORY: 'infra/policy',
  COUNTERSIGN_PROTECTED_SCOPES: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-countersign',
  COUNTERSIGN_ARM_ENDPOINT: 'https://localhost:5002',
  COUNTERSIGN_GRAPH_ENDPOINT: 'http://localhost:5001/graph/v1.0',
  COUNTERSIGN_READER_CLIENT_ID: '66666666-6666-4666-8666-000000000001',
  COUNTERSIGN_DIRECTORY_CLIENT_ID: '66666666-6666-4666-8666-000000000002',
  COUNTERSIGN_OPERATOR_CLIENT_ID: '66666666-6666-4666-8666-000000000003',
  COUNTERSIGN_OPERATOR_PRINCIPAL_ID: '99999999-9999-4999-8999-000000000003',
  COUNTERSIGN_SECRETS_CLIENT_ID: '66666666-6666-4666-8666-000000000005',
  COUNTERSIGN_SECRETS_PRINCIPAL_ID: '99999999-9999-4999-8999-000000000005',
  COUNTERSIGN_GRANTER_CLIENT_ID: '66666666-6666-4666-8666-000000000006',
  COUNTERSIGN_BOT_APP_ID: '88888888-8888-4888-8888-000000000001',
  COUNTERSIGN_TEAMS_SERVICE_URLS: 'http://localhost:5003/',
};

function problemsOf(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  try {
    parseConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const namesOf = (problems: readonly string[]) => problems.map((problem) => /^[A-Z_a-z]+/.exec(problem)?.[0]);

describe('every problem is listed at once', () => {
  it('of settings that are missing', () => {
    expect(namesOf(problemsOf({}))).toEqual([
      'COUNTERSIGN_ROLE',
      'COUNTERSIGN_PUBLIC_URL',
      'COUNTERSIGN_TENANT_ID',
      'COUNTERSIGN_API_AUDIENCE',
      'COUNTERSIGN_PERSON_CLIENT_IDS',
      'COUNTERSIGN_SEALING_KEYS',
      'COUNTERSIGN_POLICY_DIRECTORY',
      'COUNTERSIGN_PROTECTED_SCOPES',
      'COUNTERSIGN_READER_CLIENT_ID',
      'COUNTERSIGN_DIRECTORY_CLIENT_ID',
      'STORAGE__tableServiceUri',
      'SERVICE_BUS__fullyQualifiedNamespace',
    ]);
  });

  it('of those that only one role needs, beside those that all need', () => {
    expect(namesOf(problemsOf({ ...edgeSettings, COUNTERSIGN_ROLE: 'executor', COUNTERSIGN_TENANT_ID: 'contoso' }))).toEqual([
      'COUNTERSIGN_TENANT_ID',
      'COUNTERSIGN_OPERATOR_CLIENT_ID',
      'COUNTERSIGN_SECRETS_CLIENT_ID',
      'COUNTERSIGN_GRANTER_CLIENT_ID',
      'COUNTERSIGN_OPERATOR_PRINCIPAL_ID',
      'COUNTERSIGN_SECRETS_PRINCIPAL_ID',
    ]);
    expect(namesOf(problemsOf({ ...edgeSettings, COUNTERSIGN_ROLE: 'approvals' }))).toEqual([
      'COUNTERSIGN_BOT_APP_ID',
      'COUNTERSIGN_TEAMS_SERVICE_URLS',
    ]);
    expect(namesOf(problemsOf({ ...edgeSettings, COUNTERSIGN_ROLE: 'all' }))).toEqual([
      'COUNTERSIGN_OPERATOR_CLIENT_ID',
      'COUNTERSIGN_SECRETS_CLIENT_ID',
      'COUNTERSIGN_GRANTER_CLIENT_ID',
      'COUNTERSIGN_OPERATOR_PRINCIPAL_ID',
      'COUNTERSIGN_SECRETS_PRINCIPAL_ID',
      'COUNTERSIGN_BOT_APP_ID',
      'COUNTERSIGN_TEAMS_SERVICE_URLS',
    ]);
  });

  it('in the message too, one a line', () => {
    expect(() => parseConfig({ ...edgeSettings, COUNTERSIGN_TENANT_ID: 'x', COUNTERSIGN_READER_CLIENT_ID: 'y' })).toThrow(
      'The settings are incomplete or wrong:\n  - COUNTERSIGN_TENANT_ID: must be a GUID\n  - COUNTERSIGN_READER_CLIENT_ID: must be a GUID',
    );
  });
});

it('no value is ever repeated, since it may be a secret in the wrong place', () => {
  const secret = 'hunter2-hunter2-hunter2';
  const wrong = Object.fromEntries([...Object.keys(local), ...Object.keys(edgeSettings)].map((name) => [name, secret]));
  for (const role of ['edge', 'all', secret]) {
    const said = problemsOf({ ...wrong, COUNTERSIGN_ROLE: role }).join('\n');
    expect(said).not.toBe('');
    expect(said).not.toContain('hunter2');
  }
  const key33 = Buffer.alloc(33, 7).toString('base64');
  expect(problemsOf({ ...local, COUNTERSIGN_SEALING_KEYS: `key-1:${key33}` }).join()).not.toContain(key33.slice(0, 10));
});

describe('a connection string is only for this machine', () => {
  const cloudStorage = `AccountName=a;AccountKey=${key}`;
  it.each([
    ['a storage account of the cloud', { STORAGE: `DefaultEndpointsProtocol=https;${cloudStorage};EndpointSuffix=core.windows.net` }],
    [
      'one that only its blobs are emulated of',
      { STORAGE: `DefaultEndpointsProtocol=https;${cloudStorage};EndpointSuffix=core.windows.net;BlobEndpoint=http://127.0.0.1:10000/a` },
    ],
    [
      'one whose tables are elsewhere, in other case',
      {
        STORAGE: `${cloudStorage};BlobEndpoint=http://127.0.0.1/a;TableEndpoint=http://127.0.0.1/a;tableendpoint=https://a.table.core.windows.net`,
      },
    ],
    [
      'one whose tables are elsewhere, after a space',
      {
        STORAGE: `${cloudStorage};BlobEndpoint=http://127.0.0.1/a;TableEndpoint=http://127.0.0.1/a; TableEndpoint =https://a.table.core.windows.net`,
      },
    ],
    ['one that names no endpoint', { STORAGE: 'UseDevelopmentStorage=true' }],
    [
      'one that names this machine as a user',
      { STORAGE: `${cloudStorage};BlobEndpoint=http://localhost@evil.example/a;TableEndpoint=http://localhost/a` },
    ],
    [
      'one that only begins as this machine',
      { STORAGE: `${cloudStorage};BlobEndpoint=http://localhost.evil.example/a;TableEndpoint=http://localhost/a` },
    ],
    ['nothing', { STORAGE: '' }],
    ['a namespace of the cloud', { SERVICE_BUS: `Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=k;SharedAccessKey=${key}` }],
    [
      'a namespace of the cloud behind one of this machine',
      { SERVICE_BUS: `Endpoint=sb://localhost;Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=k;SharedAccessKey=${key}` },
    ],
    [
      'a namespace of the cloud behind one of this machine, after a space',
      { SERVICE_BUS: `Endpoint=sb://localhost; Endpoint = sb://ns.servicebus.windows.net/;SharedAccessKeyName=k;SharedAccessKey=${key}` },
    ],
    ['no namespace', { SERVICE_BUS: `SharedAccessKeyName=k;SharedAccessKey=${key}` }],
  ])('and not for %s', (_, changes) => {
    const [name = ''] = Object.keys(changes);
    expect(problemsOf({ ...local, ...changes })).toEqual([
      `${name}: a connection string is only for an emulator on this machine; elsewhere use an identity`,
    ]);
  });

  it.each(['localhost', '127.0.0.1', '[::1]', 'storage.localhost'])('as %s', (host) => {
    const storage = `${cloudStorage};BlobEndpoint=http://${host}:1/a;TableEndpoint=http://${host}:2/a`;
    expect(
      problemsOf({ ...local, STORAGE: storage, SERVICE_BUS: `Endpoint=sb://${host}:3;SharedAccessKeyName=k;SharedAccessKey=${key}` }),
    ).toEqual([]);
  });
});

describe('http is only for this machine', () => {
  it.each([
    'COUNTERSIGN_PUBLIC_URL',
    'COUNTERSIGN_AUTHORITY_HOST',
    'COUNTERSIGN_GRAPH_ENDPOINT',
    'COUNTERSIGN_ARM_ENDPOINT',
    'STORAGE__tableServiceUri',
    'STORAGE__blobServiceUri',
  ])('%s', (name) => {
    for (const url of [
      'http://example.com',
      'http://localhost.example.com',
      'http://localhost@example.com',
      'http://10.0.0.4',
      'ftp://localhost',
      'localhost',
      '',
    ]) {
      expect(namesOf(problemsOf({ ...edgeSettings, [name]: url }))).toContain(name);
    }
  });

  it.each(['COUNTERSIGN_BOT_OPENID_METADATA_URL', 'COUNTERSIGN_TEAMS_SERVICE_URLS'])('%s', (name) => {
    expect(namesOf(problemsOf({ ...local, [name]: 'http://example.com/openidconfiguration' }))).toEqual([name]);
    expect(problemsOf({ ...local, [name]: 'http://localhost:5003/openidconfiguration' })).toEqual([]);
  });

  it('and Azure itself is called by https even there, since its credential goes with each call', () => {
    expect(problemsOf({ ...local, COUNTERSIGN_ARM_ENDPOINT: 'http://localhost:5002' })).toEqual([
      'COUNTERSIGN_ARM_ENDPOINT: must be https',
    ]);
  });
});

describe('a person’s token never counts by way of a command-line client', () => {
  it.each([
    ['Azure CLI', '04b07795-8ddb-461a-bbee-02f9e1bf7b46'],
    ['Azure CLI in capitals', '04B07795-8DDB-461A-BBEE-02F9E1BF7B46'],
    ['Azure PowerShell', '1950a258-227b-4e31-a9cf-717495945fc2'],
    ['Visual Studio', '872cd9fa-d31f-45e0-9eab-6e460a02d1f1'],
    ['Visual Studio Code', 'aebc6443-996d-45c2-90f0-388ff96faa56'],
    ['Microsoft Graph Command Line Tools', '14d82eec-204b-4c2f-b7e8-296a70dab67e'],
  ])('%s', (_, client) => {
    const problems = problemsOf({ ...edgeSettings, COUNTERSIGN_PERSON_CLIENT_IDS: `77777777-7777-4777-8777-000000000001, ${client}` });
    expect(problems).toEqual([expect.stringMatching(/^COUNTERSIGN_PERSON_CLIENT_IDS\.1: a command-line client/)]);
  });

  it.each(['', 'console', '77777777-7777-4777-8777-000000000001,', '*'])('nor by way of %j', (list) => {
    expect(namesOf(problemsOf({ ...edgeSettings, COUNTERSIGN_PERSON_CLIENT_IDS: list }))).toEqual(['COUNTERSIGN_PERSON_CLIENT_IDS']);
  });
});

describe('personal data that is masked', () => {
  it('is none of the four kinds unless they are named', () => {
    expect(parseConfig({ ...local, COUNTERSIGN_MASK_PERSONAL_DATA: '' }).maskedPersonalData).toEqual([]);
    expect(parseConfig({ ...local, COUNTERSIGN_MASK_PERSONAL_DATA: 'email, nationalId' }).maskedPersonalData).toEqual([
      'email',
      'nationalId',
    ]);
  });

  it('is of no unknown kind', () => {
    for (const kinds of ['emails', 'email,', 'Email']) {
      expect(() => parseConfig({ ...local, COUNTERSIGN_MASK_PERSONAL_DATA: kinds })).toThrow(/COUNTERSIGN_MASK_PERSONAL_DATA/);
    }
  });
});

describe('sealing keys', () => {
  it.each([
    ['none', ''],
    ['no id', `:${key}`],
    ['an id alone', 'key-1'],
    ['16 bytes', `key-1:${Buffer.alloc(16, 7).toString('base64')}`],
    ['33 bytes', `key-1:${Buffer.alloc(33, 7).toString('base64')}`],
    ['hexadecimal', `key-1:${'07'.repeat(32)}`],
    ['an empty one after a good one', `key-1:${key},`],
    ['two of one id', `key-1:${key},key-1:${Buffer.alloc(32, 8).toString('base64')}`],
  ])('are refused: %s', (_, keys) => {
    expect(namesOf(problemsOf({ ...edgeSettings, COUNTERSIGN_SEALING_KEYS: keys }))).toEqual(['COUNTERSIGN_SEALING_KEYS']);
  });

  it('come in the order in which they were given', () => {
    const { sealingKeys } = parseConfig({
      ...edgeSettings,
      COUNTERSIGN_SEALING_KEYS: `key-2:${Buffer.alloc(32, 8).toString('base64')}, key-1:${key}`,
    });
    expect(sealingKeys).toEqual([
      { kid: 'key-2', key: new Uint8Array(32).fill(8) },
      { kid: 'key-1', key: new Uint8Array(32).fill(7) },
    ]);
  });
});

describe('an identity', () => {
  it.each([
    'STORAGE__tableServiceUri',
    'STORAGE__blobServiceUri',
    'STORAGE__clientId',
    'SERVICE_BUS__fullyQualifiedNamespace',
    'SERVICE_BUS__clientId',
  ])('reaches nothing without %s', (name) => {
    expect(problemsOf({ ...edgeSettings, [name]: undefined })).toHaveLength(1);
  });

  it.each(['ns', 'ns.servicebus.windows.net/x', 'sb://ns.servicebus.windows.net', 'ns.example.com', 'ns.servicebus.windows.net:5671'])(
    'reaches no namespace called %s',
    (namespace) => {
      expect(namesOf(problemsOf({ ...edgeSettings, SERVICE_BUS__fullyQualifiedNamespace: namespace }))).toEqual([
        'SERVICE_BUS__fullyQualifiedNamespace',
      ]);
    },
  );
});

describe('what is read', () => {
  it('in the cloud', () => {
    expect(parseConfig(edgeSettings)).toMatchObject({
      role: 'edge',
      publicUrl: 'https://countersign.example.com',
      api: {
        personClients: ['77777777-7777-4777-8777-000000000001'],
        issuers: [
          {
            issuer: 'https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111/v2.0',
            audiences: ['api://countersign'],
            tenantId: '11111111-1111-4111-8111-111111111111',
            jwksUri: 'https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111/discovery/v2.0/keys',
            algorithms: ['RS256'],
            idtypIssued: true,
          },
          { issuer: 'https://sts.windows.net/11111111-1111-4111-8111-111111111111/', idtypIssued: true },
        ],
      },
      storage: {
        kind: 'identity',
        tableServiceUri: 'https://st.table.core.windows.net',
        blobServiceUri: 'https://st.blob.core.windows.net',
      },
      serviceBus: { kind: 'identity', fullyQualifiedNamespace: 'ns.servicebus.windows.net' },
      azure: {
        armEndpoint: 'https://management.azure.com',
        graphEndpoint: 'https://graph.microsoft.com/v1.0',
        executor: undefined,
      },
      teams: undefined,
    });
  });

  it('on this machine', () => {
    expect(parseConfig(local)).toMatchObject({
      role: 'all',
      publicUrl: 'http://localhost:7071',
      storage: { kind: 'connectionString' },
      serviceBus: { kind: 'connectionString' },
      azure: {
        executor: {
          operatorClientId: '66666666-6666-4666-8666-000000000003',
          secretsClientId: '66666666-6666-4666-8666-000000000005',
          rights: {
            kind: 'perOperation',
            granterClientId: '66666666-6666-4666-8666-000000000006',
            operatorPrincipalId: '99999999-9999-4999-8999-000000000003',
            secretsPrincipalId: '99999999-9999-4999-8999-000000000005',
          },
        },
      },
      teams: {
        botAppId: '88888888-8888-4888-8888-000000000001',
        issuer: 'https://api.botframework.com',
        openIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
        serviceUrls: ['http://localhost:5003/'],
      },
    });
  });

  it('of the executor only the executor has, even where another was given it', () => {
    expect(parseConfig({ ...local, COUNTERSIGN_ROLE: 'edge' })).toMatchObject({ azure: { executor: undefined }, teams: undefined });
    expect(parseConfig({ ...local, COUNTERSIGN_ROLE: 'approvals' }).azure.executor).toBeUndefined();
    expect(parseConfig({ ...local, COUNTERSIGN_ROLE: 'executor' }).teams).toBeUndefined();
  });

  it('with standing rights only where that is said', () => {
    const standing = { ...local, COUNTERSIGN_GRANTER_CLIENT_ID: undefined, COUNTERSIGN_RIGHTS: 'standing' };
    expect(parseConfig(standing).azure.executor?.rights).toEqual({ kind: 'standing' });
    expect(namesOf(problemsOf({ ...standing, COUNTERSIGN_RIGHTS: '' }))).toEqual(['COUNTERSIGN_RIGHTS', 'COUNTERSIGN_GRANTER_CLIENT_ID']);
  });

  it.each([
    ['COUNTERSIGN_OPERATOR_CLIENT_ID', '66666666-6666-4666-8666-000000000001', 'COUNTERSIGN_READER_CLIENT_ID'],
    ['COUNTERSIGN_GRANTER_CLIENT_ID', '66666666-6666-4666-8666-000000000005', 'COUNTERSIGN_SECRETS_CLIENT_ID'],
    ['COUNTERSIGN_SECRETS_PRINCIPAL_ID', '99999999-9999-4999-8999-000000000003', 'COUNTERSIGN_OPERATOR_PRINCIPAL_ID'],
  ])('never with one identity in two places: %s', (name, value, other) => {
    expect(problemsOf({ ...local, [name]: value })).toEqual([`${name}: must be another identity than ${other}`]);
  });

  it('by an identity where both that and a connection string are given', () => {
    expect(parseConfig({ ...edgeSettings, STORAGE: local['STORAGE'], SERVICE_BUS: local['SERVICE_BUS'] })).toMatchObject({
      storage: { kind: 'identity' },
      serviceBus: { kind: 'identity' },
    });
  });

  it('as one tenant and one client, however their letters were given', () => {
    const config = parseConfig({ ...edgeSettings, COUNTERSIGN_TENANT_ID: 'AAAAAAAA-1111-4111-8111-111111111111' });
    expect(config.tenantId).toBe('aaaaaaaa-1111-4111-8111-111111111111');
  });

  it('as protected scopes in lower case, as ids are compared', () => {
    const scope = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-countersign';
    expect(parseConfig({ ...edgeSettings, COUNTERSIGN_PROTECTED_SCOPES: scope }).policy.protectedScopes).toEqual([scope.toLowerCase()]);
  });
});

describe('the hosts of vaults', () => {
  it.each([
    'vault.azure.net',
    '.net',
    '.vault.azure.net:8443',
    '.localhost:7083',
    '.Vault.azure.net',
    '.vault..net',
    '.vault.azure.net/',
    'https://vault.azure.net',
    '',
  ])('are not those of %j', (suffix) => {
    expect(problemsOf({ ...local, COUNTERSIGN_VAULT_SUFFIX: suffix })).toEqual(['COUNTERSIGN_VAULT_SUFFIX: must be as .vault.azure.net']);
  });

  it('are those of the public cloud where nothing is said, which names two authorities', () => {
    expect(parseConfig(edgeSettings).keyVault).toEqual({
      suffix: '.vault.azure.net',
      authorities: ['https://login.microsoftonline.com', 'https://login.windows.net'],
      watched: [],
    });
  });

  it('are those of another cloud, or of this machine with a port', () => {
    expect(parseConfig({ ...local, COUNTERSIGN_VAULT_SUFFIX: '.vault.localhost:7083' }).keyVault).toEqual({
      suffix: '.vault.localhost:7083',
      authorities: ['http://localhost:5001'],
      watched: [],
    });
    expect(parseConfig({ ...local, COUNTERSIGN_VAULT_SUFFIX: '.vault.azure.cn' }).keyVault.suffix).toBe('.vault.azure.cn');
  });

  it.each(['kv-1', 'https://kv-1.vault.azure.cn', 'https://kv-1.vault.azure.net/', 'https://kv-1.vault.azure.net,https://evil.example'])(
    'are not watched at %j',
    (watched) => {
      expect(problemsOf({ ...edgeSettings, COUNTERSIGN_WATCHED_VAULTS: watched })).toEqual([
        'COUNTERSIGN_WATCHED_VAULTS: must be as https://NAME.vault.azure.net',
      ]);
    },
  );

  it('are watched where they are named', () => {
    const watched = 'https://KV-1.vault.azure.net, https://kv-2.vault.azure.net';
    expect(parseConfig({ ...edgeSettings, COUNTERSIGN_WATCHED_VAULTS: watched }).keyVault.watched).toEqual([
      'https://kv-1.vault.azure.net',
      'https://kv-2.vault.azure.net',
    ]);
  });
});

describe('telemetry', () => {
  const connection =
    'InstrumentationKey=12345678-1234-4234-8234-123456789012;IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/;LiveEndpoint=https://x.example/';
  const withTelemetry = (text: string, authentication?: string) => ({
    ...edgeSettings,
    APPLICATIONINSIGHTS_CONNECTION_STRING: text,
    ...(authentication === undefined ? {} : { APPLICATIONINSIGHTS_AUTHENTICATION_STRING: authentication }),
  });

  it.each([
    ['no key', 'IngestionEndpoint=https://x.example'],
    ['a key that is none', 'InstrumentationKey=hunter2;IngestionEndpoint=https://x.example'],
    ['no endpoint', 'InstrumentationKey=12345678-1234-4234-8234-123456789012'],
    ['an endpoint in the clear', 'InstrumentationKey=12345678-1234-4234-8234-123456789012;IngestionEndpoint=http://x.example'],
  ])('is refused with %s, without a word of it', (_, text) => {
    const problems = problemsOf(withTelemetry(text));
    expect(problems).toEqual([
      'APPLICATIONINSIGHTS_CONNECTION_STRING: must have InstrumentationKey=<GUID> and IngestionEndpoint=https://…',
    ]);
  });

  it('is refused with an identity of an unknown form', () => {
    expect(namesOf(problemsOf(withTelemetry(connection, 'Authorization=key')))).toEqual(['APPLICATIONINSIGHTS_AUTHENTICATION_STRING']);
  });

  it('is off where nothing is said, and where the setting is empty', () => {
    expect(parseConfig(edgeSettings).telemetry).toBeUndefined();
    expect(parseConfig(withTelemetry('')).telemetry).toBeUndefined();
  });

  it('goes where the setting says, with the identity that it names', () => {
    expect(parseConfig(withTelemetry(connection)).telemetry).toEqual({ connectionString: connection, identity: undefined });
    const clientId = '66666666-6666-4666-8666-000000000004';
    expect(parseConfig(withTelemetry(connection, `Authorization=AAD;ClientId=${clientId}`)).telemetry?.identity).toEqual({ clientId });
    expect(parseConfig(withTelemetry(connection, 'Authorization=AAD')).telemetry?.identity).toEqual({ clientId: undefined });
  });
});
