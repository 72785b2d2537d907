import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { metrics } from '../../../shared/domain/measurement.ts';
import { guidOf } from '../../support/bicep/bicep-functions.ts';
import { asText, valueAt } from '../../support/bicep/bicep-value.ts';
import { azureDirectory, deployed } from './deployed.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const queries = readdirSync(`${azureDirectory}/queries`).map((name) => ({
  name: name.replace('.kql', ''),
  text: readFileSync(`${azureDirectory}/queries/${name}`, 'utf8'),
}));
const sources = ['shared', 'functions'].flatMap((folder) =>
  readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(`${root}/${folder}/${name}`, 'utf8')),
);

/** What writes to a table or away from it, by its whole name. Source: learn.microsoft.com/rest/api/storageservices/storage-analytics-logged-operations-and-status-messages. */
const writing = [
  'InsertEntity',
  'UpdateEntity',
  'MergeEntity',
  'DeleteEntity',
  'InsertOrMergeEntity',
  'InsertOrReplaceEntity',
  'EntityGroupTransaction',
  'DeleteTable',
];

/** Words of Azure's own logs, which no code of ours says. Source: learn.microsoft.com/azure/azure-monitor/reference/tables/storagetablelogs. */
const ofAzure = ['OAuth', ...writing];

const guide = readFileSync(`${azureDirectory}/operations.md`, 'utf8');
const withThoseOfTheGuide = [
  ...queries,
  ...[...guide.matchAll(/```kusto\n([\s\S]*?)```/g)].map(([, text = ''], i) => ({ name: `${i + 1} of operations.md`, text })),
];

describe.each(withThoseOfTheGuide)('the query $name', ({ text }) => {
  it('looks for no part of a name: `has` finds whole terms, and the name of an operation is one', () => {
    expect(text.match(/\bOperationName\w*\s+!?(?:has|startswith|endswith|contains)\w*/gi)).toBeNull();
  });

  it('asks for every operation of Table Storage that writes', () => {
    const asked = [...text.matchAll(/OperationName in~ \(([^)]*)\)/g)].map(([, names = '']) => names.replaceAll(/["\s]/g, '').split(','));
    expect(asked).toEqual(text.startsWith('StorageTableLogs') || text.includes('\nStorageTableLogs') ? [writing] : []);
  });
});

describe.each(queries)('the alert $name', ({ name, text }) => {
  it('looks for what the code says, word for word', () => {
    const literals = [...text.matchAll(/"([^"]+)"/g)]
      .map(([, literal = '']) => literal)
      .filter((literal) => !literal.startsWith('countersign.') && !ofAzure.includes(literal) && literal !== '{writers}');
    expect(literals.length > 0).toBe(name !== 'strangers-write');
    expect(literals.filter((literal) => !sources.some((source) => source.includes(`'${literal}'`)))).toEqual([]);
  });

  it('asks for metrics that there are', () => {
    const named = [...text.matchAll(/Name == "([^"]+)"/g)].map(([, metric = '']) => metric);
    expect(named.filter((metric) => !Object.hasOwn(metrics, metric))).toEqual([]);
  });

  it('is a rule that somebody is told of, and explained to those who are', () => {
    const rule = deployed({ alertEmails: ['ops@example.com'] }).resources.find(({ id }) =>
      id.endsWith(`/scheduledQueryRules/countersign-${name}`),
    );
    const [before = '', after = ''] = text.split('{writers}').map((part) => JSON.stringify(part).slice(1, -1));
    const criteria = JSON.stringify(valueAt(rule?.body, 'properties', 'criteria'));
    expect([criteria.includes(before), criteria.includes(after)]).toEqual([true, true]);
    expect(JSON.stringify(valueAt(rule?.body, 'properties', 'actions'))).toContain('/actionGroups/ag-');
    expect(guide).toContain(`### ${name}`);
  });
});

describe('alerts', () => {
  it.each([
    ['separate', ['edge', 'approvals', 'executor']],
    ['single', ['executor']],
  ])('ring for every writer but those that the layout %s has', (layout, writers) => {
    const { resources } = deployed({ layout });
    const rule = resources.find(({ id }) => id.endsWith('/scheduledQueryRules/countersign-strangers-write'));
    const query = JSON.stringify(valueAt(rule?.body, 'properties', 'criteria'));
    const listed = /!in \(([^)]*)\)/
      .exec(query)?.[1]
      ?.replaceAll(/["\\ ]/g, '')
      .split(',');
    const ids = writers.map((name) => resources.find(({ id }) => id.includes('/userAssignedIdentities/') && id.endsWith(`-${name}`))?.id);
    expect(listed).toEqual(ids.map((id) => guidOf(id ?? '', 'principal')));
  });

  it('ring for dead letters and health without any help of the apps', () => {
    const rules = deployed().resources.filter(({ type }) => type.startsWith('Microsoft.Insights/metricAlerts@'));
    expect(rules.map(({ body }) => asText(body['name']))).toEqual([
      'countersign-dead-letters',
      'countersign-health-0',
      'countersign-health-1',
      'countersign-health-2',
    ]);
    expect(['### dead-letters', '### health'].filter((heading) => !guide.includes(heading))).toEqual([]);
  });

  it('ask each app for its health where it can be asked', () => {
    const tests = deployed().resources.filter(({ type }) => type.startsWith('Microsoft.Insights/webtests@'));
    expect(tests.map(({ body }) => valueAt(body, 'properties', 'Request', 'RequestUrl'))).toEqual([
      expect.stringMatching(/-edge\.azurewebsites\.net\/api\/health$/),
      expect.stringMatching(/-approvals\.azurewebsites\.net\/api\/health$/),
      expect.stringMatching(/-executor\.azurewebsites\.net\/api\/health$/),
    ]);
  });
});
