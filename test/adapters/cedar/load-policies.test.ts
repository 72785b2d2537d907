import { symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadPolicies } from '../../../shared/adapters/cedar/load-policies.ts';
import { PolicyError } from '../../../shared/adapters/cedar/policy-error.ts';
import { policyDirectory } from './policy-directory.ts';

const fine = '@id("fine")\npermit (principal, action == Action::"execute", resource);\n';

async function refusalOf(files: Readonly<Record<string, string>>, protectedScopes: readonly string[] = []): Promise<PolicyError> {
  const outcome = await loadPolicies(await policyDirectory(files), { protectedScopes }).catch((error: unknown) => error);
  if (outcome instanceof PolicyError) return outcome;
  throw new Error('The policies were loaded, or something else was thrown.', { cause: outcome });
}

describe('loading stops, with file, line and reason', () => {
  it.each([
    ['a syntax error', 'syntax', 3, 'unexpected token', `// one\n// zwei ü\npermit (principal action);`],
    [
      'an attribute that the schema lacks',
      'schema',
      4,
      'bogus',
      `// one\n@id("a")\npermit (principal, action, resource)\nwhen { context.bogus };`,
    ],
    [
      'a group of persons that asks as an agent',
      'schema',
      1,
      'impossible|applicable',
      '@id("a") permit (principal in Group::"x", action == Action::"execute", resource);',
    ],
    [
      'a tag that may be absent',
      'schema',
      1,
      'hasTag',
      '@id("a") forbid (principal, action, resource) when { resource.getTag("x") == "y" };',
    ],
    [
      'an invisible character in a text',
      'schema',
      1,
      'BIDI',
      '@id("a") permit (principal, action, resource) when { context.type == "\u202e" };',
    ],
    ['no @id', 'annotation', 1, '@id', 'permit (principal, action == Action::"execute", resource);'],
    [
      'an @id that is not a name',
      'annotation',
      1,
      'lower-case',
      '@id("Not A Name") permit (principal, action == Action::"execute", resource);',
    ],
    ['an @id twice in a file', 'annotation', 3, 'b.cedar:1', `${fine.replace('fine', 'b')}${fine.replace('fine', 'b')}`],
    ['an @id twice, in two files', 'annotation', 1, 'a.cedar:1', fine],
    [
      'an unknown annotation',
      'annotation',
      1,
      '@aprovals',
      '@id("b") @aprovals("2") permit (principal, action == Action::"request", resource);',
    ],
    [
      'no number of approvals',
      'annotation',
      1,
      '@approvals',
      '@id("b") @approvals("0") permit (principal, action == Action::"request", resource);',
    ],
    [
      'approvals without a value',
      'annotation',
      1,
      '@approvals',
      '@id("b") @approvals permit (principal, action == Action::"request", resource);',
    ],
    [
      'an empty group',
      'annotation',
      1,
      '@groups',
      '@id("b") @groups("approvers,") permit (principal, action == Action::"request", resource);',
    ],
    [
      'a duration in years',
      'annotation',
      1,
      '@expires',
      '@id("b") @expires("P1Y") permit (principal, action == Action::"request", resource);',
    ],
    [
      'a duration without a number',
      'annotation',
      1,
      '@expires',
      '@id("b") @expires("P1DT") permit (principal, action == Action::"request", resource);',
    ],
    [
      'a duration of nothing',
      'annotation',
      1,
      '@expires',
      '@id("b") @expires("PT0M") permit (principal, action == Action::"request", resource);',
    ],
    [
      'a duration over two weeks',
      'annotation',
      1,
      '@expires',
      '@id("b") @expires("P15D") permit (principal, action == Action::"request", resource);',
    ],
    [
      'voters that are not human',
      'annotation',
      1,
      '@voters',
      '@id("b") @voters("any") permit (principal, action == Action::"request", resource);',
    ],
    [
      'approvals for what runs without asking',
      'annotation',
      1,
      'request',
      '@id("b") @approvals("2") permit (principal, action in [Action::"execute", Action::"request"], resource);',
    ],
    ['advice on a permit', 'annotation', 1, '@advice', '@id("b") @advice("x") permit (principal, action == Action::"execute", resource);'],
    ['empty advice', 'annotation', 1, '@advice', '@id("b") @advice("") forbid (principal, action, resource);'],
    ['a byte order mark', 'syntax', 1, 'byte order mark', `\ufeff${fine.replace('fine', 'b')}`],
    [
      'brackets within brackets that Cedar cannot take',
      'syntax',
      2,
      'More than 60 brackets',
      `// one\n@id("b") forbid (principal, action, resource) when { ${'('.repeat(3000)}true${')'.repeat(3000)} };`,
    ],
    [
      'a chain that Cedar cannot take',
      'syntax',
      2,
      'chains more than 500',
      `// one\n@id("b") forbid (principal, action, resource) when { ${Array.from({ length: 5000 }, (_, n) => `context.type == "a${n}"`).join(' || ')} };`,
    ],
    ['a template', 'syntax', 2, 'template', '\n@id("b") permit (principal == ?principal, action, resource);'],
    [
      'a risk level that does not exist',
      'literal',
      1,
      'hihg',
      '@id("b") forbid (principal, action, resource) when { context.riskLevel == "hihg" };',
    ],
    [
      'a factor that does not exist',
      'literal',
      1,
      'grantAccess',
      '@id("b") forbid (principal, action, resource) when { context.factorCodes.contains("grantAccess") };',
    ],
    [
      'a factor that does not exist, among others',
      'literal',
      1,
      'runCode',
      '@id("b") forbid (principal, action, resource) when { context.factorCodes.containsAny(["grantsAccess", "runCode"]) };',
    ],
    [
      'an environment that does not exist',
      'literal',
      1,
      'prod',
      '@id("b") forbid (principal, action, resource) when { ["prod"].contains(context.environment) };',
    ],
    [
      'an action in capitals',
      'literal',
      1,
      'Microsoft',
      '@id("b") forbid (principal, action, resource) when { context.action like "Microsoft.Storage/*" };',
    ],
    [
      'a scope in capitals',
      'literal',
      1,
      'Groups',
      '@id("b") forbid (principal, action, resource in Scope::"/subscriptions/a/resourceGroups/b");',
    ],
    [
      'a pattern that no risk level fits',
      'literal',
      1,
      'hi\\*hg',
      '@id("b") forbid (principal, action, resource) when { context.riskLevel like "hi*hg" };',
    ],
    [
      'a pattern that no method fits',
      'literal',
      1,
      'delete.*',
      '@id("b") forbid (principal, action, resource) when { context.method like "Delete" };',
    ],
    [
      'a rank above all',
      'literal',
      1,
      'context.riskRank > 3',
      '@id("b") forbid (principal, action, resource) when { context.riskRank > 3 };',
    ],
    [
      'a rank that every risk has',
      'literal',
      1,
      '-1 < context.riskRank',
      '@id("b") permit (principal, action, resource) when { -1 < context.riskRank };',
    ],
    [
      'a scope with an empty segment',
      'literal',
      1,
      'subscriptions//',
      '@id("b") forbid (principal, action, resource in Scope::"/subscriptions//x");',
    ],
    [
      'a scope that is no id',
      'literal',
      1,
      'subscription/',
      '@id("b") forbid (principal, action, resource) when { resource in Scope::"/subscription/00000000-0000-0000-0000-000000000001" };',
    ],
    ['a tag name in capitals', 'literal', 1, 'Team', '@id("b") forbid (principal, action, resource) when { resource.hasTag("Team") };'],
  ])('%s', async (_, code, line, reason, text) => {
    const refusal = await refusalOf({ 'a.cedar': fine, 'b.cedar': text });
    expect(refusal).toMatchObject({ code, file: 'b.cedar', line });
    expect(refusal.reason).toMatch(new RegExp(reason));
  });

  it('a file whose ending is in capitals, which somebody will take for one in force', async () => {
    expect(await refusalOf({ 'a.cedar': fine, 'B.CEDAR': 'permit;' })).toMatchObject({ code: 'syntax', file: 'B.CEDAR', line: 1 });
  });

  it('a link to a file that is not there', async () => {
    const directory = await policyDirectory({ 'a.cedar': fine });
    await symlink(`${directory}/nowhere.cedar`, `${directory}/b.cedar`);
    await expect(loadPolicies(directory, { protectedScopes: [] })).rejects.toMatchObject({ code: 'files', file: 'b.cedar' });
  });

  it('a directory that is not there', async () => {
    await expect(loadPolicies('/nowhere/at/all', { protectedScopes: [] })).rejects.toMatchObject({ code: 'files' });
  });

  it('a directory without policy files', async () => {
    expect(await refusalOf({})).toMatchObject({ code: 'files' });
  });

  it('files with nothing but comments', async () => {
    expect(await refusalOf({ 'a.cedar': '// nothing yet\n' })).toMatchObject({ code: 'files', file: 'a.cedar' });
  });

  it('a file that is not UTF-8', async () => {
    const directory = await policyDirectory({ 'a.cedar': fine });
    await writeFile(`${directory}/b.cedar`, Uint8Array.of(0x2f, 0x2f, 0xff));
    await expect(loadPolicies(directory, { protectedScopes: [] })).rejects.toMatchObject({ code: 'files', file: 'b.cedar' });
  });

  it('a broken schema', async () => {
    expect(await refusalOf({ 'a.cedar': fine, 'schema.cedarschema': 'entity Agent;\nentity ;' })).toMatchObject({
      code: 'schema',
      file: 'schema.cedarschema',
      line: 2,
    });
  });

  it('a schema that demands what Countersign does not tell', async () => {
    const schema =
      'entity Agent, Person, Scope; action execute, request appliesTo { principal: Agent, resource: Scope, context: { mood: String } };';
    expect(await refusalOf({ 'a.cedar': fine, 'schema.cedarschema': schema })).toMatchObject({
      code: 'schema',
      file: 'schema.cedarschema',
    });
  });

  it.each(['/', '/subscriptions', '/Subscriptions/00000000-0000-0000-0000-000000000001', 'not an id'])(
    'the protected scope %s',
    async (scope) => {
      expect(await refusalOf({ 'a.cedar': fine }, [scope])).toMatchObject({ code: 'configuration' });
    },
  );
});

describe('the version', () => {
  const own = '/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/countersign';
  const versionOf = async (files: Readonly<Record<string, string>>, protectedScopes: readonly string[] = []) =>
    (await loadPolicies(await policyDirectory(files), { protectedScopes })).version;

  it('is the same for the same files', async () => {
    expect(await versionOf({ 'a.cedar': fine })).toBe(await versionOf({ 'a.cedar': fine }));
  });

  it.each([
    ['a byte', { 'a.cedar': `${fine}\n` }, []],
    ['a file name', { 'b.cedar': fine }, []],
    ['a protected scope', { 'a.cedar': fine }, [own]],
  ])('changes with %s', async (_, files, protectedScopes) => {
    expect(await versionOf(files, protectedScopes)).not.toBe(await versionOf({ 'a.cedar': fine }));
  });
});

describe('what is in force', () => {
  it('includes the files of folders', async () => {
    const forbid = '@id("never") forbid (principal in Group::"night-shift", action == Action::"approve", resource);';
    const engine = await loadPolicies(await policyDirectory({ 'a.cedar': fine, 'deep/er/b.cedar': forbid }), { protectedScopes: [] });
    expect(engine.groupFaults({ agentIds: [], agentNames: [], agentGroups: [], groups: [] })).toMatchObject([
      { file: 'deep/er/b.cedar', line: 1 },
    ]);
  });
});
