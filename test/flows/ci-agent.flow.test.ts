import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Environment, startEnvironment } from '../../infra/local/environment.ts';
import { subscriptionId } from '../../infra/local/seed.ts';

/** A workflow of GitHub Actions as an agent of the running environment, by the example in infra/policy/examples; only its keys are ours. */
const account = `/subscriptions/${subscriptionId}/resourceGroups/rg-dev/providers/Microsoft.Storage/storageAccounts/stdevdata`;
const submission = { target: { kind: 'arm', method: 'GET', path: account, apiVersion: '2024-01-01' }, justification: 'Release 42.' };
const githubIssuer = 'https://token.actions.githubusercontent.com';

const pair = await generateKeyPair('RS256');
let directory: string;
let keyServer: Server;
let environment: Environment;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-ci-agent-'));
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'github-1', use: 'sig' };
  keyServer = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((resolve) => {
    keyServer.listen(0, '127.0.0.1', resolve);
  });
  const policies = await policiesWithExample(keyServer);
  environment = await startEnvironment({ directory, ports: 'free', settings: { COUNTERSIGN_POLICY_DIRECTORY: policies } });
});

afterAll(async () => {
  await environment.stop();
  keyServer.closeAllConnections();
  await new Promise((resolve) => {
    keyServer.close(resolve);
  });
  await rm(directory, { recursive: true });
});

/** The policies with GitHub Actions trusted and its workflow registered, as the examples show. */
async function policiesWithExample(server: Server): Promise<string> {
  const address = z.object({ port: z.number() }).parse(server.address());
  const copy = join(directory, 'policy');
  await cp(fileURLToPath(new URL('../../infra/policy', import.meta.url)), copy, { recursive: true });
  const register = z.record(z.string(), z.looseObject({}));
  const readRegister = async (path: string) => register.parse(JSON.parse(await readFile(join(copy, path), 'utf8')));
  const github = (await readRegister('examples/issuers.json'))['github-actions'];
  const workflow = (await readRegister('examples/agents.json'))['release-workflow'];
  const agents = { ...(await readRegister('agents.json')), 'release-workflow': workflow };
  const issuers = { 'github-actions': { ...github, jwksUri: `http://127.0.0.1:${address.port}/keys` } };
  await writeFile(join(copy, 'agents.json'), JSON.stringify(agents));
  await writeFile(join(copy, 'issuers.json'), JSON.stringify(issuers));
  return copy;
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
  const response = await fetch(`${environment.endpoints.api}/operations`, { method: 'POST', headers, body: JSON.stringify(submission) });
  const body: unknown = await response.json();
  return { status: response.status, code: response.headers.get('x-ms-error-code'), body };
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
      body: {
        status: 'succeeded',
        agent: { id: 'repo:octo-org/octo-repo:ref:refs/heads/main', name: 'release-workflow', issuer: githubIssuer },
      },
    });
  });
});

describe('on the wire', () => {
  /** Sends header lines as they are given, which fetch would not. */
  function statusOf(...authorizations: readonly string[]): Promise<number | undefined> {
    const lines = authorizations.flatMap((value) => ['authorization', value]);
    return new Promise((resolve, reject) => {
      const sent = request(`${environment.endpoints.api}/operations`, {
        headers: ['host', new URL(environment.endpoints.api).host, ...lines],
      });
      sent.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  it('two Authorization headers are refused, though each would do', async () => {
    const token = await environment.identity.issueToken('deploy-agent');
    expect(await statusOf(`Bearer ${token}`, `Bearer ${token}`)).toBe(401);
  });

  it('the scheme in lower case is taken', async () => {
    expect(await statusOf(`bearer ${await environment.identity.issueToken('deploy-agent')}`)).toBe(200);
  });

  it('a token of version 1 is taken for the same agent', async () => {
    const claims = { iss: 'https://sts.windows.net/11111111-1111-4111-8111-111111111111/', ver: '1.0', azp: undefined, appid: 'x' };
    expect(await statusOf(`Bearer ${await environment.identity.issueToken('deploy-agent', { claims })}`)).toBe(200);
  });
});
