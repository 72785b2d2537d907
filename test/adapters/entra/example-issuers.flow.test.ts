import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadRegisters } from '../../../shared/adapters/policy-files/load-registers.ts';
import { signingKey, startJwksServer } from './jwks-server.ts';
import { type Claims, makeStage, nowSeconds, refusalOf, sign } from './tokens.ts';

const { issuers, agents } = await loadRegisters(fileURLToPath(new URL('../../../infra/policy/examples', import.meta.url)));
const key = await signingKey('theirs');

/** A verifier that trusts the example beside the tenant; the example's keys come from a server of ours. */
async function stageOf(name: string) {
  const example = issuers.find(({ tenantId }) => tenantId === name);
  if (example === undefined) throw new RangeError(`There is no example called ${name}.`);
  const { jwksUri } = await startJwksServer([key]);
  const { verify } = await makeStage({ others: [{ ...example, jwksUri }] });
  return (claims: Claims) => sign(claims, { kid: 'theirs' }, key.privateKey).then(verify);
}

const wrongKind = 'wrongKind';

describe('GitHub Actions', () => {
  /** Source: docs.github.com/en/actions/concepts/security/openid-connect, understanding the OIDC token. */
  const token: Claims = {
    iss: 'https://token.actions.githubusercontent.com',
    aud: 'api://countersign',
    sub: 'repo:octo-org/octo-repo:ref:refs/heads/main',
    jti: 'example-id',
    actor: 'octocat',
    actor_id: '12',
    base_ref: '',
    event_name: 'push',
    head_ref: '',
    job_workflow_ref: 'octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main',
    ref: 'refs/heads/main',
    ref_type: 'branch',
    repository: 'octo-org/octo-repo',
    repository_id: '74',
    repository_owner: 'octo-org',
    repository_owner_id: '65',
    repository_visibility: 'private',
    run_attempt: '2',
    run_id: 'example-run-id',
    run_number: '10',
    runner_environment: 'github-hosted',
    sha: 'example-sha',
    workflow: 'deploy',
    workflow_ref: 'octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main',
    nbf: nowSeconds - 600,
    iat: nowSeconds,
    exp: nowSeconds + 300,
  };

  it.each<[string, Claims]>([
    ['of a pull request', { event_name: 'pull_request', sub: 'repo:octo-org/octo-repo:pull_request' }],
    ['of a pull request that runs in the base', { event_name: 'pull_request_target' }],
    ['on a runner of somebody', { runner_environment: 'self-hosted' }],
    ['of a repository that took over the name', { repository_id: '75' }],
    ['of an owner that took over the name', { repository_owner_id: '66' }],
    ['whose repository id is a number', { repository_id: 74 }],
    ['in an environment that no rule names', { environment: 'production' }],
  ])('a workflow %s is nobody', async (_, changes) => {
    const verify = await stageOf('github-actions');
    expect(await refusalOf(verify({ ...token, ...changes }))).toBe(wrongKind);
  });

  it.each([
    'repo:octo-org/octo-repo:ref:refs/heads/main2',
    'repo:octo-org/octo-repo:ref:refs/heads/mai',
    'repo:octo-org/octo-repo:ref:refs/heads/Main',
    'repo:Octo-Org/octo-repo:ref:refs/heads/main',
    'repo:octo-org/octo-repo-2:ref:refs/heads/main',
    'repo:octo-org/octo-repo:ref:refs/tags/main',
    'repo:octo-org/octo-repo:environment:main',
    'xrepo:octo-org/octo-repo:ref:refs/heads/main',
    'repo:octo-org@65/octo-repo@74:ref:refs/heads/main',
    'repo:*',
  ])('the subject %s is not the registered one', async (sub) => {
    const verify = await stageOf('github-actions');
    const { tenantId, objectId } = await verify({ ...token, sub });
    expect([objectId, agents.find(tenantId, objectId)]).toEqual([sub, undefined]);
  });

  it.each([
    ' repo:octo-org/octo-repo:ref:refs/heads/main',
    'repo:octo-org/octo-repo:ref:refs/heads/main\n',
    'repo:octo-org/octo-repo:ref:refs/heads/mäin',
    `repo:octo-org/octo-repo:ref:refs/heads/${'x'.repeat(255)}`,
    '',
    ['repo:octo-org/octo-repo:ref:refs/heads/main'],
    null,
  ])('the subject %j is none', async (sub) => {
    const verify = await stageOf('github-actions');
    expect(await refusalOf(verify({ ...token, sub }))).toBe('invalid');
  });

  it('another workflow of the branch has no role', async () => {
    const verify = await stageOf('github-actions');
    const other = 'octo-org/octo-repo/.github/workflows/test.yml@refs/heads/main';
    expect(await verify({ ...token, workflow_ref: other })).toMatchObject({ kind: 'agent', roles: [] });
  });

  it('the workflow of the branch is the registered agent', async () => {
    const verify = await stageOf('github-actions');
    const caller = await verify(token);
    expect(caller).toEqual({
      kind: 'agent',
      issuer: 'https://token.actions.githubusercontent.com',
      tenantId: 'github-actions',
      objectId: 'repo:octo-org/octo-repo:ref:refs/heads/main',
      roles: ['Operation.Submit'],
      absentGroups: [],
      proof: {
        issuer: 'https://token.actions.githubusercontent.com',
        client: 'octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main',
      },
    });
    expect(agents.find(caller.tenantId, caller.objectId)).toMatchObject({ name: 'release-workflow', sponsorGroup: 'approvers' });
  });

  it('the gate of an environment is a gate, not an agent', async () => {
    const verify = await stageOf('github-actions');
    const sub = 'repo:octo-org/octo-repo:environment:release-gate';
    expect(await verify({ ...token, environment: 'release-gate', sub })).toMatchObject({ kind: 'ci', objectId: sub });
  });
});

describe('Google Workspace', () => {
  /** Source: cloud.google.com/docs/authentication/token-types, and generateIdToken with `organizationNumberIncluded`; there is no `nbf`. */
  const serviceAccount: Claims = {
    iss: 'https://accounts.google.com',
    aud: 'api://countersign',
    azp: '117812345678901234567',
    sub: '117812345678901234567',
    email: 'inventory@contoso-prod.iam.gserviceaccount.com',
    email_verified: true,
    google: { organization_number: 123456789012 },
    iat: nowSeconds,
    exp: nowSeconds + 3600,
  };
  /** Source: developers.google.com/identity/openid-connect/openid-connect, an ID token's payload. */
  const robot: Claims = {
    iss: 'https://accounts.google.com',
    aud: '104203546573-c0n7oso.apps.googleusercontent.com',
    azp: '104203546573-c0n7oso.apps.googleusercontent.com',
    at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q',
    hd: 'contoso.example',
    sub: '10769150350006150715113082367',
    email: 'deploy-robot@contoso.example',
    email_verified: true,
    iat: nowSeconds,
    exp: nowSeconds + 3600,
  };

  it.each<[string, Claims]>([
    ['a service account of another organization', { ...serviceAccount, google: { organization_number: 999999999999 } }],
    ['a service account of no organization', { ...serviceAccount, google: {} }],
    ['an organization that is claimed beside its place', { ...serviceAccount, google: undefined, organization_number: 123456789012 }],
    ['a place that is one name', { ...serviceAccount, google: undefined, 'google/organization_number': 123456789012 }],
    ['somebody else of the Workspace', { ...robot, email: 'ada@contoso.example' }],
    ['the address under another Workspace', { ...robot, hd: 'contoso.example.evil' }],
    ['the address without a Workspace', { ...robot, hd: undefined }],
    ['an address that was never verified', { ...robot, email_verified: false }],
    ['an address that says in words that it was', { ...robot, email_verified: 'true' }],
  ])('%s is nobody', async (_, claims) => {
    const verify = await stageOf('google-workspace');
    expect(await refusalOf(verify(claims))).toBe(wrongKind);
  });

  it("the audience of Google's own command line is not ours", async () => {
    const verify = await stageOf('google-workspace');
    expect(await refusalOf(verify({ ...robot, aud: '32555940559.apps.googleusercontent.com' }))).toBe('wrongAudience');
  });

  it('the older name of the issuer is not trusted', async () => {
    const verify = await stageOf('google-workspace');
    expect(await refusalOf(verify({ ...robot, iss: 'accounts.google.com' }))).toBe('wrongIssuer');
  });

  it('a service account of the organization is the agent of its number, not of its address', async () => {
    const verify = await stageOf('google-workspace');
    const caller = await verify(serviceAccount);
    expect(caller).toMatchObject({
      kind: 'agent',
      tenantId: 'google-workspace',
      objectId: '117812345678901234567',
      roles: ['Operation.Submit'],
    });
    expect(agents.find(caller.tenantId, caller.objectId)?.name).toBe('inventory-job');
  });

  it('the robot of the Workspace is an agent', async () => {
    const verify = await stageOf('google-workspace');
    expect(await verify(robot)).toMatchObject({ kind: 'agent', objectId: '10769150350006150715113082367' });
  });
});

describe('Okta', () => {
  const common = {
    ver: 1,
    jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
    iss: 'https://contoso.okta.com/oauth2/aus1f2g3h4i5j6k7l8m9',
    aud: 'api://countersign',
    iat: nowSeconds,
    exp: nowSeconds + 3600,
  };
  /** Source: developer.okta.com/docs/reference/api/oidc, access token; a client's own token has no `uid`, and its `sub` is the client. */
  const service: Claims = {
    ...common,
    cid: '0oa1a2g3n4t5a6b7c8d9',
    sub: '0oa1a2g3n4t5a6b7c8d9',
    scp: ['operation.submit'],
    groups: ['Countersign deployers'],
  };
  const person: Claims = {
    ...common,
    cid: '0oa2c0n50le000000005',
    uid: '00u1a2d3a4b5c6d7e8f9',
    sub: 'ada@contoso.example',
    entra_object_id: '55555555-5555-4555-8555-000000000001',
    scp: ['openid', 'operation.approve', 'audit.read'],
    groups: ['Everyone', 'Countersign approvers'],
  };

  it('an identity token is refused', async () => {
    const verify = await stageOf('okta');
    expect(await refusalOf(verify({ ...person, nonce: 'UBGW' }))).toBe(wrongKind);
  });

  it.each<[string, unknown]>([
    ['is missing', undefined],
    ['is a name', 'ada@contoso.example'],
    ['is in capitals', 'ABCDEFAB-5555-4555-8555-000000000001'],
    ['is the id in Okta', '00u1a2d3a4b5c6d7e8f9'],
  ])('a person whose object id in the directory %s is nobody, since one person has one vote', async (_, id) => {
    const verify = await stageOf('okta');
    expect(await refusalOf(verify({ ...person, entra_object_id: id }))).toBe('invalid');
  });

  it('a person has the id that the directory knows, whose groups are asked there', async () => {
    const verify = await stageOf('okta');
    expect(await verify(person)).toEqual({
      kind: 'person',
      issuer: common.iss,
      tenantId: 'okta',
      objectId: '55555555-5555-4555-8555-000000000001',
      name: 'ada@contoso.example',
      scopes: ['Operation.Approve', 'Audit.Read'],
      clientId: '0oa2c0n50le000000005',
      absentGroups: ['deploy-agents'],
      proof: { issuer: common.iss, client: '0oa2c0n50le000000005' },
    });
  });

  it('a scope is one of a list, not a part of a word', async () => {
    const verify = await stageOf('okta');
    expect(await verify({ ...service, scp: ['operation.submit.test'] })).toMatchObject({ roles: [] });
    expect(await verify({ ...service, scp: 'operation.submit' })).toMatchObject({ roles: [] });
  });

  it('the scope of agents gives a person nothing', async () => {
    const verify = await stageOf('okta');
    expect(await verify({ ...person, scp: ['operation.submit'] })).toMatchObject({ kind: 'person', scopes: [] });
  });

  it('a service is the registered agent of its client id', async () => {
    const verify = await stageOf('okta');
    const caller = await verify(service);
    expect(caller).toMatchObject({ kind: 'agent', tenantId: 'okta', roles: ['Operation.Submit'], absentGroups: ['approvers'] });
    expect(agents.find(caller.tenantId, caller.objectId)?.name).toBe('ticket-agent');
  });

  it('a service outside the group lacks it', async () => {
    const verify = await stageOf('okta');
    expect(await verify({ ...service, groups: ['Everyone'] })).toMatchObject({ absentGroups: ['deploy-agents', 'approvers'] });
  });
});
