import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPolicies } from '../../../shared/adapters/cedar/load-policies.ts';
import { policyDirectory } from './policy-directory.ts';
import { agentIn, question, subscription } from './questions.ts';

async function engineOf(...policies: readonly string[]) {
  return loadPolicies(await policyDirectory({ 'p.cedar': policies.join('\n') }), { protectedScopes: [] });
}

const storage = `${subscription}/resourceGroups/rg-dev/providers/Microsoft.Storage/storageAccounts/stdevdata`;
const write = question({ call: `PUT ${storage}`, level: 'medium' });
const permitExecute = '@id("may-execute") permit (principal, action == Action::"execute", resource);';

describe('a denial', () => {
  it('is the answer where no policy matches', async () => {
    const engine = await engineOf(
      '@id("elsewhere") permit (principal, action, resource in Scope::"/subscriptions/00000000-0000-0000-0000-000000000002");',
    );
    expect(engine.decide(write)).toEqual({
      outcome: 'deny',
      reasons: ['No policy permits this.'],
      policies: [{ id: 'built-in.default-deny', advice: 'No policy permits this.' }],
      policyVersion: engine.version,
    });
  });

  it('wins over a permit, and gives its advice, else its id', async () => {
    const engine = await engineOf(
      permitExecute,
      '@id("no-writes") forbid (principal, action, resource) when { context.method == "PUT" };',
      '@id("ask-first") @advice("Ask Ada.") forbid (principal, action, resource) when { context.riskRank >= 1 };',
    );
    expect(engine.decide(write)).toMatchObject({ outcome: 'deny', reasons: ['no-writes', 'Ask Ada.'] });
  });

  it('is not explained by what forbids only to run without asking, where asking is forbidden, too', async () => {
    const engine = await engineOf(
      permitExecute,
      '@id("ask-first") forbid (principal, action == Action::"execute", resource);',
      '@id("never") @advice("Never.") forbid (principal, action, resource);',
    );
    expect(engine.decide(write)).toMatchObject({ outcome: 'deny', policies: [{ id: 'never', advice: 'Never.' }] });
  });

  it('names each policy that forbids, with its advice', async () => {
    const engine = await engineOf(
      permitExecute,
      '@id("no-writes") forbid (principal, action, resource) when { context.method == "PUT" };',
      '@id("ask-first") @advice("Ask Ada.") forbid (principal, action, resource) when { context.riskRank >= 1 };',
    );
    expect(engine.decide(write).policies).toEqual([{ id: 'no-writes' }, { id: 'ask-first', advice: 'Ask Ada.' }]);
  });

  it('gives its reasons in the order of the files, however many there are', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `forbid-${index}`);
    const engine = await engineOf(...ids.map((id) => `@id("${id}") forbid (principal, action, resource);`));
    expect(engine.decide(write).reasons).toEqual(ids);
  });

  it('by a group of actions holds for each of them', async () => {
    const directory = await policyDirectory({
      'p.cedar': `${permitExecute} @id("no-effects") forbid (principal, action in Action::"effects", resource);`,
    });
    const schema = join(directory, 'schema.cedarschema');
    const grouped = (await readFile(schema, 'utf8')).replace(
      'action execute, request, reveal',
      'action effects; action execute, request, reveal in [effects]',
    );
    await writeFile(schema, grouped);
    const engine = await loadPolicies(directory, { protectedScopes: [] });
    expect(engine.decide(write)).toMatchObject({ outcome: 'deny', reasons: ['no-effects'] });
  });

  it('is the answer where a forbid cannot be evaluated', async () => {
    const overflow = '@id("faulty") forbid (principal, action, resource) when { context.time + 9223372036854775807 > 0 };';
    const decision = (await engineOf(permitExecute, overflow)).decide(write);
    expect(decision.outcome).toBe('deny');
    expect(decision.reasons[0]).toContain('Faulty: faulty.');
  });

  it('is the answer where the question itself is odd', async () => {
    const engine = await engineOf(permitExecute);
    const odd = { ...write, assessment: { ...write.assessment, level: JSON.parse('7') } };
    expect(engine.decide(odd)).toMatchObject({ outcome: 'deny', reasons: [expect.stringContaining('could not be evaluated')] });
  });

  it('is the answer where a policy needs tags that could not be read', async () => {
    const engine = await engineOf(permitExecute, '@id("tagged") forbid (principal, action, resource) when { resource.hasTag("keep") };');
    const scopes = [{ scope: storage.toLowerCase(), tags: undefined }];
    expect(engine.decide(question({ call: `PUT ${storage}`, scopes }))).toMatchObject({
      outcome: 'deny',
      reasons: [expect.stringContaining('tags')],
    });
  });
});

describe('tags', () => {
  it('are those of the target, under lower-case names', async () => {
    const engine = await engineOf(
      permitExecute,
      '@id("kept") forbid (principal, action, resource) when { resource.hasTag("keep") && resource.getTag("keep") == "Yes" };',
    );
    const tagged = (keep: string) => [{ scope: storage.toLowerCase(), tags: { Keep: keep } }];
    expect(engine.decide(question({ call: `PUT ${storage}`, scopes: tagged('Yes') }))).toMatchObject({
      outcome: 'deny',
      reasons: ['kept'],
    });
    expect(engine.decide(question({ call: `PUT ${storage}`, scopes: tagged('no') }))).toMatchObject({ outcome: 'allow' });
  });
});

describe('scopes', () => {
  it.each([
    [`${subscription}/resourcegroups/rg-dev`, 'allow'],
    [subscription, 'allow'],
    ['/', 'allow'],
    [`${subscription}/resourcegroups/rg-de`, 'deny'],
    [`${subscription}/resourcegroups/rg-prod`, 'deny'],
  ])('a permit in %s: %s', async (scope, outcome) => {
    const engine = await engineOf(`@id("scoped") permit (principal, action == Action::"execute", resource in Scope::"${scope}");`);
    expect(engine.decide(write).outcome).toBe(outcome);
  });
});

describe('asking people', () => {
  it('has defaults', async () => {
    const engine = await engineOf('@id("ask") permit (principal, action == Action::"request", resource);');
    expect(engine.decide(write)).toEqual({
      outcome: 'requireApproval',
      reasons: ['ask'],
      policies: [{ id: 'ask' }],
      policyVersion: engine.version,
      requirements: { required: 1, groups: ['approvers'], expiresInMs: 14_400_000, voters: 'human' },
    });
  });

  it('combines several policies to the strictest', async () => {
    const engine = await engineOf(
      '@id("a") @approvals("2") @groups("approvers, security") @expires("P1DT2H30M") permit (principal, action == Action::"request", resource);',
      '@id("b") @groups("security") @expires("PT29M60S") @voters("human") permit (principal, action == Action::"request", resource);',
    );
    expect(engine.decide(write)).toMatchObject({
      outcome: 'requireApproval',
      reasons: ['a', 'b'],
      requirements: { required: 2, groups: ['security'], expiresInMs: 1_800_000 },
    });
  });

  it('is what is left where only running at once is forbidden', async () => {
    const engine = await engineOf(
      permitExecute,
      '@id("never-alone") forbid (principal, action == Action::"execute", resource);',
      '@id("ask") permit (principal, action == Action::"request", resource);',
    );
    expect(engine.decide(write)).toMatchObject({ outcome: 'requireApproval', reasons: ['ask'] });
  });

  it('is not needed where the agent may run it', async () => {
    const engine = await engineOf(permitExecute, '@id("ask") permit (principal, action == Action::"request", resource);');
    expect(engine.decide({ ...write, agent: agentIn() })).toMatchObject({ outcome: 'allow', reasons: ['may-execute'] });
  });
});

describe('two engines', () => {
  it('do not mix', async () => {
    const strict = await engineOf('@id("x") forbid (principal, action, resource);');
    const lax = await engineOf(permitExecute);
    expect([strict.decide(write).outcome, lax.decide(write).outcome]).toEqual(['deny', 'allow']);
  });
});
