import { describe, expect, it } from 'vitest';
import { actionOf } from '../../../../shared/domain/action.ts';
import { type ParsedArmRequest, parseArmRequest } from '../../../../shared/domain/arm-request.ts';
import { type Assessment, riskRank, type TargetFacts } from '../../../../shared/domain/assessment.ts';
import { isJsonObject, type JsonObject } from '../../../../shared/domain/json.ts';
import { assess } from '../../../../shared/domain/risk/assess.ts';
import { unreadScripts } from '../../../support/unread-scripts.ts';
import { type CorpusCase, caseOf, readCorpus } from '../corpus.ts';

/** Every write of the corpus of requests that a template into its group, or its subscription, could make. */
const writes = readCorpus()
  .flatMap(({ rows }) => rows)
  .flatMap((row): readonly (readonly [string, CorpusCase, JsonObject, string])[] => {
    const given = caseOf(row);
    const { request, path, facts } = given;
    const base = /^\/subscriptions\/[^/]+(?:\/resourceGroups\/[^/]+)?(?=\/providers\/)/i.exec(path.canonical)?.[0];
    const isWrite = request.method === 'PUT' && path.verb === undefined && facts.existence !== 'notRead';
    if (base === undefined || !isWrite || path.type.startsWith('microsoft.resources/deployment')) return [];
    return [[row.case, given, asResource(given, base), base]];
  });

function asResource({ request, path }: ParsedArmRequest, base: string): JsonObject {
  const at = path.canonical.lastIndexOf('/providers/');
  const holder = path.canonical.slice(0, at);
  const [namespace = '', ...segments] = path.canonical.slice(at + '/providers/'.length).split('/');
  const types = segments.filter((_, index) => index % 2 === 0);
  const names = segments.filter((_, index) => index % 2 === 1);
  return {
    ...(isJsonObject(request.body) ? request.body : {}),
    type: [namespace, ...types].join('/'),
    name: names.join('/'),
    apiVersion: request.apiVersion,
    ...(holder === base ? {} : { scope: holder }),
  };
}

/** The same write by a template, with what would be read of it, of its group and of its subscription. */
function byTemplate({ path, facts }: CorpusCase, resource: JsonObject, base: string): Assessment {
  const body = { properties: { mode: 'Incremental', template: { resources: [resource] } } };
  const at = `${base}/providers/Microsoft.Resources/deployments/release`;
  const carrier = parseArmRequest({ method: 'PUT', path: at, apiVersion: '2024-03-01', query: {}, headers: {}, body });
  const above = carrier.path.containers;
  const own = facts.scopes.find(({ scope }) => scope === path.resourceId);
  const target: TargetFacts = {
    existence: 'absent',
    scopes: [{ scope: carrier.path.resourceId, tags: {} }, ...facts.scopes.filter(({ scope }) => above.includes(scope))],
    readAt: facts.readAt,
    contents: [],
    carried: [
      {
        id: path.resourceId,
        existence: facts.existence === 'notRead' ? 'unreadable' : facts.existence,
        current: facts.current,
        tags: own?.tags,
      },
    ],
    ...(facts.locks === undefined ? {} : { locks: facts.locks }),
  };
  return assess(carrier.request, carrier.path, actionOf('PUT', carrier.path), target, unreadScripts);
}

describe('a resource in a template is judged no lower than as a call of its own', () => {
  it('of which there are many', () => {
    expect(writes.length).toBeGreaterThan(200);
  });

  it.each(writes)('%s', (_, given, resource, base) => {
    const { request, path, action, facts } = given;
    const byItself = assess(request, path, action, facts, unreadScripts);
    const inTemplate = byTemplate(given, resource, base);
    expect(riskRank(inTemplate.level)).toBeGreaterThanOrEqual(riskRank(byItself.level));
    const codes = inTemplate.factors.map(({ code }) => code);
    expect(byItself.factors.map(({ code }) => code).filter((code) => !codes.includes(code))).toEqual([]);
    if (byItself.environment === 'production') expect(inTemplate.environment).toBe('production');
  });
});
