import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkPolicyFiles } from '../../../infra/policy-tools/check-policies.ts';
import { loadLimits, usualLimits } from '../../../shared/adapters/policy-files/limits-register.ts';

const shipped = fileURLToPath(new URL('../../../infra/policy', import.meta.url));

async function directoryWith(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'limits-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'limits.json'), text);
  return directory;
}

async function load(text: string) {
  return await loadLimits(await directoryWith(text), ['deploy-agent', 'nightly-agent']);
}

describe('a limits file stops the start, with its line', () => {
  it.each([
    { what: 'where it is no JSON', text: '{\n  "default": {,\n}', message: 'limits.json:2: The body is not valid JSON.' },
    { what: 'where a name is there twice', text: '{\n  "default": {},\n  "default": {}\n}', line: 3, path: '' },
    { what: 'without defaults', text: '{ "agents": {} }', line: 1, path: 'default' },
    {
      what: 'where a class is unknown',
      text: '{\n  "default": {\n    "deletes": { "waiting": 1 }\n  }\n}',
      message: 'limits.json:3: default.deletes: is unknown here.',
    },
    {
      what: 'where a limit is unknown',
      text: '{\n  "default": { "all": {\n    "perMinute": 1 } }\n}',
      message: 'limits.json:3: default.all.perMinute: is unknown here.',
    },
    {
      what: 'where executedPerDay is of anything but deletes',
      text: '{\n  "default": { "write": {\n    "executedPerDay": 1 } }\n}',
      message: 'limits.json:3: default.write.executedPerDay: is unknown here.',
    },
    {
      what: 'where dry runs are to wait',
      text: '{\n  "default": { "assess": {\n    "waiting": 1 } }\n}',
      message: 'limits.json:3: default.assess.waiting: is unknown here.',
    },
    {
      what: 'where a number is negative',
      text: '{\n  "default": { "all": {\n    "waiting": -1 } }\n}',
      message: 'limits.json:3: default.all.waiting: must be a whole number from 0 to 1000, or "unlimited"',
    },
    {
      what: 'where a number is larger than can be counted',
      text: '{\n  "default": {},\n  "agents": {\n    "deploy-agent": { "all": { "operationsPerMinute": 1001 } }\n  }\n}',
      message: 'limits.json:4: agents.deploy-agent.all.operationsPerMinute: must be a whole number from 0 to 1000, or "unlimited"',
    },
    {
      what: 'where an agent is unknown',
      text: '{\n  "default": {},\n  "agents": {\n    "deploy-agent": {},\n    "deploi-agent": {}\n  }\n}',
      message: 'limits.json:5: agents.deploi-agent: is no agent of agents.json.',
    },
    {
      what: "where an agent's class is unknown",
      text: '{\n  "default": {},\n  "agents": {\n    "deploy-agent": { "purge": {} }\n  }\n}',
      message: 'limits.json:4: agents.deploy-agent.purge: is unknown here.',
    },
    {
      what: 'where an entry is neither limits nor the word',
      text: '{\n  "default": {},\n  "agents": {\n    "deploy-agent": "none"\n  }\n}',
      message: 'limits.json:4: agents.deploy-agent: must be limits by class, or "unlimited"',
    },
  ])('$what', async ({ what: _, text, ...expected }) => {
    await expect(load(text)).rejects.toMatchObject({ name: 'RegisterError', file: 'limits.json', ...expected });
  });

  it('and policy:check says the same', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'limits-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await cp(shipped, directory, { recursive: true });
    await writeFile(join(directory, 'limits.json'), '{\n  "default": {},\n  "agents": {\n    "nobody": {}\n  }\n}');
    const problem = { file: 'limits.json', line: 4, reason: 'agents.nobody: is no agent of agents.json.' };
    expect(await checkPolicyFiles(directory)).toContainEqual(problem);
  });
});

describe('the limits of an agent', () => {
  it('are the default where it is not named, those of a class before those of all', async () => {
    const limits = await load('{ "default": { "all": { "operationsPerMinute": 60, "waiting": 50 }, "delete": { "executedPerDay": 20 } } }');
    expect(limits.limitsOf('deploy-agent')).toEqual([
      { of: 'delete', name: 'executedPerDay', most: 20 },
      { of: 'all', name: 'waiting', most: 50 },
      { of: 'all', name: 'operationsPerMinute', most: 60 },
    ]);
  });

  it('are the default in whatever its entry does not name', async () => {
    const limits = await load(
      '{ "default": { "all": { "waiting": 50 }, "delete": { "executedPerDay": 20 } }, "agents": { "nightly-agent": { "all": { "waiting": 5 } } } }',
    );
    expect(limits.limitsOf('nightly-agent')).toEqual([
      { of: 'delete', name: 'executedPerDay', most: 20 },
      { of: 'all', name: 'waiting', most: 5 },
    ]);
  });

  it('are of dry runs too, and an entry may lift that alone', async () => {
    const limits = await load(
      '{ "default": { "all": { "waiting": 50 }, "assess": { "operationsPerMinute": 30 } }, "agents": { "nightly-agent": { "assess": { "operationsPerMinute": "unlimited" } } } }',
    );
    expect(limits.limitsOf('deploy-agent')).toContainEqual({ of: 'assess', name: 'operationsPerMinute', most: 30 });
    expect(limits.limitsOf('nightly-agent')).toEqual([{ of: 'all', name: 'waiting', most: 50 }]);
  });

  it.each([
    ['as a whole', '"unlimited"', []],
    ['of one limit', '{ "all": { "waiting": "unlimited" } }', [{ of: 'delete', name: 'executedPerDay', most: 20 }]],
  ])('are none where that is said %s', async (_, entry, expected) => {
    const limits = await load(
      `{ "default": { "all": { "waiting": 50 }, "delete": { "executedPerDay": 20 } }, "agents": { "nightly-agent": ${entry} } }`,
    );
    expect(limits.limitsOf('nightly-agent')).toEqual(expected);
  });

  it('are the usual ones where there is no file, which is what the shipped file says', async () => {
    const absent = await loadLimits(join(tmpdir(), 'no-such-directory'), []);
    const file = await loadLimits(shipped, ['deploy-agent', 'operate-agent', 'audit-agent']);
    expect(absent.limitsOf('anybody')).toEqual(file.limitsOf('anybody'));
    expect(absent.limitsOf('anybody')).toContainEqual({ of: 'delete', name: 'executedPerDay', most: usualLimits.delete.executedPerDay });
  });
});
