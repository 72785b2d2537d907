import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadIssuers } from '../../../shared/adapters/policy-files/issuers-register.ts';

const agentRule = { kind: 'agent', subject: 'sub', when: {} };
const personRule = { kind: 'person', subject: 'oid', when: {}, client: 'cid', clients: ['console'] };
const issuer = {
  issuer: 'https://ci.example',
  jwksUri: 'https://ci.example/keys',
  algorithms: ['RS256'],
  audiences: ['api://countersign'],
  tokens: 'identity',
  require: {},
  callers: [agentRule],
  roles: {},
};

async function load(content: unknown) {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-issuers-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'issuers.json'), typeof content === 'string' ? content : JSON.stringify(content));
  return loadIssuers(directory);
}

describe('a file that is wrong stops the start', () => {
  it.each<[string, string, unknown]>([
    ['text that is no JSON', '', '{'],
    ['nothing at all', '', 'null'],
    ['a name twice', '', `{"ci":${JSON.stringify(issuer)},"ci":${JSON.stringify(issuer)}}`],
    ['a name in capitals', 'CI', { CI: issuer }],
    ['a name that could be a tenant', '11111111-1111-4111-8111-111111111111', { '11111111-1111-4111-8111-111111111111': issuer }],
    ['an unknown field', 'ci', { ci: { ...issuer, skipAuthentication: true } }],
    ['no issuer', 'ci.issuer', { ci: { ...issuer, issuer: '' } }],
    ['keys over plain http', 'ci.jwksUri', { ci: { ...issuer, jwksUri: 'http://ci.example/keys' } }],
    ['keys in a file', 'ci.jwksUri', { ci: { ...issuer, jwksUri: 'file:///etc/keys.json' } }],
    ['no algorithm', 'ci.algorithms', { ci: { ...issuer, algorithms: [] } }],
    ['no signature', 'ci.algorithms.0', { ci: { ...issuer, algorithms: ['none'] } }],
    ['a shared secret', 'ci.algorithms.1', { ci: { ...issuer, algorithms: ['RS256', 'HS256'] } }],
    ['no audience', 'ci.audiences', { ci: { ...issuer, audiences: [] } }],
    ['an empty audience', 'ci.audiences.0', { ci: { ...issuer, audiences: [''] } }],
    ['tokens of no sort', 'ci.tokens', { ci: { ...issuer, tokens: 'any' } }],
    ['nothing said of what is required', 'ci.require', { ci: { ...issuer, require: undefined } }],
    ['nobody described', 'ci.callers', { ci: { ...issuer, callers: [] } }],
    ['an unknown kind', 'ci.callers.0.kind', { ci: { ...issuer, callers: [{ ...agentRule, kind: 'admin' }] } }],
    ['no subject', 'ci.callers.0.subject', { ci: { ...issuer, callers: [{ kind: 'agent', when: {} }] } }],
    ['nothing said of when', 'ci.callers.0.when', { ci: { ...issuer, callers: [{ kind: 'agent', subject: 'sub' }] } }],
    ['people through any client', 'ci.callers.0.clients', { ci: { ...issuer, callers: [{ ...personRule, clients: [] }] } }],
    ['people whose client is not named', 'ci.callers.0.client', { ci: { ...issuer, callers: [{ ...personRule, client: undefined }] } }],
    ['clients of agents', 'ci.callers.0', { ci: { ...issuer, callers: [{ ...agentRule, clients: ['x'] }] } }],
    ['an unknown role', 'ci.roles', { ci: { ...issuer, roles: { Owner: {} } } }],
    ['a group in capitals', 'ci.groups.Approvers', { ci: { ...issuer, groups: { Approvers: {} } } }],
    ['a condition of no sort', 'ci.require.sub', { ci: { ...issuer, require: { sub: { matches: '.*' } } } }],
    ['a condition on nothing', 'ci.require.sub', { ci: { ...issuer, require: { sub: [] } } }],
    ['a condition of two sorts', 'ci.require.sub', { ci: { ...issuer, require: { sub: { includes: 'a', present: true } } } }],
    ['a condition that is null', 'ci.require.sub', { ci: { ...issuer, require: { sub: null } } }],
    ['a word with a space', 'ci.require.scope', { ci: { ...issuer, require: { scope: { words: 'a b' } } } }],
    ['a claim without a name', 'ci.require.', { ci: { ...issuer, require: { '': 'x' } } }],
    ['one issuer under two names', 'other.issuer', { ci: issuer, other: issuer }],
  ])('%s', async (_, path, content) => {
    await expect(load(content)).rejects.toMatchObject({ name: 'RegisterError', code: 'invalid', file: 'issuers.json', path });
  });

  it('and the reason says what to do', async () => {
    await expect(load({ ci: { ...issuer, jwksUri: 'http://ci.example/keys' } })).rejects.toThrow(
      'issuers.json: ci.jwksUri: must be an https address (http only for this machine)',
    );
  });

  it('a folder in its place', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'countersign-issuers-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await mkdir(join(directory, 'issuers.json'));
    await expect(loadIssuers(directory)).rejects.toMatchObject({ code: 'unreadable', file: 'issuers.json' });
  });
});

describe('a file that is right', () => {
  it('may be missing: then nobody is trusted but the tenant', async () => {
    expect(await loadIssuers('/nowhere/at/all')).toEqual([]);
  });

  it('may name keys on this machine', async () => {
    expect(await load({ ci: { ...issuer, jwksUri: 'http://127.0.0.1:8080/keys' } })).toMatchObject([
      { jwksUri: 'http://127.0.0.1:8080/keys' },
    ]);
  });

  it('is read', async () => {
    const conditions = { a: 'x', b: [1, true], c: { includes: 'y' }, d: { words: ['z', 'w'] }, '/e/f': { present: false } };
    const callers = [
      { ...agentRule, client: 'azp' },
      { ...personRule, name: 'name', when: { sub: 'x' } },
    ];
    const roles = { 'Operation.Submit': conditions, 'Audit.Read': {} };
    expect(await load({ ci: { ...issuer, callers, roles, groups: { approvers: { g: 'x' } } } })).toEqual([
      {
        kind: 'oidc',
        tenantId: 'ci',
        issuer: 'https://ci.example',
        jwksUri: 'https://ci.example/keys',
        algorithms: ['RS256'],
        audiences: ['api://countersign'],
        tokens: 'identity',
        require: [],
        callers: [
          { kind: 'agent', subject: 'sub', when: [], client: 'azp' },
          {
            kind: 'person',
            subject: 'oid',
            when: [{ claim: 'sub', test: 'equals', anyOf: ['x'] }],
            name: 'name',
            client: 'cid',
            clients: ['console'],
          },
        ],
        roles: {
          'Operation.Submit': [
            { claim: 'a', test: 'equals', anyOf: ['x'] },
            { claim: 'b', test: 'equals', anyOf: [1, true] },
            { claim: 'c', test: 'includes', anyOf: ['y'] },
            { claim: 'd', test: 'words', anyOf: ['z', 'w'] },
            { claim: '/e/f', test: 'present', present: false },
          ],
          'Audit.Read': [],
        },
        groups: { approvers: [{ claim: 'g', test: 'equals', anyOf: ['x'] }] },
      },
    ]);
  });
});
