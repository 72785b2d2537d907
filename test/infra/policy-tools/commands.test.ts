import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkCommand, testCommand } from '../../../infra/policy-tools/commands.ts';

const defaults = join(import.meta.dirname, '../../../infra/policy');

/** A copy of the default policies without their tests, with some files replaced or added, gone when the test is. */
async function copyWith(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-policy-tools-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await cp(defaults, directory, { recursive: true, filter: (source) => source !== join(defaults, 'tests') });
  await mkdir(join(directory, 'tests'), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return directory;
}

async function run(
  command: typeof checkCommand,
  ...args: readonly string[]
): Promise<{ readonly exitCode: number; readonly printed: string }> {
  const parts: string[] = [];
  const exitCode = await command(args, (text) => parts.push(text));
  return { exitCode, printed: parts.join('') };
}

function testFile(...questions: readonly object[]): string {
  return JSON.stringify({ about: 'A test.', questions }, undefined, 2);
}

const read = { name: 'reads', agent: ['readers'], call: 'GET /subscriptions/00000000-0000-0000-0000-000000000001' };

describe('policy:check', () => {
  it('finds nothing wrong with the default policies', async () => {
    expect(await run(checkCommand)).toMatchObject({ exitCode: 0, printed: expect.stringContaining('Nothing is wrong') });
  });

  it('takes one directory and nothing else', async () => {
    expect(await run(checkCommand, defaults, 'more')).toMatchObject({ exitCode: 2, printed: expect.stringContaining('-- DIRECTORY') });
    expect(await run(checkCommand, '--fix')).toMatchObject({ exitCode: 2 });
  });

  it.each([
    ['a policy', 'broken.cedar', '// one\npermit (principal action);\n', /^broken\.cedar:2: .*unexpected token/],
    [
      'an attribute',
      'broken.cedar',
      '@id("b")\npermit (principal, action, resource)\nwhen { context.mood };\n',
      /^broken\.cedar:3: .*mood/,
    ],
    ['the schema', 'schema.cedarschema', 'entity Agent;\nentity ;\n', /^schema\.cedarschema:2: /],
    ['a register', 'agents.json', '{\n  "a": {\n    "tenant": "x"\n  }\n}\n', /^agents\.json:\d: a\./],
    ['text that is no JSON', 'groups.json', '{\n', /^groups\.json: The body is not valid JSON/],
    ['a group that is not registered', 'groups.json', '{}', /^agents\.cedar:\d+: @groups\("approvers"\) is no group of groups\.json/m],
    ['a group that no agent is in', 'agents.json', '{}', /^agents\.cedar:\d+: No agent of agents\.json is in AgentGroup::"deploy-agents"/m],
    [
      'a question without a call',
      'tests/odd.json',
      testFile({ name: 'x', agent: ['a'], expect: { outcome: 'deny' } }),
      /^tests\/odd\.json:4: questions\.0\.call/,
    ],
    [
      'a word that no question has',
      'tests/odd.json',
      testFile({ ...read, expect: { outcome: 'allow', votes: 2 } }),
      /^tests\/odd\.json:\d+: questions\.0\.expect: .*votes/,
    ],
  ])('tells where %s is wrong', async (_, name, text, printed) => {
    const outcome = await run(checkCommand, await copyWith({ [name]: text }));
    expect(outcome.printed).toMatch(printed);
    expect(outcome.exitCode).toBe(1);
  });

  it('tells of one mistake wherever it stands, each time with its line', async () => {
    const forbid = (id: string) => `@id("${id}")\nforbid (principal, action, resource)\nwhen {\n  context.riskLevel == "hihg"\n};\n`;
    const directory = await copyWith({ 'a.cedar': `${forbid('one')}${forbid('two')}`, 'b.cedar': `// three\n${forbid('three')}` });
    const { printed } = await run(checkCommand, directory);
    expect(printed.match(/^[a-z]+\.cedar:\d+: context\.riskLevel is never "hihg"/gm)).toEqual([
      'a.cedar:4: context.riskLevel is never "hihg"',
      'a.cedar:9: context.riskLevel is never "hihg"',
      'b.cedar:5: context.riskLevel is never "hihg"',
    ]);
    expect(printed).toContain('3 problems');
  });

  it('tells of mistakes of several kinds in one go', async () => {
    const text = [
      '@id("a") permit (principal, action, resource) when { context.mood };',
      '@id("b") forbid (principal, action, resource) when { context.method == "Delete" };',
    ];
    const { printed } = await run(checkCommand, await copyWith({ 'broken.cedar': text.join('\n') }));
    expect(printed).toMatch(/^broken\.cedar:1: .*mood/m);
    expect(printed).toMatch(/^broken\.cedar:2: .*"Delete"/m);
  });

  it('tells of every file that is no Cedar', async () => {
    const { printed } = await run(checkCommand, await copyWith({ 'a.cedar': 'permit;', 'b.cedar': '\nforbid;' }));
    expect(printed).toMatch(/^a\.cedar:1: .*\nb\.cedar:2: /);
  });

  it('tells of each kind of file', async () => {
    const directory = await copyWith({ 'broken.cedar': 'permit;', 'agents.json': '[]', 'tests/odd.json': '{}' });
    const { printed } = await run(checkCommand, directory);
    expect(
      printed
        .split('\n')
        .slice(0, 3)
        .map((line) => line.split(':')[0]),
    ).toEqual(['broken.cedar', 'agents.json', 'tests/odd.json']);
    expect(printed).toContain('3 problems');
  });
});

describe('policy:test', () => {
  it('finds the default policies as their tests have them', async () => {
    const { exitCode, printed } = await run(testCommand);
    expect(printed).toContain('all answered as expected');
    expect(exitCode).toBe(0);
  });

  it('shows each question, its answer, what decided it and its risk', async () => {
    const directory = await copyWith({ 'tests/mine.json': testFile({ ...read, expect: { outcome: 'allow' } }) });
    expect((await run(testCommand, directory)).printed).toMatch(/✓ {2}reads +allow +readers-read +low: readsState/);
  });

  it.each<[string, object, string]>([
    ['the outcome', { outcome: 'deny' }, 'outcome: expected "deny", is "allow"'],
    ['the risk', { outcome: 'allow', risk: 'high' }, 'risk: expected "high", is "low"'],
    ['the approvals', { outcome: 'allow', approvals: 2 }, 'approvals: expected 2, is undefined'],
    ['the policies', { outcome: 'allow', policies: ['another'] }, 'policies: expected ["another"], is ["readers-read"]'],
    ['the advice', { outcome: 'allow', advice: 'Ask Ada.' }, 'advice: expected "Ask Ada."'],
  ])('misses %s', async (_, expected, printed) => {
    const directory = await copyWith({ 'tests/mine.json': testFile({ ...read, expect: expected }) });
    const outcome = await run(testCommand, directory);
    expect(outcome.printed).toContain(`✗ reads: ${printed}`);
    expect(outcome.printed).toContain('1 not answered as expected');
    expect(outcome.exitCode).toBe(1);
  });

  it('misses what a person may', async () => {
    const person = { name: 'guest', person: ['guests'], may: 'read', call: read.call, expect: { outcome: 'yes' } };
    const outcome = await run(testCommand, await copyWith({ 'tests/mine.json': testFile(person) }));
    expect(outcome).toMatchObject({ exitCode: 1, printed: expect.stringContaining('✗ guest: read: expected yes') });
  });

  it('misses a call that is none', async () => {
    const odd = { ...read, call: 'GET /nowhere//at/all', expect: { outcome: 'allow' } };
    const outcome = await run(testCommand, await copyWith({ 'tests/mine.json': testFile(odd) }));
    expect(outcome).toMatchObject({ exitCode: 1, printed: expect.stringContaining('✗ reads: target.path') });
  });

  it('tests nothing where the policies are wrong', async () => {
    const outcome = await run(testCommand, await copyWith({ 'broken.cedar': 'permit;' }));
    expect(outcome).toMatchObject({ exitCode: 1, printed: expect.stringMatching(/^broken\.cedar:1: /) });
  });

  it('does not pass where there are no tests', async () => {
    const directory = await copyWith({});
    await rm(join(directory, 'tests'), { recursive: true });
    expect(await run(testCommand, directory)).toMatchObject({ exitCode: 1, printed: expect.stringContaining('nothing was tested') });
  });
});

describe('the page about the default policies', () => {
  it('explains every one of them', async () => {
    const page = await readFile(join(defaults, 'defaults.md'), 'utf8');
    const files = ['agents.cedar', 'stricter.cedar', 'forbidden.cedar', 'people.cedar'];
    const texts = await Promise.all(files.map((file) => readFile(join(defaults, file), 'utf8')));
    const ids = texts.flatMap((text) => [...text.matchAll(/^@id\("([a-z0-9-]+)"\)/gm)].map(([, id]) => id));
    expect(ids.length).toBeGreaterThan(15);
    expect(ids.filter((id) => !page.includes(`\`${id}\``))).toEqual([]);
  });
});
