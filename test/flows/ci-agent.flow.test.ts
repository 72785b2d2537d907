import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { exchangeRaw, statusesIn } from '../support/raw-http.ts';
import { development, storageAccount, storageVersion, useRunningEnvironment } from '../support/running-environment.ts';

/** A workflow of GitHub Actions as an agent of the running environment, by the examples in infra/policy; only its keys are ours. */
const githubIssuer = 'https://token.actions.githubusercontent.com';
const target = { kind: 'arm', method: 'GET', path: storageAccount(development, 'stdevdata'), apiVersion: storageVersion };
const pair = await generateKeyPair('RS256');
const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'github-1', use: 'sig' };

const keyServer = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] })));
await new Promise<void>((resolve) => {
  keyServer.listen(0, '127.0.0.1', resolve);
});
afterAll(async () => {
  keyServer.closeAllConnections();
  await new Promise((resolve) => {
    keyServer.close(resolve);
  });
});

const running = useRunningEnvironment({ registers: trustGitHub });

/** Puts the examples of the workflow and of its issuer into force. */
async function trustGitHub(directory: string): Promise<void> {
  const { port } = z.object({ port: z.number() }).parse(keyServer.address());
  const entries = async (path: string) => {
    return z.record(z.string(), z.looseObject({})).parse(JSON.parse(await readFile(join(directory, path), 'utf8')));
  };
  const { 'github-actions': github } = await entries('examples/issuers.json');
  const { 'release-workflow': workflow } = await entries('examples/agents.json');
  const agents = { ...(await entries('agents.json')), 'release-workflow': workflow };
  const issuers = { 'github-actions': { ...github, jwksUri: `http://127.0.0.1:${port}/keys` } };
  await writeFile(join(directory, 'agents.json'), JSON.stringify(agents));
  await writeFile(join(directory, 'issuers.json'), JSON.stringify(issuers));
}

async function workflowToken(changes: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const claims = {
    iss: githubIssuer,
    aud: 'api://countersign',
    sub: 'repo:octo-org/octo-repo:ref:refs/heads/main',
    repository_id: '74',
    repository_owner_id: '65',
    runner_environment: 'github-hosted',
    event_name: 'push',
    workflow_ref: 'octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main',
    nbf: nowSeconds - 300,
    iat: nowSeconds,
    exp: nowSeconds + 300,
    ...changes,
  };
  return await new SignJWT(claims).setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: 'github-1' }).sign(pair.privateKey);
}

async function submit(token: string) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', prefer: 'wait=20' };
  const body = JSON.stringify({ target, justification: 'Release 42.' });
  const response = await fetch(`${running().endpoints.api}/operations`, { method: 'POST', headers, body });
  const answer: unknown = await response.json();
  return { status: response.status, code: response.headers.get('x-ms-error-code'), answer };
}

describe('a workflow of GitHub Actions', () => {
  it('of another branch is not the registered agent', async () => {
    const sub = 'repo:octo-org/octo-repo:ref:refs/heads/main2';
    expect(await submit(await workflowToken({ sub }))).toMatchObject({ status: 403, code: 'AgentRefused' });
  });

  it('of a pull request is nobody', async () => {
    expect(await submit(await workflowToken({ event_name: 'pull_request' }))).toMatchObject({ status: 401, code: 'InvalidToken' });
  });

  it('that claims to be an agent of the tenant is not', async () => {
    const sub = '44444444-4444-4444-8444-000000000001';
    const claims = { sub, oid: sub, tid: '11111111-1111-4111-8111-111111111111' };
    expect(await submit(await workflowToken(claims))).toMatchObject({ status: 403, code: 'AgentRefused' });
  });

  it('of the registered branch asks and gets its answer, under its own name', async () => {
    expect(await submit(await workflowToken())).toMatchObject({
      status: 200,
      answer: {
        status: 'succeeded',
        agent: { id: 'repo:octo-org/octo-repo:ref:refs/heads/main', name: 'release-workflow', issuer: githubIssuer },
      },
    });
  });
});

describe('on the wire', () => {
  /** Lists operations with these header lines, as they are. */
  async function statusOf(...authorizations: readonly string[]): Promise<readonly number[]> {
    const { api } = running().endpoints;
    const lines = ['GET /api/operations HTTP/1.1', `Host: ${new URL(api).host}`, 'Connection: close', ...authorizations];
    return statusesIn(await exchangeRaw(api, [`${lines.join('\r\n')}\r\n\r\n`]));
  }

  it('two Authorization headers are refused, though each would do', async () => {
    const line = `Authorization: Bearer ${await running().identity.issueToken('deploy-agent')}`;
    expect(await statusOf(line, line)).toEqual([401]);
    expect(await statusOf(line, 'authorization: Basic YTpi')).toEqual([401]);
  });

  it('name and scheme in lower case are taken', async () => {
    expect(await statusOf(`authorization: bearer ${await running().identity.issueToken('deploy-agent')}`)).toEqual([200]);
  });

  it('a token of version 1 is taken for the same agent', async () => {
    const claims = { iss: 'https://sts.windows.net/11111111-1111-4111-8111-111111111111/', ver: '1.0', azp: undefined, appid: 'x' };
    expect(await statusOf(`Authorization: Bearer ${await running().identity.issueToken('deploy-agent', { claims })}`)).toEqual([200]);
  });
});
