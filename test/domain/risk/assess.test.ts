import { describe, expect, it } from 'vitest';
import type { TargetFacts } from '../../../shared/domain/assessment.ts';
import { assess, isHarmlessAnywhere } from '../../../shared/domain/risk/assess.ts';
import { riskRules } from '../../../shared/domain/risk/tables.ts';
import { unreadScripts } from '../../support/unread-scripts.ts';
import { caseOf, readCorpus } from './corpus.ts';

const corpus = readCorpus();
const rows = corpus.flatMap((file) => file.rows);

describe.each(corpus.map(({ file, rows: of }) => [file, of] as const))('%s', (_, of) => {
  it.each(of.map((row) => [row.call, row.case, row] as const))('%s: %s', (_call, _case, row) => {
    const { request, path, action, facts } = caseOf(row);
    const { level, factors } = assess(request, path, action, facts, unreadScripts);
    expect({ level, factors: factors.map(({ code }) => code) }).toEqual({ level: row.level, factors: row.factors });
  });
});

describe('the corpus', () => {
  it('has at least four hundred rows, each of its own', () => {
    const distinct = new Set(rows.map((row) => JSON.stringify({ ...row, case: '' })));
    expect(rows.length).toBeGreaterThanOrEqual(400);
    expect(distinct.size).toBe(rows.length);
  });

  it('meets every rule of the table', () => {
    expect(riskRules.map(({ code }) => code).filter((code) => !rows.some((row) => row.factors.includes(code)))).toEqual([]);
  });
});

describe('an assessment', () => {
  const row = rows.find(({ call, level }) => level === 'critical' && call.startsWith('DELETE {rg}/Microsoft.Sql/servers/s/databases/d'));
  if (row === undefined) throw new RangeError('the corpus has a database in production');
  const { request, path, action, facts } = caseOf(row);

  it('says what each factor was seen in', () => {
    expect(assess(request, path, action, facts, unreadScripts)).toMatchObject({
      level: 'critical',
      environment: 'production',
      factors: [
        { code: 'deletesResource', level: 'high', evidence: 'DELETE microsoft.sql/servers/databases/delete' },
        { code: 'destroysData', level: 'high' },
        { code: 'destroysIrreplaceable', level: 'critical' },
        {
          code: 'touchesProduction',
          level: 'high',
          evidence: 'environment=prod on /subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg',
        },
      ],
    });
  });

  it('is the same for the same input, and leaves the input as it was', () => {
    const before = structuredClone({ request, path, facts });
    expect(assess(request, path, action, facts, unreadScripts)).toEqual(
      assess(request, path, action, structuredClone(facts), unreadScripts),
    );
    expect({ request, path, facts }).toEqual(before);
  });
});

describe('nothing in the request lowers the environment', () => {
  const facts: TargetFacts = { ...caseOf({ case: '', call: 'GET {group}', level: 'low', factors: ['x'] }).facts, scopes: [] };
  it.each([
    { tags: { environment: 'dev' } },
    { properties: { environment: 'dev', tags: { environment: 'dev' } } },
    { environment: 'nonProduction' },
  ])('%j', (body) => {
    const { request, path, action } = caseOf({
      case: '',
      call: 'PUT {rg}/Microsoft.Compute/virtualMachines/vm-dev',
      body,
      level: 'high',
      factors: ['x'],
    });
    expect(assess({ ...request, query: { environment: 'dev' } }, path, action, facts, unreadScripts).environment).toBe('production');
  });

  it('nor does a name that says dev', () => {
    const { request, path, action } = caseOf({
      case: '',
      call: 'DELETE {rg}/Microsoft.Sql/servers/sql-dev',
      level: 'high',
      factors: ['x'],
    });
    expect(assess(request, path, action, facts, unreadScripts).level).toBe('critical');
  });
});

describe('a call is judged without reading its target only where it is harmless anywhere', () => {
  it.each(rows.map((row) => [row.call, row.case, row] as const))('%s: %s', (_call, _case, row) => {
    const { request, path, action } = caseOf(row);
    expect(isHarmlessAnywhere(request, path, action)).toBe(row.level === 'low');
  });
});
