import { describe, expect, it } from 'vitest';
import type { ScopeTags, TargetFacts } from '../../../shared/domain/assessment.ts';
import { instant } from '../../../shared/domain/instant.ts';
import { environmentOf, isEnvironmentTag, mayBeProduction } from '../../../shared/domain/risk/environment.ts';

type Tags = ScopeTags['tags'];

function environmentWith(...tags: readonly Tags[]) {
  const names = ['resource', 'group', 'subscription'];
  const facts: TargetFacts = {
    existence: 'present',
    scopes: tags.map((of, index) => ({ scope: names[index] ?? '', tags: of })),
    readAt: instant('2026-11-21T20:12:00.000Z'),
  };
  return environmentOf(facts);
}

describe('it is production', () => {
  it.each<[string, readonly Tags[], string]>([
    ['where nothing was read', [], 'no scope carries an environment tag'],
    ['where no scope says anything', [{}, {}, {}], 'no scope carries an environment tag'],
    ['where only other tags are there', [{ owner: 'x', stage: 'dev' }, {}, {}], 'no scope carries an environment tag'],
    [
      'where the resource says so, whatever the others say',
      [{ environment: 'prod' }, { env: 'dev' }, { env: 'dev' }],
      'environment=prod on resource',
    ],
    ['where the group says so', [{ env: 'dev' }, { env: 'prd' }, { env: 'dev' }], 'env=prd on group'],
    [
      'where the subscription says so',
      [{ env: 'dev' }, { env: 'dev' }, { Environment: 'Production' }],
      'Environment=Production on subscription',
    ],
    ['where one scope says both', [{ env: 'dev', environment: 'prod' }], 'environment=prod on resource'],
    ['where one scope says both in two cases', [{ ENV: 'dev', env: 'prod' }], 'env=prod on resource'],
    ['where the word is unknown', [{ env: 'blue' }], 'env=blue on resource'],
    ['where the word only begins as a known one', [{ env: 'dev-and-prod' }], 'env=dev-and-prod on resource'],
    ['where the word is empty', [{ env: '' }, { env: 'dev' }], 'env= on resource'],
    ['where the word looks like a known one', [{ env: 'd\u0435v' }], 'env=d\u0435v on resource'],
    ['where the resource could not be read', [undefined, { env: 'dev' }, { env: 'dev' }], 'the tags of resource could not be read'],
    ['where the group could not be read', [{ env: 'dev' }, undefined, { env: 'dev' }], 'the tags of group could not be read'],
    ['where the subscription could not be read', [{ env: 'dev' }, { env: 'dev' }, undefined], 'the tags of subscription could not be read'],
  ])('%s', (_, tags, evidence) => {
    expect(environmentWith(...tags)).toEqual({ environment: 'production', evidence });
  });
});

describe('it is not production', () => {
  it.each<[string, readonly Tags[], string]>([
    ['where the resource says so and nobody else says anything', [{ environment: 'dev' }, {}, {}], 'environment=dev on resource'],
    ['where only the group says so', [{}, { env: 'Sandbox' }, {}], 'env=Sandbox on group'],
    ['where all say so, in different words', [{ env: 'qa' }, { ENVIRONMENT: ' UAT ' }, { env: 'test' }], 'env=qa on resource'],
  ])('%s', (_, tags, evidence) => {
    expect(environmentWith(...tags)).toEqual({ environment: 'nonProduction', evidence });
  });
});

it('the tags that say it are environment and env, in any case', () => {
  expect(['environment', 'Env', 'ENVIRONMENT'].filter(isEnvironmentTag)).toHaveLength(3);
  expect(['environments', 'env ', 'stage', ''].filter(isEnvironmentTag)).toEqual([]);
});

describe('what a group holds', () => {
  const facts = (...contents: readonly Record<string, string>[]): TargetFacts => ({
    existence: 'present',
    scopes: [{ scope: 'group', tags: { env: 'dev' } }],
    readAt: instant('2026-11-21T20:12:00.000Z'),
    contents: contents.map((tags, index) => ({ id: `resource ${index}`, tags })),
  });

  it('makes the group production where one of it is', () => {
    expect(environmentOf(facts({ env: 'dev' }, { env: 'prod' }))).toEqual({
      environment: 'production',
      evidence: 'env=prod on resource 1',
    });
  });

  it('says nothing where it has no such tag, and lowers nothing', () => {
    expect(environmentOf(facts({}, { env: 'dev' })).environment).toBe('nonProduction');
    expect(environmentOf({ ...facts({ env: 'dev' }), scopes: [] }).environment).toBe('production');
  });
});

it.each([
  [undefined, true],
  [{ env: 'prod' }, true],
  [{ env: 'blue' }, true],
  [{ env: 'dev' }, false],
  [{}, false],
])('%j may be production: %s', (tags, expected) => {
  expect(mayBeProduction(tags)).toBe(expected);
});
