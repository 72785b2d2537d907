import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../shared/config.ts';

const key = Buffer.alloc(32, 7).toString('base64');
const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const other = `whsec_${Buffer.alloc(64, 2).toString('base64')}`;
const clientId = '66666666-6666-4666-8666-000000000009';
const topic = 'https://topic.westeurope-1.eventgrid.azure.net/api/events';

const approvals: Readonly<Record<string, string>> = {
  COUNTERSIGN_ROLE: 'approvals',
  COUNTERSIGN_PUBLIC_URL: 'https://countersign.example.com',
  COUNTERSIGN_TENANT_ID: '11111111-1111-4111-8111-111111111111',
  COUNTERSIGN_API_AUDIENCE: 'api://countersign',
  COUNTERSIGN_PERSON_CLIENT_IDS: '77777777-7777-4777-8777-000000000001',
  STORAGE__tableServiceUri: 'https://st.table.core.windows.net',
  STORAGE__blobServiceUri: 'https://st.blob.core.windows.net',
  STORAGE__clientId: '66666666-6666-4666-8666-000000000004',
  SERVICE_BUS__fullyQualifiedNamespace: 'ns.servicebus.windows.net',
  SERVICE_BUS__clientId: '66666666-6666-4666-8666-000000000004',
  COUNTERSIGN_SEALING_KEYS: `key-1:${key}`,
  COUNTERSIGN_POLICY_DIRECTORY: 'infra/policy',
  COUNTERSIGN_PROTECTED_SCOPES: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-countersign',
  COUNTERSIGN_READER_CLIENT_ID: '66666666-6666-4666-8666-000000000001',
  COUNTERSIGN_DIRECTORY_CLIENT_ID: '66666666-6666-4666-8666-000000000002',
  COUNTERSIGN_BOT_APP_ID: '88888888-8888-4888-8888-000000000001',
  COUNTERSIGN_TEAMS_SERVICE_URLS: 'https://smba.trafficmanager.net/emea/',
};

function problemsOf(changes: Readonly<Record<string, string>>): readonly string[] {
  try {
    parseConfig({ ...approvals, ...changes });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const [url, secrets] = ['COUNTERSIGN_NOTICE_WEBHOOK_URL', 'COUNTERSIGN_NOTICE_WEBHOOK_SECRETS'];
const [endpoint, identity] = ['COUNTERSIGN_NOTICE_EVENT_GRID_ENDPOINT', 'COUNTERSIGN_NOTICE_EVENT_GRID_CLIENT_ID'];

describe('a receiver of notices is refused', () => {
  it.each([
    ['where it is asked in the clear', { [url]: 'http://receiver.example/hook', [secrets]: secret }, url],
    ['where it is asked in the clear on this machine', { [url]: 'http://localhost:8443/hook', [secrets]: secret }, url],
    ['where its address holds a password', { [url]: 'https://u:p@receiver.example/hook', [secrets]: secret }, url],
    ['without a secret', { [url]: 'https://receiver.example/hook' }, secrets],
    ['with a secret and no address', { [secrets]: secret }, url],
    ['with a short secret', { [url]: 'https://receiver.example/hook', [secrets]: 'whsec_c2hvcnQ=' }, secrets],
    ['with three secrets', { [url]: 'https://receiver.example/hook', [secrets]: `${secret},${other},${secret}` }, secrets],
    ['where a token would go elsewhere', { [endpoint]: 'https://eventgrid.azure.net.example/api/events', [identity]: clientId }, endpoint],
    ['without an identity', { [endpoint]: topic }, identity],
    ['beside another', { [url]: 'https://receiver.example/hook', [secrets]: secret, [endpoint]: topic, [identity]: clientId }, url],
  ])('%s', (_, changes, name) => {
    const problems = problemsOf(changes);
    expect(problems.map((problem) => problem.split(/[:.]/)[0])).toContain(name);
    expect(problems.join()).not.toContain('whsec_c2hvcnQ=');
  });
});

describe('a receiver of notices', () => {
  it('is nobody where nothing is said', () => {
    expect(parseConfig(approvals).notices).toBeUndefined();
    expect(parseConfig({ ...approvals, [url]: '', [secrets]: '', [endpoint]: '', [identity]: '' }).notices).toBeUndefined();
  });

  it('is a webhook with one secret, or two while they change', () => {
    expect(parseConfig({ ...approvals, [url]: 'https://receiver.example/hook?key=1', [secrets]: `${secret}, ${other}` }).notices).toEqual({
      kind: 'webhook',
      url: 'https://receiver.example/hook?key=1',
      secrets: [new Uint8Array(24).fill(1), new Uint8Array(64).fill(2)],
    });
  });

  it('is a topic of Event Grid', () => {
    expect(parseConfig({ ...approvals, [endpoint]: topic, [identity]: clientId }).notices).toEqual({
      kind: 'eventGrid',
      endpoint: topic,
      clientId,
    });
  });
});
