import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { compileCache } from '../../infra/local/compile-cache.ts';

const root = join(import.meta.dirname, '../..');

/** Settings of an edge in the cloud; nothing of it is called while the functions load. */
const settings = {
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
  COUNTERSIGN_PROTECTED_SCOPES: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-countersign',
  COUNTERSIGN_READER_CLIENT_ID: '66666666-6666-4666-8666-000000000001',
  COUNTERSIGN_DIRECTORY_CLIENT_ID: '66666666-6666-4666-8666-000000000002',
};

it('the functions do not start with a policy about a group that no agent is in', async () => {
  const policy = await mkdtemp(join(tmpdir(), 'countersign-start-'));
  onTestFinished(() => rm(policy, { recursive: true }));
  await cp(join(root, 'infra/policy'), policy, { recursive: true });
  await writeFile(join(policy, 'mine.cedar'), '@id("mine") forbid (principal in AgentGroup::"deploy-agent", action, resource);');

  const child = spawn(process.execPath, [join(root, 'functions/index.ts')], {
    env: { ...settings, ...compileCache, COUNTERSIGN_POLICY_DIRECTORY: policy },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    told += part;
  });
  await once(child, 'close');

  expect(child.exitCode).toBe(1);
  expect(told).toMatch(/mine\.cedar:1: No agent of agents\.json is in AgentGroup::"deploy-agent"/);
});
