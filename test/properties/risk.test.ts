import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Environment, riskRank, type ScopeTags, type TargetFacts } from '../../shared/domain/assessment.ts';
import { instant } from '../../shared/domain/instant.ts';
import { assess, isHarmlessAnywhere } from '../../shared/domain/risk/assess.ts';
import { environmentOf } from '../../shared/domain/risk/environment.ts';
import { caseOf, readCorpus } from '../domain/risk/corpus.ts';
import { jsonValues } from './json-values.ts';
import { runs } from './runs.ts';

const cases = readCorpus().flatMap(({ rows }) => rows.map(caseOf));
const rank: Record<Environment, number> = { nonProduction: 0, production: 1 };

const tags = fc.dictionary(fc.constantFrom('environment', 'Env', 'owner', 'env'), fc.constantFrom('dev', 'prod', 'QA', '', 'blue'), {
  noNullPrototype: true,
});
const scopes: fc.Arbitrary<ScopeTags[]> = fc.array(fc.record({ scope: fc.constant('/x'), tags: fc.option(tags, { nil: undefined }) }), {
  maxLength: 4,
});

function facts(of: readonly ScopeTags[]): TargetFacts {
  return { existence: 'present', scopes: of, readAt: instant('2026-11-21T20:12:00.000Z') };
}

describe('the environment', () => {
  it('is not lowered by anything else that is read, where some scope had spoken', () => {
    fc.assert(
      fc.property(scopes, scopes, (read, more) => {
        const spoke = read.some(
          (scope) => scope.tags === undefined || Object.keys(scope.tags).some((name) => name.toLowerCase().startsWith('env')),
        );
        if (spoke)
          expect(rank[environmentOf(facts([...read, ...more])).environment]).toBeGreaterThanOrEqual(
            rank[environmentOf(facts(read)).environment],
          );
      }),
      runs,
    );
  });

  it('does not depend on the order of the scopes', () => {
    fc.assert(
      fc.property(scopes, (read) => {
        expect(environmentOf(facts(read.toReversed())).environment).toBe(environmentOf(facts(read)).environment);
      }),
      runs,
    );
  });
});

describe('an assessment', () => {
  it('is never lower in production than elsewhere', () => {
    for (const { request, path, action, facts: read } of cases) {
      const scope = path.resourceId;
      const elsewhere = assess(request, path, action, { ...read, scopes: [{ scope, tags: { env: 'dev' } }] });
      const production = assess(request, path, action, {
        ...read,
        scopes: [
          { scope, tags: { env: 'dev' } },
          { scope: '/', tags: { env: 'prod' } },
        ],
      });
      expect(riskRank(production.level)).toBeGreaterThanOrEqual(riskRank(elsewhere.level));
    }
  });

  it('is not lowered by any body, query or header, but to what it is without them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...cases),
        jsonValues,
        fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
        (sample, body, texts) => {
          const { request, path, action, facts: read } = sample;
          const bare = assess({ ...request, body: undefined, query: {}, headers: {} }, path, action, read);
          const full = assess({ ...request, body, query: texts, headers: texts }, path, action, read);
          expect(full.environment).toBe(bare.environment);
          if (request.method !== 'PUT') expect(riskRank(full.level)).toBeGreaterThanOrEqual(riskRank(bare.level));
        },
      ),
      runs,
    );
  });

  it('always has a factor, and is as bad as its worst', () => {
    fc.assert(
      fc.property(fc.constantFrom(...cases), scopes, ({ request, path, action }, read) => {
        const { level, factors } = assess(request, path, action, facts(read));
        expect(factors.length).toBeGreaterThan(0);
        expect(riskRank(level)).toBe(Math.max(...factors.map((factor) => riskRank(factor.level))));
      }),
      runs,
    );
  });

  it('is low, whatever was read, of what is harmless anywhere', () => {
    fc.assert(
      fc.property(fc.constantFrom(...cases), scopes, ({ request, path, action }, read) => {
        if (isHarmlessAnywhere(request, path, action)) expect(assess(request, path, action, facts(read)).level).toBe('low');
      }),
      runs,
    );
  });
});
