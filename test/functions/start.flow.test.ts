import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { compileCache } from '../../infra/local/compile-cache.ts';
import { edgeSettings } from '../support/edge-settings.ts';

const root = join(import.meta.dirname, '../..');

it('the functions do not start with a policy about a group that no agent is in', async () => {
  const policy = await mkdtemp(join(tmpdir(), 'countersign-start-'));
  onTestFinished(() => rm(policy, { recursive: true }));
  await cp(join(root, 'infra/policy'), policy, { recursive: true });
  await writeFile(join(policy, 'mine.cedar'), '@id("mine") forbid (principal in AgentGroup::"deploy-agent", action, resource);');

  const child = spawn(process.execPath, [join(root, 'functions/index.ts')], {
    env: { ...edgeSettings, ...compileCache, COUNTERSIGN_POLICY_DIRECTORY: policy },
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
