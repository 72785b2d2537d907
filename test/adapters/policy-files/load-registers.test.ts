import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadRegisters } from '../../../shared/adapters/policy-files/load-registers.ts';

const guidA = '44444444-4444-4444-8444-000000000001';
const guidB = '44444444-4444-4444-8444-000000000002';
const agent = { tenant: guidA, id: guidA, owner: guidB, groups: ['g'], purpose: 'p', expires: '2030-01-01T00:00:00.000Z', frozen: false };
const group = { id: guidA };

async function load(agents: unknown, groups: unknown) {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-registers-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  await writeFile(join(directory, 'agents.json'), text(agents));
  await writeFile(join(directory, 'groups.json'), text(groups));
  return loadRegisters(directory);
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
