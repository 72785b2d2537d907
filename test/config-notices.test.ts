import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../shared/config.ts';
import { edgeSettings } from './support/edge-settings.ts';

const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const other = `whsec_${Buffer.alloc(64, 2).toString('base64')}`;
const clientId = '66666666-6666-4666-8666-000000000009';
const topic = 'https://topic.westeurope-1.eventgrid.azure.net/api/events';

const approvals: Readonly<Record<string, string>> = {
  ...edgeSettings,
  COUNTERSIGN_ROLE: 'approvals',
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
