import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionOf } from '../../shared/domain/action.ts';
import { armMethods } from '../../shared/domain/arm-method.ts';
import { parseArmPath } from '../../shared/domain/arm-path.ts';
import { type ArmRequest, parseArmRequest } from '../../shared/domain/arm-request.ts';
import { type Environment, riskRank, type ScopeTags, type TargetFacts } from '../../shared/domain/assessment.ts';
import { instant } from '../../shared/domain/instant.ts';
import { isJsonObject, type JsonValue } from '../../shared/domain/json.ts';
import { assess, isHarmlessAnywhere } from '../../shared/domain/risk/assess.ts';
import { environmentOf } from '../../shared/domain/risk/environment.ts';
import { isEverybody, sourceOf } from '../../shared/domain/risk/networks.ts';
import { meaningOf } from '../../shared/domain/risk/verbs.ts';
import { caseOf, readCorpus } from '../domain/risk/corpus.ts';
import { unreadScripts } from '../support/unread-scripts.ts';
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

const isAction = (word: string) => meaningOf('microsoft.compute/virtualmachines', word.toLowerCase()) !== 'unknown';

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
      const elsewhere = assess(request, path, action, { ...read, scopes: [{ scope, tags: { env: 'dev' } }] }, unreadScripts);
      const scopesOfProduction = [
        { scope, tags: { env: 'dev' } },
        { scope: '/', tags: { env: 'prod' } },
      ];
      const production = assess(request, path, action, { ...read, scopes: scopesOfProduction }, unreadScripts);
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
          const bare = assess({ ...request, body: undefined, query: {}, headers: {} }, path, action, read, unreadScripts);
          const full = assess({ ...request, body, query: texts, headers: texts }, path, action, read, unreadScripts);
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
        const { level, factors } = assess(request, path, action, facts(read), unreadScripts);
        expect(factors.length).toBeGreaterThan(0);
        expect(riskRank(level)).toBe(Math.max(...factors.map((factor) => riskRank(factor.level))));
      }),
      runs,
    );
  });

  it('is high at least of a POST that ends in a name, whatever its words promise, and is what the action would be without the name', () => {
    const actions = ['listKeys', 'regenerateKey', 'checkAccess', 'listeners', 'restart', 'purge', 'arpTables', 'things'];
    const words = fc.constantFrom(...actions, 'cancel', 'query', 'primary', 'validate');
    const machine = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm';
    const judged = (path: string, read: readonly ScopeTags[]) => {
      const parsed = parseArmRequest({ method: 'POST', path, apiVersion: '2024-01-01', query: {}, headers: {}, body: undefined });
      return assess(parsed.request, parsed.path, actionOf('POST', parsed.path), facts(read), unreadScripts);
    };
    fc.assert(
      fc.property(words, words, scopes, (action, name, read) => {
        fc.pre(isAction(action) || isAction(name));
        const named = judged(`${machine}/${action}/${name}`, read);
        expect(riskRank(named.level)).toBeGreaterThanOrEqual(riskRank('high'));
        if (isAction(action)) expect(riskRank(named.level)).toBeGreaterThanOrEqual(riskRank(judged(`${machine}/${action}`, read).level));
      }),
      runs,
    );
  });

  it('is low, whatever was read, of what is harmless anywhere', () => {
    fc.assert(
      fc.property(fc.constantFrom(...cases), scopes, ({ request, path, action }, read) => {
        if (isHarmlessAnywhere(request, path, action)) expect(assess(request, path, action, facts(read), unreadScripts).level).toBe('low');
      }),
      runs,
    );
  });
});

/** A body with one of its properties given in another case. */
function recasedNames(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => recasedNames(item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name.startsWith('/') ? name : name.toUpperCase(), recasedNames(inner)]),
  );
}

describe('the corpus, disguised', () => {
  it('is judged the same where the names of properties are in other case', () => {
    for (const { request, path, action, facts: read } of cases) {
      if (request.body === undefined) continue;
      const plain = assess(request, path, action, read, unreadScripts);
      const disguised = assess({ ...request, body: recasedNames(request.body) }, path, action, read, unreadScripts);
      expect(disguised.factors.map(({ code, level }) => ({ code, level }))).toEqual(
        plain.factors.map(({ code, level }) => ({ code, level })),
      );
    }
  });

  it('is judged no milder where the body holds more than is known', () => {
    fc.assert(
      fc.property(fc.constantFrom(...cases.filter(({ request }) => isJsonObject(request.body))), jsonValues, (sample, extra) => {
        const { request, path, action, facts: read } = sample;
        const plain = assess(request, path, action, read, unreadScripts);
        const body = { ...(isJsonObject(request.body) ? request.body : {}), unheardOf: extra };
        expect(riskRank(assess({ ...request, body }, path, action, read, unreadScripts).level)).toBeGreaterThanOrEqual(
          riskRank(plain.level),
        );
      }),
      runs,
    );
  });
});

describe('every call', () => {
  const words = fc.stringMatching(/^[A-Za-z]{1,12}$/);
  const calls = fc.record({
    method: fc.constantFrom(...armMethods),
    type: words,
    verb: words,
    current: fc.option(jsonValues, { nil: undefined }),
    body: jsonValues,
  });

  it('is judged, whatever type, action, body and state it has; and what does something is never low', () => {
    fc.assert(
      fc.property(calls, ({ method, type, verb, current, body }) => {
        const path = parseArmPath(
          `/subscriptions/00000000-0000-0000-0000-000000000001/providers/Nova.Stars/${type}/x${method === 'POST' ? `/${verb}` : ''}`,
        );
        const action = actionOf(method, path);
        const request: ArmRequest = { kind: 'arm', method, path: path.folded, apiVersion: '2024-01-01', query: {}, headers: {}, body };
        const read = { ...facts([{ scope: path.resourceId, tags: { env: 'dev' } }]), ...(current === undefined ? {} : { current }) };
        const { level } = assess(request, path, action, read, unreadScripts);
        if (method === 'PUT' || method === 'PATCH') expect(riskRank(level)).toBeGreaterThanOrEqual(riskRank('medium'));
        if (method === 'DELETE') expect(riskRank(level)).toBeGreaterThanOrEqual(riskRank('high'));
      }),
      { ...runs, numRuns: 1_000 },
    );
  });
});

describe('sources of a rule', () => {
  const parts = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });

  it('are everybody in however many equal parts they are given', () => {
    for (const bits of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const prefixes = Array.from({ length: 2 ** bits }, (_, index) => `${index * 2 ** (8 - bits)}.0.0.0/${bits}`);
      expect(isEverybody(prefixes.map(sourceOf))).toBe(true);
    }
  });

  it('are not everybody where they are a few networks of at most a /16', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(parts, fc.integer({ min: 16, max: 32 })), { maxLength: 20 }), (networks) => {
        expect(isEverybody(networks.map(([address, length]) => sourceOf(`${address.join('.')}/${length}`)))).toBe(false);
      }),
      runs,
    );
  });

  it('are read or called odd, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:./-]{0,40}$/)), (text) => {
        expect(['ranges', 'share6', 'everybody', 'azure', 'named', 'odd']).toContain(sourceOf(text).kind);
      }),
      { ...runs, numRuns: 2_000 },
    );
  });
});
