import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadRegisters } from '../../../shared/adapters/policy-files/load-registers.ts';

const guidA = '44444444-4444-4444-8444-000000000001';
const guidB = '44444444-4444-4444-8444-000000000002';
const agent = { tenant: guidA, id: guidA, owner: guidB, groups: ['g'], purpose: 'p', expires: '2030-01-01T00:00:00.000Z', frozen: false };
const group = { id: guidA };

const ci = {
  issuer: 'https://ci.example',
  jwksUri: 'https://ci.example/keys',
  algorithms: ['RS256'],
  audiences: ['api://countersign'],
  tokens: 'identity',
  require: {},
  callers: [{ kind: 'agent', subject: 'sub', when: {} }],
  roles: {},
};

async function load(agents: unknown, groups: unknown, issuers: unknown = { ci }, tenantId = guidA) {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-registers-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  await writeFile(join(directory, 'agents.json'), text(agents));
  await writeFile(join(directory, 'groups.json'), text(groups));
  await writeFile(join(directory, 'issuers.json'), text(issuers));
  return loadRegisters(directory, { tenantId });
}

describe('a register that is wrong stops the start', () => {
  it.each([
    ['text that is not JSON', 'agents.json', '', '{', { g: group }],
    ['a name twice', 'agents.json', '', `{"a":${JSON.stringify(agent)},"a":${JSON.stringify(agent)}}`, { g: group }],
    ['an unknown field', 'agents.json', 'a', { a: { ...agent, admin: true } }, { g: group }],
    ['a missing owner', 'agents.json', 'a.owner', { a: { ...agent, owner: undefined } }, { g: group }],
    ['an id in capitals', 'agents.json', 'a.id', { a: { ...agent, id: 'ABCDEFAB-4444-4444-8444-000000000001' } }, { g: group }],
    ['an expiry without a zone', 'agents.json', 'a.expires', { a: { ...agent, expires: '2030-01-01' } }, { g: group }],
    ['no group', 'agents.json', 'a.groups', { a: { ...agent, groups: [] } }, { g: group }],
    ['a name in capitals', 'agents.json', 'Agent', { Agent: agent }, { g: group }],
    ['a name for the id of an agent of the tenant', 'agents.json', 'a.id', { a: { ...agent, id: 'deploy-agent' } }, { g: group }],
    ['a tenant that is not trusted', 'agents.json', 'a.tenant', { a: { ...agent, tenant: guidB } }, { g: group }],
    ['an issuer that is not trusted', 'agents.json', 'a.tenant', { a: { ...agent, tenant: 'okta', id: 'x' } }, { g: group }],
    ['a subject with a space at its end', 'agents.json', 'a.id', { a: { ...agent, tenant: 'ci', id: 'x ' } }, { g: group }],
    ['a subject with a line break', 'agents.json', 'a.id', { a: { ...agent, tenant: 'ci', id: 'x\ny' } }, { g: group }],
    ['sponsors that do not exist', 'agents.json', 'a.sponsors', { a: { ...agent, sponsors: 'nobody' } }, { g: group }],
    ['one id under two issuers', 'agents.json', 'b.id', { a: agent, b: { ...agent, tenant: 'ci' } }, { g: group }],
    ['one identity under two names', 'agents.json', 'b.id', { a: agent, b: agent }, { g: group }],
    ['a group without an id', 'groups.json', 'g.id', { a: agent }, { g: {} }],
    ['an empty conversation', 'groups.json', 'g.conversation', { a: agent }, { g: { ...group, conversation: '' } }],
    ['one group under two names', 'groups.json', 'h.id', { a: agent }, { g: group, h: group }],
  ])('%s', async (_, file, path, agents, groups) => {
    await expect(load(agents, groups)).rejects.toMatchObject({ name: 'RegisterError', code: 'invalid', file, path });
  });

  it('a file that is not there', async () => {
    await expect(loadRegisters('/nowhere/at/all')).rejects.toMatchObject({ code: 'unreadable', file: 'agents.json' });
  });
});

describe('a register that is right', () => {
  it('finds an agent of another issuer by its exact subject', async () => {
    const subject = 'repo:octo-org/octo-repo:ref:refs/heads/main';
    const { agents } = await load({ a: { ...agent, tenant: 'ci', id: subject, sponsors: 'g' } }, { g: group });
    expect(agents.find('ci', subject)).toMatchObject({ name: 'a', tenantId: 'ci', objectId: subject, sponsorGroup: 'g' });
    expect(agents.find('ci', `${subject}2`)).toBeUndefined();
    expect(agents.find('ci', subject.toUpperCase())).toBeUndefined();
    expect(agents.find('other', subject)).toBeUndefined();
    expect(agents.find(`ci/${subject.slice(0, 4)}`, subject.slice(5))).toBeUndefined();
  });

  it('needs no file of issuers', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'countersign-registers-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, 'agents.json'), JSON.stringify({ a: agent }));
    await writeFile(join(directory, 'groups.json'), JSON.stringify({ g: group }));
    expect((await loadRegisters(directory)).issuers).toEqual([]);
  });

  it('is read', async () => {
    const { agents, groups } = await load({ a: agent }, { g: { ...group, conversation: '19:x@thread.v2' }, h: { id: guidB } });
    expect(agents.find(guidA, guidA)).toEqual({
      tenantId: guidA,
      objectId: guidA,
      name: 'a',
      ownerId: guidB,
      groups: ['g'],
      purpose: 'p',
      expiresAt: '2030-01-01T00:00:00.000Z',
      frozen: false,
    });
    expect(groups.groups).toEqual([
      { name: 'g', id: guidA, conversationId: '19:x@thread.v2' },
      { name: 'h', id: guidB },
    ]);
  });
});
