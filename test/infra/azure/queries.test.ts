import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { metrics } from '../../../shared/domain/measurement.ts';
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

describe.each(queries)('the alert $name', ({ name, text }) => {
  it('looks for what the code says, word for word', () => {
    const literals = [...text.matchAll(/"([^"]+)"/g)]
      .map(([, literal = '']) => literal)
      .filter((literal) => !literal.startsWith('countersign.'));
    expect(literals).not.toEqual([]);
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
    expect(JSON.stringify(valueAt(rule?.body, 'properties', 'criteria'))).toContain(JSON.stringify(text).slice(1, -1));
    expect(JSON.stringify(valueAt(rule?.body, 'properties', 'actions'))).toContain('/actionGroups/ag-');
    expect(readFileSync(`${azureDirectory}/operations.md`, 'utf8')).toContain(`### ${name}`);
  });
});

describe('alerts', () => {
  it('ring for dead letters and health without any help of the apps', () => {
    const rules = deployed().resources.filter(({ type }) => type.startsWith('Microsoft.Insights/metricAlerts@'));
    expect(rules.map(({ body }) => asText(body['name']))).toEqual([
      'countersign-dead-letters',
      'countersign-health-0',
      'countersign-health-1',
      'countersign-health-2',
    ]);
    const guide = readFileSync(`${azureDirectory}/operations.md`, 'utf8');
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
