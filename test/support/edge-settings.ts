/** Settings of an edge in the cloud, with nothing left out and nothing that is not needed. */
export const edgeSettings: Readonly<Record<string, string>> = {
  COUNTERSIGN_ROLE: 'edge',
  COUNTERSIGN_PUBLIC_URL: 'https://countersign.example.com',
  COUNTERSIGN_TENANT_ID: '11111111-1111-4111-8111-111111111111',
  COUNTERSIGN_API_AUDIENCE: 'api://countersign',
  COUNTERSIGN_PERSON_CLIENT_IDS: '77777777-7777-4777-8777-000000000001',
  STORAGE__tableServiceUri: 'https://st.table.core.windows.net',
  STORAGE__blobServiceUri: 'https://st.blob.core.windows.net',
  STORAGE__clientId: '66666666-6666-4666-8666-000000000004',
  SERVICE_BUS__fullyQualifiedNamespace: 'ns.servicebus.windows.net',
  SERVICE_BUS__clientId: '66666666-6666-4666-8666-000000000004',
  COUNTERSIGN_SEALING_KEYS: `key-1:${Buffer.alloc(32, 7).toString('base64')}`,
  COUNTERSIGN_POLICY_DIRECTORY: 'infra/policy',
  COUNTERSIGN_PROTECTED_SCOPES: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-countersign',
  COUNTERSIGN_READER_CLIENT_ID: '66666666-6666-4666-8666-000000000001',
  COUNTERSIGN_DIRECTORY_CLIENT_ID: '66666666-6666-4666-8666-000000000002',
};
